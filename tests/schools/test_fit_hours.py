"""How many groups could go: hours of a week, weeks of a year, whole weeks across schools."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from schools.fit import ProtectedPeriod, ReleaseRule, SchoolYear, Span, WeekPattern, YearGroupOf, YearLesson, free_map
from schools.fit import compile_year as compiled_of
from schools.fit_hours import CLOCK_HOURS, count, hours_of, mondays, school_week, week_of, weekday_over
from schools.hours import BellPeriod

D, T = dt.date, dt.time
MONDAY = D(2026, 9, 14)
NINE = (9 * 60, 10 * 60)
YEAR = SchoolYear(
    zone="Europe/London",
    terms=(Span(D(2026, 9, 7), D(2026, 10, 23)), Span(D(2026, 11, 2), D(2026, 12, 18))),
    closures=(Span(D(2026, 10, 26), D(2026, 10, 30), "Half-term"),),
    staff_days=(Span(D(2026, 9, 18), D(2026, 9, 18), "Training"),),
    protected=(ProtectedPeriod(D(2026, 9, 16), D(2026, 9, 17), "Mocks", year_groups=frozenset({11})),),
    bell=(BellPeriod("1", T(9), T(10)), BellPeriod("Break", T(10), T(10, 20), is_break=True)),
    pattern=WeekPattern(("A", "B"), anchor=D(2026, 9, 7)),
    groups=(YearGroupOf("10A", 10), YearGroupOf("11A", 11)),
    lessons=(YearLesson("10A", "Maths", T(9), T(10), 0, "B"),),
    release=(ReleaseRule(year_groups=frozenset({11}), weekdays=frozenset({0, 2, 3, 4})),),
)
KEYS = ("10A", "11A")


@pytest.fixture
def compiled():
    return compiled_of(YEAR)


def test_a_lesson_costs_and_a_free_hour_does_not(compiled):
    """The Monday of week B: 10A has Maths then, 11A nothing."""
    one = count(compiled, KEYS, MONDAY, NINE)
    assert (one.free, one.costly, one.held, one.able, one.groups) == (("11A",), ("10A",), (), 2, 2)


def test_who_cannot_is_named_with_the_first_reason(compiled):
    mocks = count(compiled, KEYS, D(2026, 9, 16), NINE)
    assert [(key, reason.code) for key, reason in mocks.held] == [("11A", "protected_blocked")]
    tuesday = count(compiled, KEYS, D(2026, 9, 15), NINE)
    assert [(key, reason.code) for key, reason in tuesday.held] == [("11A", "release_weekday")]


def test_a_day_without_school_holds_everybody_for_one_reason(compiled):
    one = count(compiled, KEYS, D(2026, 9, 18), NINE)
    assert (one.able, one.groups, one.closed.code) == (0, 2, "staff_day")
    assert {reason.code for _key, reason in one.held} == {"staff_day"}


def test_an_unknown_group_is_an_error(compiled):
    with pytest.raises(KeyError):
        count(compiled, ("12Z",), MONDAY, NINE)


def test_hours_are_the_periods_then_the_lessons_then_the_clock(compiled):
    assert hours_of(compiled) == (NINE,)
    lessons = (YearLesson("10A", "Art", T(11), T(12), 2), YearLesson("10A", "PE", T(8), T(9), 2))
    assert hours_of(compiled_of(replace(YEAR, bell=(), lessons=lessons))) == ((480, 540), (660, 720))
    assert hours_of(compiled_of(replace(YEAR, bell=(), lessons=()))) == CLOCK_HOURS
    many = tuple(YearLesson("10A", "Art", T(8, n), T(9, n), 2) for n in range(20))
    assert hours_of(compiled_of(replace(YEAR, bell=(), lessons=many))) == CLOCK_HOURS


def test_a_week_has_a_row_for_each_hour_and_a_column_for_each_day(compiled):
    (row,) = week_of(compiled, KEYS, MONDAY, [NINE])
    assert [one.able for one in row] == [2, 1, 1, 1, 0]
    (weekend,) = week_of(compiled_of(replace(YEAR, weekdays=(0, 1, 2, 3, 4, 5))), KEYS, MONDAY, [NINE])
    assert len(weekend) == 6


def test_one_weekday_over_the_year_has_a_row_for_each_week(compiled):
    rows = weekday_over(compiled, KEYS, 0, D(2026, 9, 7), D(2026, 11, 3), [NINE])
    assert [row[0].day for row in rows] == mondays(D(2026, 9, 7), D(2026, 11, 3))
    assert [len(row[0].free) for row in rows] == [2, 1, 2, 1, 2, 1, 2, 0, 1]
    assert [row[0].closed.code for row in rows if row[0].closed] == ["closure"]


def test_a_week_of_a_school_counts_whole_days(compiled):
    week = school_week(compiled, KEYS, MONDAY)
    assert (week.able, week.teaches, week.all_week) == ((2, 1, 1, 1, 0), 4, 1)
    assert [reason.code for reason in week.why] == ["release_weekday", "protected_blocked", "staff_day"]


def test_a_week_nobody_teaches_is_nobodys(compiled):
    week = school_week(compiled, KEYS, D(2026, 10, 26))
    assert (week.able, week.teaches, week.all_week, len(week.why)) == ((0,) * 5, 0, 0, 1)


def test_a_rule_about_some_hours_does_not_close_a_day(compiled):
    kept = replace(YEAR, release=(ReleaseRule(protected_subjects=frozenset({"Maths"}), latest=T(15)),))
    assert school_week(compiled_of(kept), ("10A",), MONDAY).able == (1, 1, 1, 1, 0)


@pytest.mark.parametrize(
    ("hours", "state"),
    [
        ([(T(9), T(10, 30))], "cost"),
        ([(T(9), T(11)), (T(13), T(15))], "cost"),
        ([(T(8), T(16))], "blocked"),
        ([(T(13), T(23, 59)), (T(0), T(13))], "blocked"),
        ([(None, None)], "blocked"),
    ],
)
def test_protected_hours_close_a_day_only_when_they_leave_no_hour_of_it(hours, state):
    exams = tuple(ProtectedPeriod(MONDAY, MONDAY, "Exam", start_time=a, end_time=b) for a, b in hours)
    day = YearLesson("10A", "Art", T(9), T(15), weekday=MONDAY.weekday())
    year = SchoolYear("Europe/London", groups=(YearGroupOf("10A", 10),), protected=exams, lessons=(day,))
    compiled = compiled_of(year)
    (found,) = free_map(compiled, "10A", MONDAY, MONDAY)
    assert found.state == state
    assert school_week(compiled, ["10A"], MONDAY).able[0] == (state != "blocked")
