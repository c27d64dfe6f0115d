"""The coordinator's pages of pathways: done, next, missing, from what students really had."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from employers.models import Sector
from opportunities.models import Pathway, PathwayStep
from placements.domain.pathways import progress
from placements.models import Encounter
from tests import scenes
from tests.cast import NOW

TODAY = NOW.date()


@pytest.fixture
def road(cast):
    row = Pathway.objects.create(hub=cast.hub, name="Towards a week of work", state="published", small_by=9)
    for position, (code, name, hours, tier) in enumerate(
        (("talk", "Talk", 1, "T0"), ("visit", "Visit", 2, "T2"), ("week", "A week at work", 25, "T3"))
    ):
        kind = scenes.encounter_type(cast.hub, code, name=name, hours=hours, tier=tier)
        year = {"talk": 9}.get(code)
        PathwayStep.objects.create(pathway=row, position=position, encounter_type=kind, year_number=year)
    return row


def had(student, kind: str, days_ago: int, employer=None, **fields) -> Encounter:
    return Encounter.objects.create(
        hub=student.hub, school=student.school, student=student, employer=employer,
        encounter_type=scenes.encounter_type(student.hub, kind), on=TODAY - dt.timedelta(days=days_ago),
        recorded_at=NOW, **{"attended": True, "hours": 1, **fields},
    )  # fmt: skip


def test_progress_comes_from_what_was_attended(cast, road):
    one, two, three = scenes.group(cast.school, size=3).students.order_by("alias")
    food = Sector.objects.create(code="food", name="Food", isic_section="I")
    cast.employer.sectors.add(food)
    had(one, "talk", 400, cast.employer)
    had(one, "visit", 30, cast.employer)
    had(two, "talk", 30, attended=False, hours=0)
    with_all = Pathway.objects.with_all().get()
    reports = [walk.report for walk in progress(with_all, [one, two, three], today=TODAY)]
    assert [[step.state for step in report.steps] for report in reports] == [
        ["done", "done", "next"], ["next", "open", "waiting"], ["next", "open", "waiting"],
    ]  # fmt: skip
    assert [report.avoid for report in reports] == [{"food"}, frozenset(), frozenset()]
    assert [report.small for report in reports] == ["met", "missed", "missed"]
    # They are in year 10: the talk was meant for year 9.
    assert [[step.step.type for step in report.missing] for report in reports] == [[], ["talk"], ["talk"]]


def test_the_page_says_done_next_and_missing_with_reasons(page, cast, road):
    group = scenes.group(cast.school, size=2)
    one = group.students.order_by("alias").first()
    had(one, "talk", 90)
    found = page.get(reverse("school-pathways"))
    assert list(found.context["pathways"]) == [road]
    shown = page.get(reverse("school-pathway", args=[road.pk]))
    text = shown.content.decode()
    first, second = shown.context["lines"]
    assert (first["done"], first["all"], first["next"], second["next"]) == (1, 3, "Visit", "Talk")
    assert first["url"] == f"{reverse('school-sessions')}?group={group.pk}&type=visit"
    assert page.get(first["url"]).status_code == 200
    assert second["missing"] == ["Talk", "Has met no small employer by the end of year 9."]
    assert "2 shorter encounters have to come before days without school staff; there are 1." in text
    assert [(step["done"], step["open"], step["waiting"]) for step in shown.context["steps"]] == [
        (1, 1, 0), (0, 2, 0), (0, 0, 2),
    ]  # fmt: skip


def test_drafts_and_other_hubs_are_not_there(page, client, cast, road):
    url = reverse("school-pathway", args=[road.pk])
    client.force_login(cast.coordinator_b)
    assert client.get(url, headers={"host": "fells.localhost"}).status_code == 404
    client.force_login(cast.employer_lead)
    assert client.get(url).status_code == 404
    client.force_login(cast.coordinator)
    assert client.get(url).context["group"] is None
    Pathway.objects.update(state="draft")
    assert (client.get(url).status_code, client.get(reverse("school-pathways")).status_code) == (404, 200)


def test_a_group_of_another_school_is_not_chosen(page, cast, road):
    own, other = scenes.group(cast.school), scenes.group(cast.other_school, "11X", size=2)
    shown = page.get(reverse("school-pathway", args=[road.pk]), {"group": other.pk})
    assert shown.context["group"] == own


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_takes_the_same_statements(page, cast, road, rows, django_assert_num_queries):
    cast.employer.sectors.add(Sector.objects.create(code="food", name="Food", isic_section="I"))
    for student in scenes.group(cast.school, size=rows).students.all():
        had(student, "talk", 20, cast.employer)
    url = reverse("school-pathway", args=[road.pk])
    page.get(url)
    with django_assert_num_queries(12):
        assert len(page.get(url).context["lines"]) == rows


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_takes_the_same_statements(page, cast, road, rows, django_assert_num_queries):
    for number in range(1, rows):
        Pathway.objects.create(hub=cast.hub, name=f"Road {number}", state="published")
    page.get(reverse("school-pathways"))
    with django_assert_num_queries(7):
        assert len(page.get(reverse("school-pathways")).context["pathways"]) == rows
