"""What students have had, and what is missing of what they are entitled to."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.urls import reverse

from employers.models import Sector
from placements.domain import ledger
from placements.entitlements import RULES, Had, rules_of, standings
from placements.models import Encounter
from tests import scenes
from tests.cast import NOW

TODAY = dt.date(2026, 9, 15)
YEAR = (dt.date(2026, 9, 1), dt.date(2027, 8, 31))


def had(on=TODAY, hours="2.0", meaningful=True, workplace=False) -> Had:
    return Had(on, Decimal(hours), meaningful, workplace)


def missing(rows, turns=15) -> dict[str, str]:
    found = standings(rules_of("GB-ENG", TODAY), rows, turns=turns, year=YEAR)
    return {
        one.entitlement.code: f"{one.missing.normalize():f}{'!' if one.due and not one.met else ''}" for one in found
    }


def test_nothing_is_missing_everything():
    assert missing([]) == {"hours-50": "50", "meaningful-year": "1!", "workplace-16": "2", "workplace-18": "3"}


def test_hours_add_up_and_end_at_nothing():
    assert missing([had(hours="49.5")])["hours-50"] == "0.5"
    assert missing([had(hours="60.0")])["hours-50"] == "0"


def test_a_meaningful_encounter_counts_in_its_year_only():
    assert missing([had(on=YEAR[0] - dt.timedelta(days=1))])["meaningful-year"] == "1!"
    assert missing([had(on=YEAR[0])])["meaningful-year"] == "0"
    assert missing([had(meaningful=False)])["meaningful-year"] == "1!"


def test_workplaces_are_due_in_the_year_of_that_birthday():
    one = [had(workplace=True), had()]
    assert missing(one, turns=15)["workplace-16"] == "1"
    assert missing(one, turns=16)["workplace-16"] == "1!"
    assert missing(one, turns=18)["workplace-18"] == "2!"


def test_rules_are_those_of_the_place_and_the_day():
    assert rules_of("FR", TODAY) == []
    assert rules_of("GB-ENG", dt.date(2025, 8, 31)) == []
    assert rules_of("GB-ENG-NE", TODAY) == list(RULES)
    assert all(rule.source for rule in RULES)


@pytest.fixture
def group(cast):
    return scenes.group(cast.school)


def encounter(cast, student, kind, *, on=TODAY, attended=True, hours="2.0", **fields):
    return Encounter.objects.create(
        hub=cast.hub, school=cast.school, student=student, encounter_type=kind, employer=cast.employer, on=on,
        attended=attended, hours=Decimal(hours) if attended else 0, recorded_at=NOW, **fields,
    )  # fmt: skip


@pytest.fixture
def visit(cast):
    cast.employer.sectors.add(Sector.objects.create(code="making", name="Making things", isic_section="C"))
    return scenes.encounter_type(cast.hub, is_workplace=True, required_flags=["purpose", "task"])


def test_a_ledger_counts_what_was_attended(cast, group, visit):
    student = group.students.first()
    encounter(cast, student, visit, purpose=True, task=True, meaningful=True)
    encounter(cast, student, visit, purpose=True)
    encounter(cast, student, visit, attended=False)
    found = ledger.ledger_of(student, now=NOW)
    assert (found.hours, found.types, found.sectors) == (
        Decimal("4.0"), [("Workplace visit", 2)], [("Making things", 2)]
    )  # fmt: skip
    assert dict(found.flags)["a real task done"] == 1
    assert [len(one["encounters"]) for one in ledger.stages(found)] == [0, 2, 0, 0, 0]
    assert ledger.stages(found)[1]["encounters"][1]["words"] == "Not known: a real task done"
    assert [ledger.missing_words(one) for one in found.standings] == ["46 hours are missing", "", "", "1 is missing"]


def test_coverage_names_who_had_nothing(cast, group, visit):
    first, second = group.students.order_by("alias")[:2]
    encounter(cast, first, visit, meaningful=True)
    encounter(cast, second, visit, on=dt.date(2026, 6, 1))
    _rules, (one,) = ledger.coverage_of(cast.school, now=NOW)
    assert [student.alias for student in one.nothing] == ["10A-02", "10A-03", "10A-04", "10A-05", "10A-06"]
    assert (one.mean_hours, one.met["meaningful-year"], one.met["workplace-16"]) == (Decimal("0.7"), 1, 0)


@pytest.mark.parametrize("classes", [1, 3])
def test_coverage_costs_the_same_for_one_class_and_three(cast, classes, visit, django_assert_num_queries):
    for number in range(classes):
        for student in scenes.group(cast.school, f"10{number}").students.all():
            encounter(cast, student, visit)
    cast.school.hub = cast.hub
    with django_assert_num_queries(2):
        ledger.coverage_of(cast.school, now=NOW)


@pytest.mark.parametrize("count", [1, 3])
def test_a_ledger_costs_the_same_with_one_row_and_three(cast, group, visit, count, django_assert_num_queries):
    student = group.students.select_related("school__hub", "year_group").first()
    for _n in range(count):
        encounter(cast, student, visit)
    with django_assert_num_queries(2):
        ledger.ledger_of(student, now=NOW)


def test_the_pages(cast, client, clock, group, visit):
    student = group.students.order_by("alias").first()
    encounter(cast, student, visit, meaningful=True)
    client.force_login(cast.coordinator)
    page = client.get(reverse("school-coverage")).content.decode()
    assert "Nothing yet this year" in page
    assert "Two experiences of workplaces by 16" in page
    own = client.get(reverse("school-ledger", args=[student.pk])).content.decode()
    assert "48 hours are missing" in own
    assert "Workplace visit, Brightwater Engineering" in own


def test_a_ledger_is_the_schools_alone(cast, client, clock, group):
    client.force_login(cast.other_coordinator)
    assert client.get(reverse("school-ledger", args=[group.students.first().pk])).status_code == 404
