"""The hub's view of the standards: what it says, of whom, to whom."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cms.domain import open_site
from employers import assessing, framing, rounds
from employers.models import CountedStandards, Employer, EvidenceFigure, Recommendation, Sector
from employers.next_steps import step_key
from hubs.actors import system
from hubs.domain.staff import sync_staff
from hubs.models import Role
from insights import overview_kept
from insights.overview import Mine, count, framework_of, notice
from insights.overview_words import Overview, shown
from opportunities.domain import plans
from opportunities.models import ActionPlanTemplate
from tests.cast import NOW, actor, join, person
from tests.employers.assessments import confirmed, said_all, sent

DAY, MINUTE = dt.timedelta(days=1), dt.timedelta(minutes=1)
#: Statements of the page, whatever the number of employers.
PAGE = 14
COUNT = 12


@pytest.fixture(autouse=True)
def _at_now(monkeypatch):
    monkeypatch.setattr("hubs.middleware.timezone.now", lambda: NOW)


@pytest.fixture
def desk(cast):
    return actor(cast.amina, cast.hub)


@pytest.fixture
def office(client, cast):
    """The hub's lead, signed in where the back office is open to her."""
    open_site(cast.hub, by=system(), now=NOW)
    cast.hub.refresh_from_db()
    sync_staff(cast.hub)
    client.force_login(cast.amina)
    return client


def employer(cast, name: str, size: str = "small", *sectors: Sector):
    made = Employer.objects.create(hub=cast.hub, name=name, size=size)
    made.sectors.set(sectors)
    lead = join(
        person(f"lead@{name.lower().replace(' ', '-')}.example", f"Lead {name}"), cast.hub, Role.EMPLOYER_LEAD, made
    )
    return made, actor(lead, cast.hub, made)


def shows(made: Employer, code: str, part: int, whole: int) -> None:
    EvidenceFigure.objects.create(
        hub=made.hub, employer=made, code=code, part=part, whole=whole, since=NOW.date() - 364 * DAY,
        until=NOW.date(), counted_at=NOW,
    )  # fmt: skip


def seen(cast, now=NOW, language="en-gb") -> Overview:
    chosen = framework_of(cast.hub)
    found = json.loads(json.dumps(count(cast.hub, chosen, now=now)))  # as it is kept
    return shown(found, cast.hub, chosen, language, now)


def noticed(cast, now=NOW) -> dict[str, Mine]:
    """Those who have answered, by name."""
    employers, _steps = notice(cast.hub, framework_of(cast.hub), now=now)
    return {one.employer.name: one for one in employers if one.row}


def reasons(found: Overview) -> list[tuple[str, list[str]]]:
    return [(one.employer.name, one.reasons) for one in found.visits]


def item_of(cast, evidence: str) -> str:
    items = framing.document_of(framework_of(cast.hub)).items()
    return next(code for code, one in items.items() if one.evidence == evidence)


def test_how_they_fell_and_the_weakest_by_size_and_sector(cast, desk):
    food, metal = (Sector.objects.create(code=code, name=code.title(), isic_section="C") for code in ("food", "metal"))
    for name, size, sectors, level, weak in (
        ("One", "small", (food,), 2, {"B1_1": 0}), ("Two", "small", (food, metal), 4, {"B1_1": 3}),
        ("Three", "large", (metal,), 3, {"C2_1": 0}),
    ):  # fmt: skip
        made, by = employer(cast, name, size, *sectors)
        confirmed(made, by, desk, level, **weak)
    found = seen(cast)
    fell = {line.code: line for line in found.standards}
    assert (found.answered, found.employers) == (3, 5)  # the cast's two have not answered
    assert (fell["A1"].bands, fell["A1"].scored, fell["A1"].middle) == ([0, 2, 1], 3, 75)
    names = {one.code: one.name for one in found.framework.standards()}
    groups = {line.name: (line.members, line.weakest[0][0], line.small) for line in [*found.sizes, *found.sectors]}
    small = next(line.name for line in found.sizes if line.members == 2)
    assert groups[small] == (2, names["B1"], True)
    assert groups["Food"] == (2, names["B1"], True)
    assert {line.name: line.members for line in found.sectors} == {"Food": 2, "Metal": 2}


def test_where_answers_and_record_differ_is_counted_by_item_and_by_employer(cast, desk):
    framing.load_framework(cast.hub, by=system(), now=NOW)
    kept, feedback = item_of(cast, "kept"), item_of(cast, "feedback_given")
    for name, level, figure in (("High", 4, (1, 10)), ("Low", 0, (10, 10)), ("Fair", 2, (5, 10)), ("Few", 4, (0, 2))):
        made, by = employer(cast, name)
        shows(made, "kept", *figure)
        confirmed(made, by, desk, level)
    found = seen(cast)
    lines = {line.code: (line.above, line.below, line.answered) for line in found.items}
    assert lines == {kept: (1, 1, 4)}
    assert feedback not in lines
    by_name = {name: (one.above, one.below) for name, one in noticed(cast).items()}
    assert by_name == {"High": ([kept], []), "Low": ([], [kept]), "Fair": ([], []), "Few": ([], [])}
    # The same as the employer's own page says of each answer.
    assert dict(reasons(found))["High"] == ["1 answer says more than the record shows"]


def test_whom_to_visit_and_why_most_reasons_first(cast, desk):
    framework = framing.load_framework(cast.hub, by=system(), now=NOW - 400 * DAY)
    falling, by = employer(cast, "Falling")
    confirmed(falling, by, desk, 4, now=NOW - 400 * DAY)
    sent(falling, by, 0, now=NOW - DAY)
    strong, by = employer(cast, "Strong")
    confirmed(strong, by, desk, 4, now=NOW - 2 * DAY)
    fields = {"framework": framework, "name": "Autumn", "opens_on": NOW.date(), "closes_on": NOW.date() + 30 * DAY}
    rounds.open_round(rounds.plan_round(cast.hub, {**fields, "sectors": []}, by=desk, now=NOW), by=desk, now=NOW)
    found = seen(cast)
    assert reasons(found) == [  # what Falling sent yesterday counts for the round
        ("Falling", ["waits for your word since Mon 14 September", "9 standards in the lowest band",
                     "fell by 100 points since last time", "no step of its plan serves a standard in the lowest band"]),
        ("Strong", ["asked in “Autumn” and has sent nothing yet; the last day is Thu 15 October"]),
    ]  # fmt: skip
    assert found.silent == 2  # the cast's two have never answered


@pytest.fixture
def template(cast):
    framing.load_framework(cast.hub, by=system(), now=NOW)
    return ActionPlanTemplate.objects.create(hub=cast.hub, name="A year", state="published")


def did(cast, desk, template, name: str, before: int, after: int | None, key: str, title: str = "Name a contact"):
    """An employer that answered, put a step on its plan and did it, and answered again where `after` says so."""
    made, by = employer(cast, name)
    confirmed(made, by, desk, before)
    plan = plans.adopt(template, made, by=by, now=NOW)
    step = plans.add_step(plan, title=title, due_on=NOW.date() + 30 * DAY, standard=key, by=by, now=NOW)
    plans.complete_step(step, by=by, now=NOW + 10 * DAY)
    if after is not None:
        confirmed(made, by, desk, after, now=NOW + 60 * DAY)


def steps_of(cast) -> list[tuple]:
    found = seen(cast, NOW + 90 * DAY).steps
    return [
        (one.title, one.planned, one.done, one.pairs, one.before, one.after, one.higher, one.same, one.lower,
         one.elsewhere)
        for one in found
    ]  # fmt: skip


def test_before_and_after_of_a_step_are_of_the_employers_scored_both_times(cast, desk, template):
    key = step_key(framing.document_of(framework_of(cast.hub)), "A1", 0)
    for name, before, after in (("Up", 1, 3), ("Down", 3, 2), ("Same", 2, 2), ("Once", 1, None)):
        did(cast, desk, template, name, before, after, key)
    assert steps_of(cast) == [("Name a contact", 4, 4, 3, 50, 50, 1, 1, 1, None)]


def test_of_fewer_than_three_employers_before_and_after_say_nothing(cast, desk, template):
    key = step_key(framing.document_of(framework_of(cast.hub)), "A1", 0)
    for name in ("One", "Two"):
        did(cast, desk, template, name, 1, 3, key)
    assert steps_of(cast) == [("Name a contact", 2, 2, 2, None, None, None, None, None, None)]
    (line,) = count(cast.hub, framework_of(cast.hub), now=NOW + 90 * DAY)["steps"]
    assert line[5:] == [2, *[None] * 6]  # nothing of it is kept either


def test_a_step_of_a_template_counts_by_the_standard_it_serves_beside_how_others_moved(cast, desk, template):
    for number in range(3):
        did(cast, desk, template, f"With {number}", 1, 3, "good-hosting:A1", "Agree a year")
        other, by = employer(cast, f"Without {number}")
        for level, days in ((1, 0), (2, 60)):
            confirmed(other, by, desk, level, now=NOW + days * DAY)
    did(cast, desk, template, "Another step of it", 1, None, "good-hosting:A1", "Meet the head")
    assert steps_of(cast) == [
        ("Agree a year", 3, 3, 3, 25, 75, 3, 0, 0, 25),
        ("Meet the head", 1, 1, 0, None, None, None, None, None, None),
    ]


def test_a_step_for_another_standard_leaves_the_weak_one_unplanned(cast, desk, template):
    for name, key in (("Beside", "good-hosting:B1"), ("Meant", "good-hosting:A1")):
        made, by = employer(cast, name)
        sent(made, by, 4, A1_1=0, A1_2=0, A1_3=0, A1_4=0)
        plan = plans.adopt(template, made, by=by, now=NOW)
        plans.add_step(plan, title="Do it", due_on=NOW.date() + 30 * DAY, standard=key, by=by, now=NOW)
    unplanned = "no step of its plan serves a standard in the lowest band"
    assert {name: unplanned in why for name, why in reasons(seen(cast))} == {"Beside": True, "Meant": False}


def test_a_step_is_named_in_the_readers_language_whatever_it_was_put_on_the_plan_in_unless_it_was_reworded(cast, desk):
    framework = framing.load_framework(cast.hub, by=system(), now=NOW)
    template = ActionPlanTemplate.objects.create(hub=cast.hub, name="A year", state="published")
    made, by = employer(cast, "German")
    plan = plans.adopt(template, made, by=by, now=NOW)
    german = framing.document_of(framework, "de").standard("A1").next_steps
    keys = [step_key(framing.document_of(framework), "A1", number) for number in (0, 1)]
    said = [german[0].title, german[1].title + " (2027)", "Gone", "No words"]
    for key, title in zip([*keys, "good-hosting:A1:0123456789ab", "good-hosting:A1"], said, strict=True):
        plans.add_step(plan, title=title, due_on=NOW.date() + 30 * DAY, standard=key, by=by, now=NOW)
    titles = {line.title for line in seen(cast, language="fr").steps}
    assert titles == {"Désignez une personne", german[1].title + " (2027)", "Gone", "No words"}


def test_a_step_keeps_its_recommendation_when_a_new_version_has_it_at_another_place(cast, desk):
    old = framing.load_framework(cast.hub, by=system(), now=NOW)
    key = step_key(framing.document_of(old), "A1", 0)
    made, by = employer(cast, "Early")
    template = ActionPlanTemplate.objects.create(hub=cast.hub, name="A year", state="published")
    plan = plans.adopt(template, made, by=by, now=NOW)
    title = framing.document_of(old).standard("A1").next_steps[0].title
    plans.add_step(plan, title=title, due_on=NOW.date() + 30 * DAY, standard=key, by=by, now=NOW)
    new = framing.new_version(old, "2027.1", by=desk, now=NOW)
    for row in Recommendation.objects.filter(standard__framework=new, standard__code="A1"):
        row.sort_order = 100 - row.sort_order
        row.save()
    framing.publish_framework(new, by=desk, now=NOW)
    document = framing.document_of(new)
    steps = document.standard("A1").next_steps
    assert steps[0].title != title
    assert [step_key(document, "A1", number) == key for number in range(len(steps))] == [
        *[False] * (len(steps) - 1), True,
    ]  # fmt: skip
    (line,) = seen(cast, language="fr").steps
    assert line.title == framing.document_of(new, "fr").standard("A1").next_steps[-1].title


def test_a_corrected_assessment_counts_by_its_correction_and_an_old_one_no_more(cast, desk):
    made, by = employer(cast, "Corrected")
    row = confirmed(made, by, desk, 4)
    copy = assessing.correct(row, by=by, now=NOW)
    assessing.save_answers(copy, said_all(copy, 2), by=by, now=NOW)
    assessing.submit(copy, by=by, now=NOW)
    (one,) = noticed(cast).values()
    assert (one.overall, one.before) == (50, None)
    assert seen(cast, NOW + 600 * DAY).answered == 0


def test_the_page_costs_the_same_for_one_and_three_employers(office, cast, desk):
    costs, counts = [], []
    for name in ("One", "Two", "Three"):
        made, by = employer(cast, name, "small", Sector.objects.create(code=name, name=name, isic_section="C"))
        confirmed(made, by, desk, 0)
        if name != "Two":
            with CaptureQueriesContext(connection) as queries:
                overview_kept.keep(cast.hub, framework_of(cast.hub), now=NOW)
            counts.append(len(queries))
            with CaptureQueriesContext(connection) as queries:
                page = office.get(reverse("standards-overview:index"))
            costs.append(len(queries))
    assert (page.status_code, costs, counts) == (200, [PAGE, PAGE], [COUNT, COUNT])
    assert "3 of 5 employers have answered" in page.content.decode()


def test_the_page_says_as_of_when_and_counts_anew_for_who_does_not_wait(office, cast, desk, monkeypatch):
    made, by = employer(cast, "One")
    confirmed(made, by, desk, 2)
    page = reverse("standards-overview:index")
    assert "1 of 3 employers have answered" in office.get(page).content.decode()  # never counted: counted now
    confirmed(*employer(cast, "Two"), desk, 2)
    monkeypatch.setattr("hubs.middleware.timezone.now", lambda: NOW + 20 * MINUTE)
    said = office.get(page).content.decode()
    assert ("1 of 3 employers have answered" in said, f"As of {stamp(cast, NOW)}." in said) == (True, True)
    answer = office.post(reverse("standards-overview:count"), follow=True)
    said, later = answer.content.decode(), NOW + 20 * MINUTE
    assert ("2 of 4 employers have answered" in said, f"As of {stamp(cast, later)}." in said) == (True, True)
    office.force_login(cast.ben)
    assert office.post(reverse("standards-overview:count")).status_code == 403


def stamp(cast, at: dt.datetime) -> str:
    return f"{at.astimezone(cast.hub.zone):%a} 15 September, {at.astimezone(cast.hub.zone):%H:%M}"


def test_the_job_counts_what_happened_and_what_another_day_changes_and_nothing_else(cast, desk):
    assert overview_kept.keep_due(NOW) == 0  # no standards, nothing to count
    made, by = employer(cast, "One")
    row = sent(made, by, 2)

    def kept() -> tuple[int, list]:
        found = CountedStandards.objects.get(hub=cast.hub).found
        return found["answered"], [why for _employer, _row, reasons in found["visits"] for why, *_facts in reasons]

    assert (overview_kept.keep_due(NOW + 10 * MINUTE), kept()) == (1, (1, ["waits"]))
    later = NOW + 20 * MINUTE
    assert (overview_kept.keep_due(later), overview_kept.keep_due(later)) == (0, 0)
    assessing.confirm(row, by=desk, now=later - MINUTE)
    # Once, and as long as an entry from before the count may have come too late for it.
    assert (overview_kept.keep_due(later), kept()) == (1, (1, []))
    assert [overview_kept.keep_due(later + n * MINUTE) for n in (5, 10)] == [1, 0]
    assert overview_kept.keep_due(NOW + DAY) == 1
    open_again = assessing.correct(row, by=by, now=NOW + DAY + 10 * MINUTE)
    assert overview_kept.keep_due(NOW + DAY + 20 * MINUTE) == 1
    assessing.save_answers(open_again, said_all(open_again, 4), by=by, now=NOW + DAY + 40 * MINUTE)
    assert overview_kept.keep_due(NOW + DAY + 41 * MINUTE) == 0  # counts once it is sent


def test_a_new_version_is_counted_in_place_of_the_one_before_and_the_one_in_use_before_any_newer(cast, desk):
    old = framing.load_framework(cast.hub, by=system(), now=NOW)
    overview_kept.keep(cast.hub, old, now=NOW)
    second, third = (framing.new_version(old, version, by=desk, now=NOW) for version in ("2", "3"))
    framing.publish_framework(third, by=desk, now=NOW)
    framing.publish_framework(second, by=desk, now=NOW)
    assert framework_of(cast.hub) == framework_of(cast.hub, old.code) == second
    assert overview_kept.keep_due(NOW) == 1
    assert list(CountedStandards.objects.values_list("framework", flat=True)) == [second.pk]


def test_one_hub_that_cannot_be_counted_stops_no_other(cast, desk, monkeypatch):
    for hub in (cast.hub, cast.hub_b):
        framing.load_framework(hub, by=system(), now=NOW)
    counted = overview_kept.count

    def fails(hub, *args, **kwargs):
        if hub == min(cast.hub, cast.hub_b, key=lambda one: one.pk):
            raise RuntimeError
        return counted(hub, *args, **kwargs)

    monkeypatch.setattr(overview_kept, "count", fails)
    assert overview_kept.keep_due(NOW) == 1


def test_who_has_left_since_it_was_counted_is_not_named(cast, desk):
    made, by = employer(cast, "Gone")
    confirmed(made, by, desk, 0)
    chosen = framework_of(cast.hub)
    found = count(cast.hub, chosen, now=NOW)
    assert [one.employer.name for one in shown(found, cast.hub, chosen, "en-gb", NOW).visits] == ["Gone"]
    Employer.objects.filter(pk=made.pk).update(is_active=False)
    assert shown(found, cast.hub, chosen, "en-gb", NOW).visits == []


def test_without_standards_it_says_what_to_do_first(office, cast):
    assert "Publish a framework first" in office.get(reverse("standards-overview:index")).content.decode()
    assert office.get(reverse("standards-overview:export")).status_code == 404


def test_standards_nobody_has_are_not_found(office, cast):
    framework = framing.load_framework(cast.hub, by=system(), now=NOW)
    index = reverse("standards-overview:index")
    asked = (framework.code, "nobodys", "a\0b", "é")
    assert [office.get(index, {"standards": code}).status_code for code in asked] == [200, 404, 404, 404]


def test_the_export_has_every_employer_of_the_hub_and_no_formula(office, cast, desk):
    made, by = employer(cast, "Plain")
    Employer.objects.filter(pk=made.pk).update(name="=1+1")
    confirmed(made, by, desk, 2)
    sent(cast.employer_b, actor(cast.employer_lead_b, cast.hub_b, cast.employer_b))
    answer = office.get(reverse("standards-overview:export"))
    lines = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [line[0] for line in lines[1:]] == ["'=1+1", "Brightwater Engineering", "Saffron Bakery"]
    assert (lines[0][7], lines[1][7], lines[2][7], len(set(map(len, lines)))) == ("Overall, percent", "50", "", 1)
    assert "no-store" in answer["Cache-Control"]


def test_viewers_look_and_take_nothing_away_strangers_find_nothing(office, cast, desk):
    made, by = employer(cast, "Seen")
    confirmed(made, by, desk, 2)
    index, export = reverse("standards-overview:index"), reverse("standards-overview:export")
    for who, answers in ((cast.ben, [200, 403]), (cast.employer_lead, [404, 404]), (cast.coordinator, [404, 404])):
        office.force_login(who)
        assert [office.get(url).status_code for url in (index, export)] == answers
