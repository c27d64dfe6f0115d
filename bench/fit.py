"""The fit engine alone: no database, invented schools, what a page asks of it at its largest."""

from __future__ import annotations

import datetime as dt
from functools import cache

from schools.fit import FitSession, SchoolYear, Span, WeekPattern, YearGroupOf, YearLesson, compile_year, fit_many
from schools.fit_hours import hours_of, mondays, school_week, week_of, weekday_over
from schools.fit_reach import Asker, best, candidates, reach
from schools.hours import BellPeriod
from schools.release import ReleaseRule
from schools.years import CompiledCalendar, ProtectedPeriod

NOW = dt.datetime(2026, 9, 1, 8, tzinfo=dt.UTC)
FIRST = dt.date(2026, 9, 7)
SUBJECTS = ("Maths", "English", "Science", "History", "Art", "PE", "French", "Music", "Geography", "Drama")
SESSIONS, SCHOOLS, YEAR_GROUPS, GROUPS = 20_000, 110, 7, 40
STARTS = tuple(dt.time(9 + n // 2, 30 * (n % 2)) for n in range(8))


def year(number: int = 0, groups: int = GROUPS) -> SchoolYear:
    """A year of a school: A/B weeks, five periods, 25 lessons a week and group, 2,000 in all for 40 groups."""
    names = [
        YearGroupOf(f"{7 + n % YEAR_GROUPS}-{n}", 7 + n % YEAR_GROUPS, (11 + n % 7, 12 + n % 7)) for n in range(groups)
    ]
    lessons = tuple(
        YearLesson(group.key, SUBJECTS[(n + day + hour) % 10], dt.time(9 + hour), dt.time(10 + hour), day, week)
        for n, group in enumerate(names) for week in ("A", "B") for day in range(5) for hour in range(5)
    )  # fmt: skip
    return SchoolYear(
        zone="Europe/London",
        terms=tuple(
            Span(*span)
            for span in (
                (dt.date(2026, 9, 2), dt.date(2026, 10, 23)), (dt.date(2026, 11, 2), dt.date(2026, 12, 18)),
                (dt.date(2027, 1, 4), dt.date(2027, 2, 12)), (dt.date(2027, 2, 22), dt.date(2027, 3, 25)),
                (dt.date(2027, 4, 12), dt.date(2027, 5, 28)), (dt.date(2027, 6, 7), dt.date(2027, 7, 21)),
            )
        ),
        staff_days=(Span(dt.date(2027, 1, 4 + number % 5), dt.date(2027, 1, 4 + number % 5), "Staff day"),),
        protected=(
            ProtectedPeriod(dt.date(2027, 2, 8), dt.date(2027, 2, 12), "Mocks", year_groups=frozenset({10, 11})),
        ),
        bell=tuple(BellPeriod(f"P{n}", dt.time(8 + n), dt.time(9 + n)) for n in range(1, 6)),
        pattern=WeekPattern(("A", "B"), anchor=FIRST),
        groups=tuple(names),
        lessons=lessons,
        release=(ReleaseRule(weekdays=frozenset({0, 1, 2, 3}), max_out_per_day=60, min_notice_weeks=3),),
    )  # fmt: skip


@cache
def sessions(count: int) -> tuple[FitSession, ...]:
    """Sessions over a school year: one day or a few, eight starts, five lengths, five travel times."""
    found = []
    for n in range(count):
        day = FIRST + dt.timedelta(days=(n * 7 + n // 40) % 300)
        start = STARTS[n % 8]
        end = dt.time(min(start.hour + 1 + n % 5, 17), start.minute)
        days = tuple((day + dt.timedelta(days=d), start, end) for d in range(1 + (n % 10 == 0) * 2))
        found.append(FitSession(days=days, zone="Europe/London", travel_minutes=(n % 5) * 10, students=25, min_age=12))
    return tuple(found)


@cache
def compiled(number: int) -> CompiledCalendar:
    return compile_year(year(number, YEAR_GROUPS))


@cache
def whole() -> CompiledCalendar:
    return compile_year(year())


def compile_2000_lessons() -> None:
    made = compile_year(year_once())
    if len(made.year.lessons) != 2_000:
        raise RuntimeError("not 2,000 lessons")


@cache
def year_once() -> SchoolYear:
    return year()


def one_group_20000_sessions() -> None:
    calendar = whole()
    calendar.forget()
    found = list(fit_many(calendar, "10-3", sessions(SESSIONS), now=NOW))
    if len(found) != SESSIONS:
        raise RuntimeError("sessions were lost")


def one_session_every_school() -> None:
    asked = sessions(8)[3:4]
    for number in range(SCHOOLS):
        calendar = compiled(number)
        calendar.forget()
        for group in calendar.groups:
            list(fit_many(calendar, group, asked, now=NOW))


@cache
def askers() -> tuple[Asker, ...]:
    keys = [(key, 25) for key in compiled(0).groups]
    return tuple(Asker(compiled(number), tuple(keys), travel_minutes=20) for number in range(SCHOOLS))


def dates_over_60_days() -> None:
    """As the employer's page asks it: every weekday of 60 days, every group of every school."""
    for asker in askers():
        asker.compiled.forget()
    days = ((FIRST, dt.time(9, 30), dt.time(15)),)
    found = reach(askers(), days, "Europe/London", candidates(dt.date(2026, 11, 2), 60), now=NOW)
    if len(best(found, 5)) != 5:
        raise RuntimeError("no date was found")


def year_of_hours_40_groups() -> None:
    """A school's page of hours: one week in full and one weekday of every week of the year, 40 groups."""
    calendar = whole()
    calendar.forget()
    keys, hours = tuple(calendar.groups), hours_of(calendar)
    week = week_of(calendar, keys, FIRST, hours)
    year = weekday_over(calendar, keys, 1, dt.date(2026, 9, 1), dt.date(2027, 8, 31), hours)
    if len(week) != len(hours) or len(year) != 53:
        raise RuntimeError("hours or weeks were lost")


def common_weeks_110_schools() -> None:
    """The hub's page of common weeks: one year group, every week of a year, every school."""
    weeks = mondays(dt.date(2026, 9, 1), dt.date(2027, 8, 31))
    for number in range(SCHOOLS):
        calendar = compiled(number)
        calendar.forget()
        keys = [key for key, group in calendar.groups.items() if group.year_group == 10]
        if len([school_week(calendar, keys, monday) for monday in weeks]) != 53 or not keys:
            raise RuntimeError("weeks or groups were lost")


#: Milliseconds, as promised.
LIMITS = {
    "compile_2000_lessons": 50,
    "one_group_20000_sessions": 200,
    "one_session_110_schools_7_groups": 200,
    "dates_over_60_days_110_schools_7_groups": 500,
}
#: What asks one school comes first: the calendars of 110 stay in memory, and are looked through with every collection.
CASES = {
    "compile_2000_lessons": compile_2000_lessons,
    "one_group_20000_sessions": one_group_20000_sessions,
    "hours_of_a_year_40_groups": year_of_hours_40_groups,
    "one_session_110_schools_7_groups": one_session_every_school,
    "common_weeks_110_schools": common_weeks_110_schools,
    "dates_over_60_days_110_schools_7_groups": dates_over_60_days,
}
