"""Slips of the year, and files that speak of centuries: refused or set aside, and no page of anybody is stopped."""

from __future__ import annotations

import datetime as dt
import itertools

import pytest
from django.urls import reverse

from hubs.errors import Refused
from schools.domain import edits
from schools.domain.calendar import apply_calendar_import, plan_calendar_import
from schools.domain.common_weeks import common_weeks
from schools.domain.compile import compile_school, compile_schools
from schools.models import Closure, ProtectedPeriod, School, Term, WeekMark, WeekPattern
from tests.cast import NOW, actor
from tests.schools.files import AUTUMN, HALF_TERM, calendar, event

pytestmark = pytest.mark.django_db
D = dt.date


@pytest.fixture
def by(cast):
    return actor(cast.coordinator, cast.hub, cast.school)


def load(cast, by, *events: str):
    plan = plan_calendar_import(cast.school, calendar(*events), now=NOW)
    return apply_calendar_import(plan, by=by, now=NOW)


@pytest.mark.parametrize(
    ("days", "sentence"),
    [
        ((D(26, 9, 7), D(26, 9, 8)), "the year 26"),
        ((D(2026, 9, 7), D(9999, 9, 8)), "the year 9999"),
        ((D(2026, 9, 7), D(2026, 9, 6)), "before the first"),
        ((D(2026, 9, 7), D(2028, 9, 6)), "longer than a year"),
    ],
)
def test_days_nobody_means_are_refused(cast, by, days, sentence):
    values = {"name": "Term", "starts_on": days[0], "ends_on": days[1]}
    for save in (edits.save_term, edits.save_closure, edits.save_protected):
        with pytest.raises(Refused, match=sentence):
            save(cast.school, values, by=by, now=NOW)


def test_a_first_week_in_the_year_26_is_refused(cast, by):
    with pytest.raises(Refused, match="the year 26"):
        edits.set_week_pattern(cast.school, ["A", "B"], D(26, 9, 7), holidays_advance=False, by=by, now=NOW)
    assert not WeekPattern.objects.exists()


def test_every_year_its_own_school_year_is_no_span_of_five(cast, by):
    years = [event(f"y{n}", f"{2025 + n}0801", f"{2026 + n}0801", "Summer holidays") for n in range(3)]
    load(cast, by, *AUTUMN, *years)
    assert [(row.starts_on.year, row.ends_on.year) for row in Closure.objects.filter(name="Summer holidays")] == [
        (2025, 2026), (2026, 2027), (2027, 2028),
    ]  # fmt: skip
    compile_school(School.objects.get(pk=cast.school.pk))


def test_a_span_of_years_is_left_out_said_and_the_rest_is_loaded(cast, by):
    overlapping = [event(f"c{n}", f"{2027 + n}0801", f"{2028 + n}0810", "Summer holidays") for n in range(2)]
    data = calendar(*AUTUMN, HALF_TERM, *overlapping)
    plan = plan_calendar_import(cast.school, data, now=NOW)
    assert [line for line in plan.warnings if "Summer holidays" in line and "2029-08-09" in line], plan.warnings
    apply_calendar_import(plan, by=by, now=NOW)
    assert [row.name for row in Closure.objects.all()] == ["Autumn half term"]
    assert Term.objects.count() == 2


def test_rows_that_slipped_in_stop_no_page(client, cast):
    """As an earlier version, or a hand on the database, left them."""
    of = {"hub": cast.hub, "school": cast.school}
    Term.objects.create(**of, name="Autumn", starts_on=D(2026, 9, 1), ends_on=D(2026, 12, 18))
    Term.objects.create(**of, name="For ever", starts_on=D(2027, 1, 1), ends_on=D(9999, 12, 31))
    Closure.objects.create(**of, name="Old", starts_on=D(1, 1, 1), ends_on=D(26, 9, 7))
    ProtectedPeriod.objects.create(**of, name="Exams", starts_on=D(26, 5, 1), ends_on=D(2026, 5, 2))
    WeekPattern.objects.create(**of, letters=["A", "B"], anchor_on=D(26, 9, 7))
    WeekMark.objects.create(**of, monday=D(26, 9, 7), letter="A")
    schools = list(School.objects.select_related("hub").filter(hub=cast.hub))
    found = compile_schools(schools)[cast.school.pk]
    assert [span.name for span in found.year.terms] == ["Autumn"]
    assert (found.year.closures, found.year.protected, found.year.pattern.anchor) == ((), (), None)
    assert (found.first.year, found.last.year) == (2026, 2026)
    common_weeks(cast.hub, 10, D(2026, 9, 1), D(2026, 12, 31))
    client.force_login(cast.coordinator)
    page = client.get(reverse("school-calendar"))
    assert (page.status_code, "For ever" in page.content.decode()) == (200, True)


DAYS = {"a": ("20261024", "20261102"), "b": ("20261219", "20270104"), "c": ("20270213", "20270222")}


def holidays(keys: tuple[str, ...], names: tuple[str, ...]) -> list[str]:
    return [event(key, *DAYS[one], f"Holiday {one}") for key, one in zip(keys, names, strict=True)]


@pytest.mark.parametrize("kept", [2, 3])
def test_keys_dealt_anew_by_the_exporter_change_no_holiday(cast, by, kept):
    """Whatever key a holiday has in the next file, and whichever of them it still has, the calendar is the file's."""
    wanted = ["a", "c"] if kept == 2 else list(DAYS)
    for keys in itertools.permutations(["u1", "u2", "u3", "u9"], kept):
        Closure.objects.all().delete()
        load(cast, by, *AUTUMN, *holidays(("u1", "u2", "u3"), ("a", "b", "c")))
        load(cast, by, *AUTUMN, *holidays(keys, tuple(wanted)))
        rows = Closure.objects.order_by("starts_on").values_list("name", flat=True)
        assert list(rows) == [f"Holiday {one}" for one in wanted], keys
