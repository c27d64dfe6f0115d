"""Pathways as rows: who writes, publishes and takes back, and the pages for it."""

from __future__ import annotations

import pytest
from django.urls import reverse

from employers.models import Sector
from hubs.domain.staff import sync_staff
from hubs.errors import CannotAct, CannotBegin, CannotMove, Refused
from hubs.models import LogEntry
from opportunities.domain import library, pathways
from opportunities.models import Opportunity, Pathway
from opportunities.rules_pathways import cannot_be_walked
from tests import scenes
from tests.cast import actor


@pytest.fixture
def kinds(cast):
    made = {}
    for code, name, hours, tier in (("talk", "Talk", 1, "T0"), ("visit", "Visit", 2, "T2"), ("week", "Week", 25, "T3")):
        made[code] = scenes.encounter_type(cast.hub, code, name=name, hours=hours, tier=tier)
    return made


def lead(cast):
    return actor(cast.employer_lead, cast.hub, cast.employer)


def written(cast, kinds, now, *codes, **fields) -> Pathway:
    steps = [{"encounter_type": kinds[code]} for code in codes or ("talk", "visit", "week")]
    return pathways.write_pathway(
        cast.employer, {"name": "Towards engineering", **fields}, steps, by=lead(cast), now=now
    )


def test_an_employer_writes_publishes_and_takes_back(cast, kinds, now):
    row = written(cast, kinds, now)
    assert ([one.encounter_type.code for one in row.steps.all()], list(row.employers.all())) == (
        ["talk", "visit", "week"], [cast.employer],
    )  # fmt: skip
    assert not Pathway.objects.visible_to(cast.coordinator).exists()
    pathways.publish_pathway(row, by=lead(cast), now=now)
    assert Pathway.objects.visible_to(cast.coordinator).get() == row
    pathways.take_back_pathway(row, by=lead(cast), now=now)
    assert [one.verb for one in LogEntry.objects.filter(subject_type="opportunities.pathway").order_by("pk")] == [
        "added", "published", "draft",
    ]  # fmt: skip
    with pytest.raises(CannotMove):
        pathways.take_back_pathway(row, by=lead(cast), now=now)


@pytest.mark.parametrize("persona", ["employer_member", "other_lead", "coordinator", "ben"])
def test_nobody_else_writes_or_publishes(cast, kinds, now, persona):
    row = written(cast, kinds, now)
    organisations = {"employer_member": cast.employer, "other_lead": cast.other_employer, "coordinator": cast.school}
    by = actor(getattr(cast, persona), cast.hub, organisations.get(persona))
    with pytest.raises(CannotAct):
        pathways.publish_pathway(row, by=by, now=now)
    with pytest.raises(CannotAct):
        pathways.change_pathway(row, {"name": "x"}, [], by=by, now=now)
    with pytest.raises(CannotAct):
        pathways.write_pathway(cast.employer, {"name": "x"}, [], by=by, now=now)


@pytest.mark.parametrize(
    ("codes", "said"),
    [
        ((), "A pathway needs at least one step."),
        (("visit", "week"), "Step 2, Week: 2 shorter encounters have to come before days without school staff"),
    ],
)
def test_what_nobody_could_walk_is_not_published(cast, kinds, now, codes, said):
    row = pathways.write_pathway(
        cast.employer, {"name": "Short"}, [{"encounter_type": kinds[one]} for one in codes], by=lead(cast), now=now
    )
    with pytest.raises(CannotBegin, match=said):
        pathways.publish_pathway(row, by=lead(cast), now=now)


def test_a_step_in_the_sector_of_the_last_is_not_published(cast, kinds, now):
    law = Sector.objects.create(code="law", name="Law", isic_section="M")
    steps = [{"encounter_type": kinds["talk"], "sector": law}, {"encounter_type": kinds["visit"], "sector": law}]
    row = pathways.write_pathway(cast.employer, {"name": "Law"}, steps, by=lead(cast), now=now)
    with pytest.raises(CannotBegin, match="Step 2, Visit: Law was a sector of the last 2 encounters"):
        pathways.publish_pathway(row, by=lead(cast), now=now)
    pathways.change_pathway(row, {"other_sector": 0}, steps, by=lead(cast), now=now)
    pathways.publish_pathway(row, by=lead(cast), now=now)


def test_what_schools_see_is_not_changed_and_names_are_not_taken_twice(cast, kinds, now):
    row = written(cast, kinds, now)
    with pytest.raises(Refused, match="already"):
        written(cast, kinds, now)
    other = scenes.encounter_type(cast.hub_b, "talk")
    with pytest.raises(Refused, match="from the list"):
        pathways.change_pathway(row, {}, [{"encounter_type": other}], by=lead(cast), now=now)
    pathways.publish_pathway(row, by=lead(cast), now=now)
    with pytest.raises(Refused, match="Take it back"):
        pathways.change_pathway(row, {"name": "x"}, [], by=lead(cast), now=now)


def test_pages_of_the_employer_write_and_publish(client, cast, kinds, now):
    client.force_login(cast.employer_lead)
    empty = client.get(reverse("employer-pathways"))
    assert "say what leads to what" in empty.content.decode()
    shown = client.get(reverse("employer-pathway-new"))
    assert len(shown.context["rows"].forms) == 3
    given = {"name": "Towards engineering", "shorter_first": 2, "other_sector": 0, "steps-TOTAL_FORMS": 4,
             "steps-INITIAL_FORMS": 0}  # fmt: skip
    bad = client.post(reverse("employer-pathway-new"), given | {"steps-0-year_number": "x"})
    assert (bad.status_code, Pathway.objects.count()) == (200, 0)
    chosen = {f"steps-{n}-encounter_type": kinds[code].pk for n, code in ((0, "talk"), (2, "visit"), (3, "week"))}
    made = client.post(reverse("employer-pathway-new"), given | chosen | {"steps-3-year_number": 10})
    row = Pathway.objects.get()
    assert made.url == reverse("employer-pathway", args=[row.pk])
    assert list(row.steps.values_list("encounter_type__code", "year_number")) == [
        ("talk", None), ("visit", None), ("week", 10),
    ]  # fmt: skip
    edited = client.get(reverse("employer-pathway-edit", args=[row.pk]))
    assert (len(edited.context["rows"].forms), edited.context["form"]["name"].value()) == (6, "Towards engineering")
    client.post(reverse("employer-pathway-verb", args=[row.pk, "publish"]))
    row.refresh_from_db()
    assert row.state == "published"
    refused = client.post(reverse("employer-pathway-edit", args=[row.pk]), given | chosen)
    assert "Take it back, then change it" in refused.content.decode()
    assert client.post(reverse("employer-pathway-verb", args=[row.pk, "burn"])).status_code == 404


def as_shown(page) -> dict:
    """What a browser sends when nothing was touched."""
    form, rows = page.context["form"], page.context["rows"]
    fields = [*form, *rows.management_form, *(field for row in rows for field in row)]
    return {one.html_name: "" if one.value() is None else getattr(one.value(), "pk", one.value()) for one in fields}


@pytest.fixture
def with_more(cast, kinds, now):
    """A pathway of which the hub said more than its employer's page shows; a type of it is retired."""
    kinds["visit"].is_active = False
    kinds["visit"].save()
    offer = Opportunity.objects.create(
        hub=cast.hub, employer=cast.employer, encounter_type=kinds["week"], title="One week", summary="x",
        min_age=14, max_age=18, created_at=now, updated_at=now,
    )  # fmt: skip
    row = written(cast, kinds, now)
    row.steps.filter(position=2).update(needs_type=kinds["visit"], opportunity=offer)
    return row, offer


def test_an_edit_keeps_what_its_page_does_not_show(client, cast, kinds, with_more):
    row, offer = with_more
    client.force_login(cast.employer_lead)
    url = reverse("employer-pathway-edit", args=[row.pk])
    assert client.post(url, as_shown(client.get(url)) | {"about": "For year 10."}).status_code == 302
    assert list(row.steps.values_list("encounter_type__code", "needs_type__code", "opportunity")) == [
        ("talk", None, None), ("visit", None, None), ("week", "visit", offer.pk),
    ]  # fmt: skip
    client.post(url, as_shown(client.get(url)) | {"steps-2-encounter_type": kinds["talk"].pk})
    assert list(row.steps.values_list("needs_type__code", "opportunity"))[2] == ("visit", None)


def test_of_two_editors_the_second_is_told(client, cast, kinds, with_more):
    row, _offer = with_more
    client.force_login(cast.employer_lead)
    url = reverse("employer-pathway-edit", args=[row.pk])
    seen = as_shown(client.get(url))
    row.steps.filter(position=0).update(gap_weeks=3)
    for given in (seen, seen | {"seen": ""}):
        told = client.post(url, given | {"about": "Mine."})
        assert "Somebody else changed this pathway after you opened it" in told.content.decode()
    row.refresh_from_db()
    assert (row.about, row.steps.count()) == ("", 3)
    assert client.post(url, as_shown(client.get(url)) | {"about": "Mine."}).status_code == 302


def test_a_step_of_another_hub_is_refused(cast, kinds, now):
    row = written(cast, kinds, now)
    other = scenes.encounter_type(cast.hub_b, "talk")
    with pytest.raises(Refused, match="from the list"):
        pathways.change_pathway(
            row, {}, [{"encounter_type": kinds["talk"], "needs_type": other}], by=lead(cast), now=now
        )


def said_by(row) -> list[dict]:
    """Its steps as an editor hands them back, untouched."""
    return [
        {"pk": one.pk, "encounter_type": one.encounter_type, "sector": one.sector, "year_number": one.year_number}
        for one in row.steps.all()
    ]


def test_steps_are_moved_changed_added_and_removed_in_place(cast, kinds, now):
    row = written(cast, kinds, now)
    talk, visit, week = said_by(row)
    another = {"encounter_type": kinds["talk"]}
    pathways.change_pathway(row, {}, [week, talk | {"year_number": 9}, another], by=lead(cast), now=now)
    steps = list(row.steps.values_list("pk", "position", "encounter_type__code", "year_number"))
    assert steps[:2] == [(week["pk"], 0, "week", None), (talk["pk"], 1, "talk", 9)]
    assert (steps[2][1:], len(steps), steps[2][0] in {one["pk"] for one in (talk, visit, week)}) == (
        (2, "talk", None), 3, False,
    )  # fmt: skip


@pytest.mark.parametrize("how", ["twice", "of another pathway", "removed meanwhile"])
def test_a_step_that_is_not_there_to_go_on_with_is_told(cast, kinds, now, how):
    row = written(cast, kinds, now)
    other = written(cast, kinds, now, name="Another")
    steps = said_by(row)
    given = {"twice": [*steps, steps[0]], "of another pathway": said_by(other), "removed meanwhile": steps}[how]
    if how == "removed meanwhile":
        row.steps.filter(pk=steps[1]["pk"]).delete()
    before = list(row.steps.values_list("pk", flat=True))
    with pytest.raises(Refused, match="Somebody else changed this pathway"):
        pathways.change_pathway(row, {}, given, by=lead(cast), now=now)
    assert list(row.steps.values_list("pk", flat=True)) == before


def test_a_row_is_moved_by_its_place_and_stays_the_row(client, cast, kinds, now):
    row = written(cast, kinds, now)
    talk, visit, week = row.steps.values_list("pk", flat=True)
    client.force_login(cast.employer_lead)
    url = reverse("employer-pathway-edit", args=[row.pk])
    shown = as_shown(client.get(url))
    assert (shown["steps-0-ORDER"], shown["steps-3-ORDER"]) == (1, "")
    sent = shown | {"steps-0-ORDER": 3, "steps-2-ORDER": 1, "steps-3-encounter_type": kinds["talk"].pk}
    assert client.post(url, sent).status_code == 302
    assert list(row.steps.values_list("pk", flat=True))[:3] == [week, visit, talk]
    assert row.steps.count() == 4
    client.post(url, as_shown(client.get(url)) | {"steps-1-encounter_type": ""})
    assert list(row.steps.values_list("pk", "position"))[:2] == [(week, 0), (talk, 1)]


@pytest.mark.parametrize(("persona", "status"), [("other_lead", 404), ("coordinator", 404), ("employer_member", 403)])
def test_pages_refuse_others(client, cast, kinds, now, persona, status):
    row = written(cast, kinds, now)
    client.force_login(getattr(cast, persona))
    for name in ("employer-pathway-edit", "employer-pathway-verb"):
        args = [row.pk, "publish"] if name.endswith("verb") else [row.pk]
        assert client.post(reverse(name, args=args), {"name": "x"}).status_code == status
    row.refresh_from_db()
    assert (row.state, row.name) == ("draft", "Towards engineering")


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_takes_the_same_statements(client, cast, kinds, now, rows, django_assert_num_queries):
    for number in range(rows):
        written(cast, kinds, now, name=f"Road {number}")
    client.force_login(cast.employer_lead)
    client.get(reverse("employer-pathways"))
    with django_assert_num_queries(7):
        assert len(client.get(reverse("employer-pathways")).context["pathways"]) == rows


def test_a_hub_begins_with_pathways_that_can_be_walked(cast, now):
    library.load_types(cast.hub)
    by = actor(cast.amina, cast.hub)
    assert (library.load_pathways(cast.hub, by=by, now=now), library.load_pathways(cast.hub, by=by, now=now)) == (2, 0)
    assert [cannot_be_walked(one, now) for one in Pathway.objects.all()] == [None, None]
    assert [one.year_number for one in Pathway.objects.get(small_by=11).steps.all()] == [9, 10, None, 11]


def test_the_hub_writes_one_for_a_group_of_employers(client, cast, kinds, now):
    sync_staff(cast.hub)
    client.force_login(cast.amina)
    data = {
        "name": "Two firms, one road", "about": "", "shorter_first": 0, "other_sector": 0, "small_by": "",
        "employers": [cast.employer.pk, cast.other_employer.pk], "steps-TOTAL_FORMS": "2", "steps-INITIAL_FORMS": "0",
        "steps-MIN_NUM_FORMS": "0", "steps-MAX_NUM_FORMS": "1000",
    }  # fmt: skip
    for number, code in enumerate(("visit", "talk")):
        data |= {f"steps-{number}-encounter_type": kinds[code].pk, f"steps-{number}-ORDER": 2 - number,
                 f"steps-{number}-gap_weeks": 0}  # fmt: skip
    assert client.post(reverse("pathways:add"), data).status_code == 302
    row = Pathway.objects.get()
    assert ([one.encounter_type.code for one in row.steps.all()], row.employer) == (["talk", "visit"], None)
    assert {one.hub for one in row.steps.all()} == {cast.hub}
    assert client.get(reverse("pathways:inspect", args=[row.pk])).status_code == 200
    client.post(reverse("pathways:act", args=[row.pk, "publish"]))
    row.refresh_from_db()
    assert row.state == "published"
    assert client.get(reverse("pathways:edit", args=[row.pk])).status_code == 302
    client.force_login(cast.other_lead)
    assert list(client.get(reverse("employer-pathways")).context["pathways"]) == [row]
    with pytest.raises(CannotAct):
        pathways.take_back_pathway(row, by=lead(cast), now=now)


def panel(row, **more) -> dict:
    """What the hub's form sends of a pathway, untouched."""
    steps = list(row.steps.all())
    data = {
        "name": row.name, "about": row.about, "shorter_first": row.shorter_first, "other_sector": row.other_sector,
        "small_by": "", "employers": [one.pk for one in row.employers.all()], "steps-TOTAL_FORMS": len(steps),
        "steps-INITIAL_FORMS": len(steps), "steps-MIN_NUM_FORMS": 0, "steps-MAX_NUM_FORMS": 1000,
    }  # fmt: skip
    for number, one in enumerate(steps):
        data |= {f"steps-{number}-id": one.pk, f"steps-{number}-encounter_type": one.encounter_type_id,
                 f"steps-{number}-ORDER": number + 1, f"steps-{number}-gap_weeks": one.gap_weeks}  # fmt: skip
    return data | more


def test_the_hub_moves_removes_and_adds_steps_by_the_same_road(client, cast, kinds, now):
    row = written(cast, kinds, now)
    talk, _visit, week = row.steps.values_list("pk", flat=True)
    sync_staff(cast.hub)
    client.force_login(cast.amina)
    new = {"steps-TOTAL_FORMS": 4, "steps-3-encounter_type": kinds["talk"].pk, "steps-3-ORDER": 4,
           "steps-3-gap_weeks": 2}  # fmt: skip
    sent = panel(row, **{"steps-0-ORDER": 3, "steps-2-ORDER": 1, "steps-1-DELETE": "on", "about": "Ours."}, **new)
    sent["employers"] = [cast.employer.pk, cast.other_employer.pk]
    assert client.post(reverse("pathways:edit", args=[row.pk]), sent).status_code == 302
    row.refresh_from_db()
    found = list(row.steps.values_list("pk", "position", "gap_weeks"))
    assert (found[:2], found[2][1:], row.about, row.employers.count()) == (
        [(week, 0, 0), (talk, 1, 0)], (2, 2), "Ours.", 2,
    )  # fmt: skip
    assert LogEntry.objects.filter(subject_type="opportunities.pathway", verb="changed").count() == 1


def test_only_the_hub_says_who_publishes_together(cast, kinds, now):
    row = written(cast, kinds, now)
    with pytest.raises(CannotAct, match="Only the hub decides this"):
        pathways.change_pathway(row, {"employers": [cast.other_employer]}, said_by(row), by=lead(cast), now=now)
    assert list(row.employers.all()) == [cast.employer]
