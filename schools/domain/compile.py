"""A school's rows as the fit engine's year, in a constant number of queries."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from django.db.models import F

from schools import fit
from schools.fit import CompiledCalendar, SchoolYear, Span, compile_year
from schools.hours import BellPeriod, is_break
from schools.models import (
    BellSchedule,
    Closure,
    Group,
    Lesson,
    ProtectedPeriod,
    ReleaseRule,
    School,
    Term,
    WeekPattern,
    YearGroup,
)
from schools.weeks import MONDAY_TO_FRIDAY, days_between, labels_for_marks
from schools.weeks import WeekPattern as Pattern

ALL_WEEKDAYS = tuple(range(7))
WHOLE_SCHOOL = ""


class Hours(NamedTuple):
    """One period of a bell schedule, in local times."""

    name: str
    starts_at: dt.time
    ends_at: dt.time


@dataclass(frozen=True)
class Bell:
    """A bell schedule with its periods."""

    pk: int
    name: str
    weekdays: list[int]
    week_letter: str
    periods: list[Hours] = field(default_factory=list)


@dataclass(frozen=True)
class CalendarRows:
    """Every row of a school's calendar, read once; a page shows them and compiles them."""

    school: School
    terms: list[Term]
    closures: list[Closure]
    protected: list[ProtectedPeriod]
    pattern: WeekPattern | None
    marks: list[tuple[dt.date, str]]
    schedules: list[Bell]
    groups: list[Group]
    rules: list[ReleaseRule]


def compile_school(school: School) -> CompiledCalendar:
    """Everything of a school's calendar, ready to be asked. Groups are named by `group_key`; the
    group WHOLE_SCHOOL has no lessons and no year.

    Ten queries, always: terms, closures, protected periods (with their two lists), week pattern with
    marks, bell schedules with periods, groups, release rules, lessons. Raises ValueError as
    `schools.fit.compile_year` does.
    """
    return compile_rows(read_rows(school))


def compile_rows(rows: CalendarRows) -> CompiledCalendar:
    return compile_year(school_year(rows))


def group_key(group: Group | int) -> str:
    """How a group is called inside a compiled calendar."""
    return str(group if isinstance(group, int) else group.pk)


def read_rows(school: School) -> CalendarRows:
    pattern, marks = read_weeks(school)
    protected = ProtectedPeriod.objects.filter(school=school).prefetch_related("year_groups", "groups")
    return CalendarRows(
        school=school,
        terms=list(Term.objects.filter(school=school)),
        closures=list(Closure.objects.filter(school=school)),
        protected=list(protected),
        pattern=pattern,
        marks=marks,
        schedules=read_bells(school),
        groups=list(Group.objects.filter(school=school).select_related("year_group")),
        rules=list(ReleaseRule.objects.filter(school=school).select_related("year_group")),
    )


def read_weeks(school: School) -> tuple[WeekPattern | None, list[tuple[dt.date, str]]]:
    """The pattern and, where there is one, the marks of single weeks: one row for each mark."""
    rows = WeekPattern.objects.filter(school=school).order_by("school__weekmark__monday")
    found = list(rows.annotate(monday=F("school__weekmark__monday"), mark=F("school__weekmark__letter")))
    return (found[0] if found else None), [(row.monday, row.mark) for row in found if row.monday]


def read_bells(school: School) -> list[Bell]:
    """A schedule without periods is there too: its days have none."""
    rows = BellSchedule.objects.filter(school=school).order_by("pk", "periods__starts_at", "periods__pk")
    periods = ("periods__name", "periods__starts_at", "periods__ends_at")
    found: dict[int, Bell] = {}
    for pk, name, weekdays, letter, *period in rows.values_list("pk", "name", "weekdays", "week_letter", *periods):
        bell = found.setdefault(pk, Bell(pk, name, weekdays, letter))
        if period[0] is not None:
            bell.periods.append(Hours(*period))
    return list(found.values())


def school_year(rows: CalendarRows) -> SchoolYear:
    """The rows, with the school's lessons, as the fit engine's year."""
    labels = tuple(rows.pattern.letters) if rows.pattern else ()
    lessons = list(_lessons(rows.school, labels))
    return SchoolYear(
        zone=rows.school.zone.key,
        terms=tuple(Span(row.starts_on, row.ends_on, row.name) for row in rows.terms),
        closures=_spans(rows.closures, Closure.Kind.HOLIDAY),
        public_holidays=_spans(rows.closures, Closure.Kind.PUBLIC_HOLIDAY),
        staff_days=_spans(rows.closures, Closure.Kind.STAFF_DAY),
        protected=tuple(_protected(rows.protected)),
        bell=bell_periods(rows.schedules),
        pattern=_pattern(rows, labels),
        groups=(fit.YearGroupOf(WHOLE_SCHOOL), *(_group(row) for row in rows.groups)),
        lessons=tuple(lessons),
        release=tuple(_release(row) for row in rows.rules),
        weekdays=_weekdays(lessons),
    )


def bell_of(school: School) -> tuple[BellPeriod, ...]:
    """The school's bell schedules as periods of single weekdays and weeks."""
    return bell_periods(read_bells(school))


def bell_periods(schedules: Sequence[Bell]) -> tuple[BellPeriod, ...]:
    """The most specific schedule rules a day: one for a weekday and a week, then one for a weekday
    or a week, then the general one."""
    if all(not row.weekdays and not row.week_letter for row in schedules):
        return tuple(_period(p, None, None) for row in schedules[:1] for p in row.periods)
    letters = sorted({row.week_letter for row in schedules if row.week_letter})
    found = []
    for weekday in ALL_WEEKDAYS:
        for letter in letters or [""]:
            row = _ruling(schedules, weekday, letter)
            if row is not None:
                found += [_period(p, weekday, letter or None) for p in row.periods]
    return tuple(found)


def _ruling(schedules: Sequence[Bell], weekday: int, letter: str) -> Bell | None:
    fitting = [
        row for row in schedules if (not row.weekdays or weekday in row.weekdays) and row.week_letter in ("", letter)
    ]
    return max(fitting, key=lambda row: (bool(row.weekdays), bool(row.week_letter), -row.pk), default=None)


def _period(row: Hours, weekday: int | None, letter: str | None) -> BellPeriod:
    return BellPeriod(row.name, row.starts_at, row.ends_at, weekday, letter, is_break(row.name))


def _spans(rows: Iterable[Closure], kind: str) -> tuple[Span, ...]:
    return tuple(Span(row.starts_on, row.ends_on, row.name) for row in rows if row.kind == kind)


def _protected(rows: Iterable[ProtectedPeriod]) -> Iterable[fit.ProtectedPeriod]:
    for row in rows:
        period = fit.ProtectedPeriod(
            start=row.starts_on,
            end=row.ends_on,
            name=row.name,
            hardness=row.hardness,
            year_groups=frozenset(year.number for year in row.year_groups.all()),
            groups=frozenset(group_key(group) for group in row.groups.all()),
            start_time=row.starts_at,
            end_time=row.ends_at,
        )
        if not row.weekdays:
            yield period
            continue
        for day in days_between(row.starts_on, row.ends_on):
            if day.weekday() in row.weekdays:
                yield replace(period, start=day, end=day)


def _pattern(rows: CalendarRows, labels: tuple[str, ...]) -> Pattern:
    if rows.pattern is None:
        return Pattern()
    return Pattern(
        labels=labels,
        anchor=rows.pattern.anchor_on,
        counts_holiday_weeks=rows.pattern.holidays_advance,
        marks=labels_for_marks(rows.marks, labels),
    )


def _lessons(school: School, labels: tuple[str, ...]) -> Iterable[fit.YearLesson]:
    """A letter the pattern does not have (or without a pattern) is every week: rather a cost too many."""
    rows = Lesson.objects.filter(school=school).values_list(
        "group_id", "subject", "starts_at", "ends_at", "weekday", "week_letter"
    )
    for group_id, subject, starts, ends, weekday, letter in rows:
        yield fit.YearLesson(
            group=group_key(group_id),
            subject=subject,
            start=starts,
            end=ends,
            weekday=weekday,
            week=letter if letter in labels else None,
        )


def _weekdays(lessons: Sequence[fit.YearLesson]) -> tuple[int, ...]:
    """Monday to Friday, unless the timetable itself teaches at a weekend."""
    taught = {lesson.weekday for lesson in lessons if lesson.weekday is not None}
    return tuple(sorted(taught)) if taught & {5, 6} else MONDAY_TO_FRIDAY


def _group(row: Group) -> fit.YearGroupOf:
    year: YearGroup | None = row.year_group
    if year is None:
        return fit.YearGroupOf(group_key(row))
    return fit.YearGroupOf(group_key(row), year.number, (year.age - 1, year.age))


def _release(row: ReleaseRule) -> fit.ReleaseRule:
    return fit.ReleaseRule(
        year_groups=frozenset({row.year_group.number}) if row.year_group else frozenset(),
        weekdays=frozenset(row.weekdays),
        earliest=row.earliest,
        latest=row.latest,
        max_out_per_day=row.most_out_per_day,
        max_times_per_term=row.most_times_a_term,
        min_notice_weeks=row.notice_weeks,
        protected_subjects=frozenset(row.protected_subjects),
    )
