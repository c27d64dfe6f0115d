"""Days that are taught alike are asked once, and only those."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time

import pytest

from schools.fit import (
    ProtectedPeriod,
    ReleaseRule,
    SchoolYear,
    Span,
    WeekPattern,
    YearGroupOf,
    YearLesson,
    compile_year,
)
from schools.fit_reach import Asker, DayReach, reach

#: Four Mondays of weeks A, B, A, B.
MONDAYS = (date(2026, 9, 14), date(2026, 9, 21), date(2026, 9, 28), date(2026, 10, 5))
YEAR = SchoolYear(
    zone="Europe/London",
    terms=(Span(date(2026, 9, 1), date(2026, 12, 18)),),
    pattern=WeekPattern(("A", "B"), anchor=MONDAYS[0]),
    groups=(YearGroupOf("10", 10), YearGroupOf("11", 11)),
    lessons=tuple(YearLesson(group, "Maths", time(9), time(10), 0) for group in ("10", "11")),
)
HOURS = ((MONDAYS[0], time(9), time(12)),)


def able(year: SchoolYear, *, now=datetime(2026, 9, 1, tzinfo=UTC), out=None, starts=MONDAYS) -> list[int]:
    asker = Asker(compile_year(year), (("10", 20), ("11", 20)), out=out or {})
    return [found.able for found in reach([asker], HOURS, year.zone, starts, now=now)]


@pytest.mark.parametrize(
    ("year", "expected"),
    [
        (YEAR, [2, 2, 2, 2]),
        (replace(YEAR, staff_days=(Span(MONDAYS[2], MONDAYS[2]),)), [2, 2, 0, 2]),
        (
            replace(
                YEAR,
                lessons=(YearLesson("10", "Maths", time(9), time(10), 0, "B"),),
                release=(ReleaseRule(protected_subjects=frozenset({"Maths"})),),
            ),
            [2, 1, 2, 1],
        ),
        (
            replace(YEAR, protected=(ProtectedPeriod(MONDAYS[1], MONDAYS[2], year_groups=frozenset({11})),)),
            [2, 1, 1, 2],
        ),
        (
            replace(YEAR, protected=(
                ProtectedPeriod(MONDAYS[1], MONDAYS[1], start_time=time(9), end_time=time(10)),
                ProtectedPeriod(MONDAYS[2], MONDAYS[2], start_time=time(14), end_time=time(15)),
            )),
            [2, 0, 2, 2],
        ),
        (
            replace(YEAR, release=(
                ReleaseRule(year_groups=frozenset({10}), min_notice_weeks=2),
                ReleaseRule(year_groups=frozenset({11}), min_notice_weeks=4),
            )),
            [0, 1, 1, 2],
        ),
    ],
    ids=["alike", "staff day", "protected subject in week B", "mocks of Year 11", "hours of exams", "notice"],
)  # fmt: skip
def test_each_day_is_counted_as_it_is_taught(year, expected):
    assert able(year) == expected


def test_who_is_out_already_counts_on_the_day_they_are_out():
    year = replace(YEAR, release=(ReleaseRule(max_out_per_day=40),))
    assert able(year, out={MONDAYS[1]: 30}) == [2, 0, 2, 2]


def test_what_began_this_morning_is_past():
    assert able(YEAR, now=datetime(2026, 9, 14, 9, tzinfo=UTC)) == [0, 2, 2, 2]


def test_a_day_named_twice_is_counted_once():
    assert able(YEAR, starts=[MONDAYS[0], MONDAYS[0]]) == [2]


def test_a_school_without_groups_is_counted_with_none():
    asker = Asker(compile_year(YEAR), ())
    now = datetime(2026, 9, 1, tzinfo=UTC)
    assert reach([asker], HOURS, YEAR.zone, MONDAYS[:1], now=now) == [DayReach(MONDAYS[0], 0, 0, {})]
