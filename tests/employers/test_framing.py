"""Frameworks of a hub: imported, edited as drafts, sealed, never changed after."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse

from cms.domain import open_site
from employers import assessing, framing, translating
from employers import frameworks as data
from employers.evidence import Figure
from employers.evidence_words import said
from employers.models import FrameworkItem, Pillar, Recommendation, SelfAssessment, Standard, StandardsFramework
from hubs.actors import system
from hubs.domain.staff import sync_staff
from hubs.errors import CannotAct, Refused
from hubs.models import LogEntry
from tests.cast import NOW, actor
from tests.employers.assessments import said_all
from tests.employers.test_frameworks import school_framework

SHIPPED = framing.SHIPPED.read_text(encoding="utf-8")


@pytest.fixture
def office(client, cast):
    """The hub's lead, signed in where the back office is open to her."""
    open_site(cast.hub, by=system(), now=NOW)
    cast.hub.refresh_from_db()
    sync_staff(cast.hub)
    client.force_login(cast.amina)
    return client


def untranslated(version: str) -> str:
    return data.written(replace(framing.parsed(SHIPPED), version=version, texts={}))


def imported(cast, text: str = SHIPPED) -> StandardsFramework:
    return framing.import_framework(cast.hub, text, by=actor(cast.amina, cast.hub), now=NOW)


def test_what_is_imported_is_exported_byte_for_byte_before_and_after_publishing(cast):
    row = imported(cast)
    assert framing.exported(row) == SHIPPED
    framing.publish_framework(row, by=actor(cast.amina, cast.hub), now=NOW)
    row.refresh_from_db()
    assert (framing.exported(row), row.state, len(row.sealed_sha256)) == (SHIPPED, "published", 64)


def test_a_hub_that_has_the_version_before_takes_the_translated_one_as_a_file_and_old_scores_stay(cast):
    desk, by = actor(cast.amina, cast.hub), actor(cast.employer_lead, cast.hub, cast.employer)
    old = imported(cast, untranslated("2026.1"))
    framing.publish_framework(old, by=desk, now=NOW)
    row = assessing.start(cast.employer, by=by, now=NOW)
    assessing.save_answers(row, said_all(row, 2), by=by, now=NOW)
    assessing.submit(row, by=by, now=NOW)
    new = imported(cast)
    framing.publish_framework(new, by=desk, now=NOW)
    old.refresh_from_db()
    row = SelfAssessment.objects.get()
    assert (old.state, framing.exported(old), row.framework, assessing.proves(row)) == (
        "retired", untranslated("2026.1"), old, True,
    )  # fmt: skip
    assert [framing.document_of(one, "fr").name for one in (old, new)] == ["Good hosting", "Bien accueillir"]
    assert assessing.current_framework(cast.employer) == new


def test_a_framework_for_schools_is_carried_too(cast):
    row = imported(cast, school_framework())
    framing.publish_framework(row, by=actor(cast.amina, cast.hub), now=NOW)
    assert (row.side, len(framing.document_of(row).items())) == ("school", 10)


def test_a_broken_file_is_refused_with_the_place_and_leaves_nothing(cast):
    document = json.loads(SHIPPED)
    document["pillars"][1]["standards"][0]["items"][2]["weight"] = "heavy"
    with pytest.raises(Refused) as refusal:
        imported(cast, json.dumps(document))
    assert refusal.value.sentence == (
        "At pillars[1].standards[0].items[2].weight: A whole number from 1 to 1000 belongs here."
    )
    assert StandardsFramework.objects.filter(hub=cast.hub).count() == 0


def test_every_problem_has_its_sentence(cast):
    for text in ("", "[]", "{}", "9" * 10, '{"a": 1, "a": 1}', "x" * 1_000_001):
        with pytest.raises(Refused):
            imported(cast, text)


def test_the_same_version_is_not_imported_twice(cast):
    imported(cast)
    with pytest.raises(Refused, match=r"version 2026.2 of “good-hosting” already"):
        imported(cast)
    assert StandardsFramework.objects.count() == 1


def test_sealed_words_stay_whatever_becomes_of_the_rows(cast):
    row = imported(cast)
    framing.publish_framework(row, by=actor(cast.amina, cast.hub), now=NOW)
    FrameworkItem.objects.filter(standard__framework=row).update(weight=9, statement="Changed")
    Standard.objects.filter(framework=row, code="A1").delete()
    assert framing.exported(row) == SHIPPED


def test_a_new_version_is_a_draft_that_retires_the_old_when_published(cast):
    by = actor(cast.amina, cast.hub)
    first = imported(cast)
    framing.publish_framework(first, by=by, now=NOW)
    second = framing.new_version(first, "2027.1", by=by, now=NOW)
    assert (second.state, second.follows, framing.exported(second)) == (
        "draft", first, SHIPPED.replace('"version": "2026.2"', '"version": "2027.1"'),
    )  # fmt: skip
    FrameworkItem.objects.filter(standard__framework=second, code="A1.1").update(weight=3)
    framing.publish_framework(second, by=by, now=NOW)
    first.refresh_from_db()
    assert (first.state, framing.document_of(second).items()["A1.1"].weight) == ("retired", 3)
    assert list(LogEntry.objects.filter(subject_id=first.pk, to_state="retired").values_list("reason")) == [("2027.1",)]


def test_a_version_needs_a_name(cast):
    with pytest.raises(Refused, match="Give the new version a number"):
        framing.new_version(imported(cast), "  ", by=actor(cast.amina, cast.hub), now=NOW)


def test_an_unfinished_draft_is_not_published(cast):
    by = actor(cast.amina, cast.hub)
    row = imported(cast)
    Standard.objects.filter(framework=row, code="B2").update(pillar="Z")
    with pytest.raises(Refused, match="Standard B2 belongs to no pillar"):
        framing.publish_framework(row, by=by, now=NOW)
    FrameworkItem.objects.filter(standard__framework=row, standard__code="A1").delete()
    with pytest.raises(Refused, match=r"At pillars\[0\].standards\[0\].items: Between 1 and 100 belong here"):
        framing.publish_framework(row, by=by, now=NOW)
    row.refresh_from_db()
    assert (row.state, row.sealed) == ("draft", "")


def test_only_the_hub_keeps_frameworks(cast):
    for person, organisation in ((cast.ben, None), (cast.employer_lead, cast.employer)):
        with pytest.raises(CannotAct):
            framing.import_framework(cast.hub, SHIPPED, by=actor(person, cast.hub, organisation), now=NOW)
    row = imported(cast)
    with pytest.raises(CannotAct):
        framing.publish_framework(row, by=actor(cast.chloe, cast.hub_b), now=NOW)


def test_loading_twice_is_loading_once(cast):
    one = framing.load_framework(cast.hub, by=system(), now=NOW)
    assert (framing.load_framework(cast.hub, by=system(), now=NOW), one.state) == (one, "published")


def test_the_database_keeps_one_version_in_use_and_no_use_unsealed(cast):
    row = framing.load_framework(cast.hub, by=system(), now=NOW)
    for fields in ({"state": "published"}, {"state": "published", "sealed": "{}", "sealed_sha256": "x"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            StandardsFramework.objects.create(hub=cast.hub, code=row.code, version="2", name="Two", **fields)


def test_the_back_office_imports_publishes_and_exports(office, cast):
    client = office
    upload = SimpleUploadedFile("framework.json", SHIPPED.encode(), "application/json")
    client.post(reverse("frameworks:import"), {"file": upload})
    row = StandardsFramework.objects.get()
    page = client.get(reverse("frameworks:inspect", args=[row.pk]))
    assert (page.status_code, b"An owner and a plan" in page.content) == (200, True)
    client.post(reverse("frameworks:act", args=[row.pk, "publish"]))
    row.refresh_from_db()
    sent = client.get(reverse("frameworks:export", args=[row.pk]))
    assert (row.state, sent.content.decode(), sent["Content-Disposition"]) == (
        "published", SHIPPED, f'attachment; filename="good-hosting-{row.pk}.json"',
    )  # fmt: skip


def test_the_back_office_says_what_is_wrong_with_a_file(office, cast):
    client = office
    upload = SimpleUploadedFile("framework.json", b"\xff\xfe{", "application/json")
    page = client.post(reverse("frameworks:import"), {"file": upload})
    assert (page.status_code, "This is no JSON file" in page.content.decode()) == (200, True)


def test_a_standard_of_a_draft_is_edited_and_of_a_sealed_one_is_not(office, cast):
    client = office
    row = imported(cast)
    standard = Standard.objects.get(framework=row, code="C3")
    page = client.get(reverse("standards:edit", args=[standard.pk]))
    assert page.status_code == 200
    form = page.context["form"]
    given = {**_posted(form), **{k: v for fs in form.formsets.values() for k, v in _posted_set(fs).items()}}
    given["items-0-sizes"] = ["sole", "large"]
    given["name"] = "Looking back"
    answer = client.post(reverse("standards:edit", args=[standard.pk]), given)
    assert answer.status_code == 302, answer.context["form"].errors
    standard.refresh_from_db()
    first = standard.items.first()
    assert (standard.name, first.sizes, first.statement[:12]) == ("Looking back", ["sole", "large"], "After each s")
    framing.publish_framework(row, by=actor(cast.amina, cast.hub), now=NOW)
    closed = client.get(reverse("standards:edit", args=[standard.pk]))
    assert (closed.status_code, closed["Location"]) == (302, reverse("standards:inspect", args=[standard.pk]))


def test_the_scale_and_the_bands_are_written_line_by_line(office, cast):
    client = office
    row = imported(cast)
    form = client.get(reverse("frameworks:edit", args=[row.pk])).context["form"]
    given = {**_posted(form), **{k: v for fs in form.formsets.values() for k, v in _posted_set(fs).items()}}
    assert given["bands"].splitlines()[1] == "steady; 50; Established"
    wrong = client.post(reverse("frameworks:edit", args=[row.pk]), given | {"bands": "low; zero; Low"})
    assert "Line 1: “zero” is no whole number." in wrong.content.decode()
    right = client.post(reverse("frameworks:edit", args=[row.pk]), given | {"bands": "low; 0; Low\nhigh; 70; High"})
    assert right.status_code == 302
    row.refresh_from_db()
    assert row.bands == [{"code": "low", "least": 0, "label": "Low"}, {"code": "high", "least": 70, "label": "High"}]


def _posted(form) -> dict:
    """What a browser would send of a form nobody changed."""
    found = {}
    for bound in form:
        value = bound.value()
        if hasattr(bound.field.widget, "choices") and isinstance(value, str) and value.startswith("["):
            value = json.loads(value)
        if value is not None:
            found[bound.html_name] = value
    return found


def _posted_set(formset) -> dict:
    found = _posted(formset.management_form)
    for number, form in enumerate(formset.forms):
        found |= _posted(form) | {f"{formset.prefix}-{number}-ORDER": number + 1}
    return found


def test_words_by_size_and_the_pillar_are_chosen_where_a_standard_is_edited(office, cast):
    row = imported(cast)
    standard = Standard.objects.get(framework=row, code="C3")
    url = reverse("standards:edit", args=[standard.pk])
    form = office.get(url).context["form"]
    given = {**_posted(form), **{k: v for fs in form.formsets.values() for k, v in _posted_set(fs).items()}}
    given |= {"items-0-variants_0": "Alone, too.", "items-0-variants_4": " "}
    assert office.post(url, given | {"pillar": "Z"}).status_code == 200
    assert office.post(url, given | {"pillar": "A"}).status_code == 302
    standard.refresh_from_db()
    assert (standard.pillar, standard.items.first().variants) == ("A", {"sole": "Alone, too."})


def test_a_standard_is_added_to_the_draft_it_was_asked_for(office, cast):
    row = imported(cast)
    page = office.get(reverse("standards:add"), {"framework": row.pk})
    form = page.context["form"]
    assert (form["framework"].value(), form["position"].value()) == (row.pk, 9)
    assert [code for code, _name in form.fields["pillar"].choices] == ["", "A", "B", "C"]
    for nothing in ("0", "x", "²", "9" * 40):
        assert office.get(reverse("standards:add"), {"framework": nothing}).context["form"]["framework"].value() is None


def test_a_draft_is_translated_part_by_part_and_published_with_it(office, cast):
    row = imported(cast, untranslated("2026.2"))
    url = reverse("frameworks:translate", args=[row.pk])
    page = office.get(url, {"language": "de", "part": "A1"})
    places = {one.place for one in page.context["part"].words}
    assert {"standard.A1.name", "item.A1.1.statement", "standard.A1.next_steps.0.title"} <= places
    assert "framework.name" not in places
    sent = office.post(f"{url}?language=de&part=A1", {"item.A1.1.statement": " Jemand kümmert sich. "})
    assert (sent.status_code, sent["Location"]) == (302, f"{url}?language=de&part=A2")
    office.post(f"{url}?language=de&part=frame", {"framework.name": "Gute Gastgeber"})
    row.refresh_from_db()
    assert row.texts == {"de": {"framework.name": "Gute Gastgeber", "item.A1.1.statement": "Jemand kümmert sich."}}
    framing.publish_framework(row, by=actor(cast.amina, cast.hub), now=NOW)
    half = framing.document_of(row, "de")  # nobody reads two languages in one framework
    assert (half.language, half.name) == ("en-gb", framing.document_of(row).name)
    closed = office.get(url, {"language": "de"}).content.decode()
    assert ("Gute Gastgeber" in closed, "<textarea" in closed) == (True, False)
    refused = office.post(f"{url}?language=de", {"framework.name": "Anders"}).content.decode()
    assert "Make a new version." in refused
    assert [office.get(url, wrong).status_code for wrong in ({"language": "xx"}, {"part": "Z9"})] == [404, 404]


def test_of_two_who_translate_one_part_neither_undoes_the_others_words(office, cast):
    row = imported(cast, untranslated("2026.2"))
    url = f"{reverse('frameworks:translate', args=[row.pk])}?language=de&part=A1"
    first, second = ("item.A1.1.statement", "item.A1.2.statement")

    def browser() -> dict:
        """What a browser sends of the page as it stands: each field, and what it showed."""
        page = office.get(url)
        found = re.findall(
            r'<textarea name="([^"]+)"|<input type="hidden" name="(initial-[^"]+)"', page.content.decode()
        )
        return {name: page.context["form"][name.removeprefix("initial-")].value() for name in map("".join, found)}

    one, other = browser(), browser()
    assert len(one) == 2 * len(office.get(url).context["part"].words)
    office.post(url, {**one, first: "Eins"})
    office.post(url, {**other, second: "Zwei"})
    office.post(url, {**browser(), second: ""})
    row.refresh_from_db()
    assert row.texts == {"de": {first: "Eins"}}


def test_editing_a_draft_takes_translations_along_and_drops_those_of_changed_words(office, cast):
    row = imported(cast)
    french = dict(row.texts["fr"])
    url = reverse("standards:edit", args=[Standard.objects.get(framework=row, code="C3").pk])
    form = office.get(url).context["form"]
    given = {**_posted(form), **{k: v for fs in form.formsets.values() for k, v in _posted_set(fs).items()}}
    given |= {"items-1-statement": "We know how many.", "recommendations-0-ORDER": 2, "recommendations-1-ORDER": 1}
    assert office.post(url, given).status_code == 302
    row.refresh_from_db()
    moved = {
        f"standard.C3.next_steps.{to}.{part}": french[f"standard.C3.next_steps.{was}.{part}"]
        for to, was in ((0, 1), (1, 0)) for part in ("title", "text")
    }  # fmt: skip
    assert row.texts["fr"] == {k: v for k, v in (french | moved).items() if k != "item.C3.2.statement"}
    assert set(row.texts) == {"de", "es", "fr", "pt-br"}
    url = reverse("frameworks:edit", args=[row.pk])
    form = office.get(url).context["form"]
    given = {**_posted(form), **{k: v for fs in form.formsets.values() for k, v in _posted_set(fs).items()}}
    assert office.post(url, given | {"name": "Hosting"}).status_code == 302
    row.refresh_from_db()
    now = row.texts["fr"]
    assert ("framework.name" in now, now["framework.about"]) == (False, french["framework.about"])


def test_translations_of_what_is_no_more_are_not_sealed(cast):
    row = imported(cast)
    Standard.objects.filter(framework=row, code="C3").delete()
    framing.publish_framework(row, by=actor(cast.amina, cast.hub), now=NOW)
    places = set(framing.document_of(row).texts["fr"])
    assert {one.split(".")[1] for one in places if one.startswith(("standard.", "item."))} == {
        "A1", "A2", "A3", "B1", "B2", "B3", "C1", "C2",
    }  # fmt: skip


def test_words_of_what_is_no_more_go_and_nobody_else_translates(office, cast):
    row = imported(cast, untranslated("2026.2"))
    by = actor(cast.amina, cast.hub)
    translating.translate(row, "de", {"item.C3.1.statement": "Weg", "framework.name": "Bleibt"}, by=by, now=NOW)
    FrameworkItem.objects.filter(standard__framework=row, code="C3.1").delete()
    Recommendation.objects.filter(standard__framework=row, item="C3.1").delete()
    translating.translate(row, "de", {"framework.about": ""}, by=by, now=NOW)
    assert row.texts == {"de": {"framework.name": "Bleibt"}}
    framing.publish_framework(row, by=by, now=NOW)
    with pytest.raises(CannotAct):
        translating.translate(row, "de", {}, by=actor(cast.ben, cast.hub), now=NOW)
    office.force_login(cast.ben)
    assert office.post(reverse("frameworks:translate", args=[row.pk]), {}).status_code == 403
    office.force_login(cast.chloe)
    assert office.get(reverse("frameworks:translate", args=[row.pk])).status_code == 404


def test_no_standard_is_called_as_the_whole_is_where_scores_are_compared(cast):
    desk = actor(cast.amina, cast.hub)
    draft = framing.new_version(framing.load_framework(cast.hub, by=system(), now=NOW), "2027.1", by=desk, now=NOW)
    Standard.objects.filter(framework=draft, code="A1").update(code="overall")
    with pytest.raises(Refused, match="“overall” means all standards together"):
        framing.publish_framework(draft, by=desk, now=NOW)
    Standard.objects.filter(framework=draft, code="overall").update(code="A1")
    pillar = draft.pillars.first()
    Pillar.objects.filter(pk=pillar.pk).update(code="A1")
    Standard.objects.filter(framework=draft, pillar=pillar.code).update(pillar="A1")
    with pytest.raises(Refused, match="“A1” is the code of a pillar and of a standard"):
        framing.publish_framework(draft, by=desk, now=NOW)
    Pillar.objects.filter(pk=pillar.pk).update(code=pillar.code)
    Standard.objects.filter(framework=draft, pillar="A1").update(pillar=pillar.code)
    framing.publish_framework(draft, by=desk, now=NOW)


def test_what_was_sealed_is_read_whatever_codes_are_known_today(cast, monkeypatch):
    """A size or a figure that a later release drops takes no old score along."""
    row = imported(cast)
    framing.publish_framework(row, by=actor(cast.amina, cast.hub), now=NOW)
    monkeypatch.setattr(framing, "CODES", frozenset())
    framing._read_sealed.cache_clear()
    assert len(framing.document_of(row).items()) > 20
    with pytest.raises(Refused, match="is not known"):
        framing.parsed(SHIPPED)


def test_a_figure_of_a_dropped_measure_is_still_a_sentence():
    day = NOW.date()
    assert "3 of 4" in said(Figure("no_such_measure", 3, 4, day, day))
