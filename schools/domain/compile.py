"""A school's rows as the fit engine's year, in a constant number of queries."""

from __future__ import annotations

import datetime as dt
from collections import OrderedDict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import Any, NamedTuple

from django.db.models import F

from schools import fit
from schools.fit import CompiledCalendar, SchoolYear, Span, compile_year
from schools.hours import BellPeriod, is_break
from schools.models import (
    BellSchedule,
    Closure,
    Enrolment,
    Group,
    Lesson,
    ProtectedPeriod,
    ReleaseRule,
    School,
    Term,
    WeekPattern,
    YearGroup,
)
from schools.slips import slip_of, slip_of_day, sound
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
    lessons: list[tuple]
    #: Option sets by class: see `_sets_of_classes`.
    sets: dict[int, list[int]]


def compile_school(school: School) -> CompiledCalendar:
    """Everything of a school's calendar, ready to be asked. Groups are named by `group_key`; the
    group WHOLE_SCHOOL has no lessons and no year. A class is also in the option sets its students sit in.

    Ten queries (see `read_many`), or none while this process still has the calendar of the school's
    revision: pass a row as fresh as the answer has to be. Raises ValueError as
    `schools.fit.compile_year` does.
    """
    return compile_schools([school])[school.pk]


def compile_schools(schools: Sequence[School]) -> dict[int, CompiledCalendar]:
    """`compile_school` of many, by school id: ten queries for all that are not at hand."""
    found = {school.pk: known for school in schools if (known := _kept.get(school)) is not None}
    for rows in read_many([school for school in schools if school.pk not in found]):
        found[rows.school.pk] = _kept.keep(rows.school, compile_rows(rows))
    return found


def compile_rows(rows: CalendarRows) -> CompiledCalendar:
    return compile_year(school_year(rows))


class Kept:
    """Compiled calendars in the memory of this process, the least lately asked for leaving first.

    A school without a revision is compiled every time: nobody would say when it changed.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self._found: OrderedDict[int, tuple[tuple[str, str], CompiledCalendar]] = OrderedDict()
        self._lock = Lock()

    def get(self, school: School) -> CompiledCalendar | None:
        with self._lock:
            known = self._found.get(school.pk)
            if known is None or not school.calendar_revision or known[0] != _version(school):
                return None
            self._found.move_to_end(school.pk)
            return known[1]

    def keep(self, school: School, compiled: CompiledCalendar) -> CompiledCalendar:
        if school.calendar_revision:
            with self._lock:
                self._found[school.pk] = (_version(school), compiled)
                self._found.move_to_end(school.pk)
                while len(self._found) > self.most:
                    self._found.popitem(last=False)
        return compiled

    def forget(self) -> None:
        with self._lock:
            self._found.clear()


def _version(school: School) -> tuple[str, str]:
    return school.calendar_revision, school.zone.key


_kept = Kept(most=256)
forget_compiled = _kept.forget


def group_key(group: Group | int) -> str:
    """How a group is called inside a compiled calendar."""
    return str(group if isinstance(group, int) else group.pk)


def read_rows(school: School) -> CalendarRows:
    return next(read_many([school]))


def read_many(schools: Sequence[School]) -> Iterator[CalendarRows]:
    """The rows of each school, in their order. Ten queries, for one school as for a hundred: terms,
    closures, protected periods (with their two lists), week patterns with marks, bell schedules with
    periods, groups, release rules, lessons; one more where a school has option sets."""
    if not schools:
        return
    of = {"school__in": [school.pk for school in schools]}
    protected = ProtectedPeriod.objects.filter(**of).prefetch_related("year_groups", "groups")
    found = {
        "terms": _by_school(Term.objects.filter(**of)),
        "closures": _by_school(Closure.objects.filter(**of)),
        "protected": _by_school(protected),
        "groups": _by_school(Group.objects.filter(**of).select_related("year_group")),
        "rules": _by_school(ReleaseRule.objects.filter(**of).select_related("year_group", "group")),
        "lessons": _lesson_rows(of),
    }
    weeks, bells = _week_rows(of), _bell_rows(of)
    sets = _sets_of_classes(group for rows in found["groups"].values() for group in rows)
    for school in schools:
        pattern, marks = weeks.get(school.pk, (None, []))
        yield CalendarRows(
            school=school,
            pattern=pattern,
            marks=marks,
            schedules=list(bells.get(school.pk, {}).values()),
            sets=sets,
            **{name: rows.get(school.pk, []) for name, rows in found.items()},
        )


def _by_school(rows: Iterable[Any]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for row in rows:
        found.setdefault(row.school_id, []).append(row)
    return found


def _sets_of_classes(groups: Iterable[Group]) -> dict[int, list[int]]:
    """Class → the option sets at least one of its students sits in: whoever takes the class out takes them along."""
    schools = {group.school_id for group in groups if group.kind == Group.Kind.SET and group.is_active}
    found: dict[int, list[int]] = {}
    if not schools:
        return found
    inside = Enrolment.objects.filter(
        group__school__in=schools,
        group__kind=Group.Kind.CLASS,
        student__left_on=None,
        student__enrolments__group__school=F("group__school"),
        student__enrolments__group__kind=Group.Kind.SET,
        student__enrolments__group__is_active=True,
    )
    pairs = inside.values_list("group", "student__enrolments__group").distinct()
    for one, option in pairs.order_by("group", "student__enrolments__group"):
        found.setdefault(one, []).append(option)
    return found


def _lesson_rows(of: dict[str, Any]) -> dict[int, list[Any]]:
    names = ("group_id", "subject", "starts_at", "ends_at", "weekday", "week_letter")
    found: dict[int, list[Any]] = {}
    for school, *row in Lesson.objects.filter(**of).values_list("school_id", *names):
        found.setdefault(school, []).append(tuple(row))
    return found


def _week_rows(of: dict[str, Any]) -> dict[int, tuple[WeekPattern, list[tuple[dt.date, str]]]]:
    """The pattern and, where there is one, the marks of single weeks: one row for each mark."""
    rows = WeekPattern.objects.filter(**of).order_by("school", "school__weekmark__monday")
    found: dict[int, tuple[WeekPattern, list[tuple[dt.date, str]]]] = {}
    for row in rows.annotate(monday=F("school__weekmark__monday"), mark=F("school__weekmark__letter")):
        _pattern, marks = found.setdefault(row.school_id, (row, []))
        if row.monday:
            marks.append((row.monday, row.mark))
    return found


def _bell_rows(of: dict[str, Any]) -> dict[int, dict[int, Bell]]:
    """By school and id. A schedule without periods is there too: its days have none."""
    rows = BellSchedule.objects.filter(**of).order_by("school", "pk", "periods__starts_at", "periods__pk")
    names = ("pk", "name", "weekdays", "week_letter")
    periods = ("periods__name", "periods__starts_at", "periods__ends_at")
    found: dict[int, dict[int, Bell]] = {}
    for school, pk, name, weekdays, letter, *period in rows.values_list("school_id", *names, *periods):
        bell = found.setdefault(school, {}).setdefault(pk, Bell(pk, name, weekdays, letter))
        if period[0] is not None:
            bell.periods.append(Hours(*period))
    return found


def school_year(rows: CalendarRows) -> SchoolYear:
    """The rows, with the school's lessons, as the fit engine's year.

    A row with a slip in its dates is left out: it would stop the pages of every school of the hub, and its own page,
    where it is mended, too. So is the bell of a week the pattern does not have: no day is in it.
    """
    labels = tuple(rows.pattern.letters) if rows.pattern else ()
    lessons = list(_lessons(rows.lessons, labels))
    return SchoolYear(
        zone=rows.school.zone.key,
        terms=sound(Span(row.starts_on, row.ends_on, row.name) for row in rows.terms)[0],
        closures=_spans(rows.closures, Closure.Kind.HOLIDAY),
        public_holidays=_spans(rows.closures, Closure.Kind.PUBLIC_HOLIDAY),
        staff_days=_spans(rows.closures, Closure.Kind.STAFF_DAY),
        short_days=tuple(
            fit.ShortDay(row.starts_on, row.ends_on, row.name, row.begins_at, row.ends_at)
            for row in rows.closures
            if row.kind == Closure.Kind.SHORT_DAY and not slip_of(row.starts_on, row.ends_on)
        ),
        protected=tuple(_protected((p for p in rows.protected if not slip_of(p.starts_on, p.ends_on)), labels)),
        bell=bell_periods([bell for bell in rows.schedules if bell.week_letter in ("", *labels)], labels),
        pattern=_pattern(rows, labels),
        groups=(fit.YearGroupOf(WHOLE_SCHOOL), *(_group(row, rows.sets.get(row.pk, ())) for row in rows.groups)),
        lessons=tuple(lessons),
        release=tuple(_release(row) for row in rows.rules),
        weekdays=_weekdays(lessons),
    )


def bell_of(school: School) -> tuple[BellPeriod, ...]:
    """The school's bell schedules as periods of single weekdays and weeks."""
    of = {"school__in": [school.pk]}
    pattern, _marks = _week_rows(of).get(school.pk, (None, []))
    schedules = list(_bell_rows(of).get(school.pk, {}).values())
    return bell_periods(schedules, pattern.letters if pattern else ())


def bell_periods(schedules: Sequence[Bell], labels: Iterable[str] = ()) -> tuple[BellPeriod, ...]:
    """The most specific schedule rules a day: one for a weekday and a week, then one for a weekday
    or a week, then the general one. `labels`: the weeks of the pattern; a week without a schedule of
    its own has the general one."""
    if all(not row.weekdays and not row.week_letter for row in schedules):
        return tuple(_period(p, None, None) for row in schedules[:1] for p in row.periods)
    own = {row.week_letter for row in schedules if row.week_letter}
    letters = sorted(own | set(labels)) if own else []
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
    return sound(Span(row.starts_on, row.ends_on, row.name) for row in rows if row.kind == kind)[0]


def _protected(rows: Iterable[ProtectedPeriod], labels: Collection[str]) -> Iterable[fit.ProtectedPeriod]:
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
            week=row.week_letter if row.week_letter in labels else None,
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
        anchor=None if slip_of_day(rows.pattern.anchor_on) else rows.pattern.anchor_on,
        counts_holiday_weeks=rows.pattern.holidays_advance,
        marks=labels_for_marks([mark for mark in rows.marks if not slip_of_day(mark[0])], labels),
    )


def _lessons(rows: Iterable[tuple], labels: tuple[str, ...]) -> Iterable[fit.YearLesson]:
    """A letter the pattern does not have (or without a pattern) is every week: rather a cost too many."""
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


def _group(row: Group, sets: Iterable[int]) -> fit.YearGroupOf:
    year: YearGroup | None = row.year_group
    also_in = tuple(group_key(one) for one in sets)
    if year is None:
        return fit.YearGroupOf(group_key(row), also_in=also_in)
    return fit.YearGroupOf(group_key(row), year.number, (year.age - 1, year.age), also_in)


def _release(row: ReleaseRule) -> fit.ReleaseRule:
    """How many are out a day is counted over the whole school, so no year group or group has a number of its own."""
    return fit.ReleaseRule(
        year_groups=frozenset({row.year_group.number}) if row.year_group else frozenset(),
        groups=frozenset({group_key(row.group_id)}) if row.group_id else frozenset(),
        weekdays=frozenset(row.weekdays),
        earliest=row.earliest,
        latest=row.latest,
        max_out_per_day=None if row.year_group or row.group_id else row.most_out_per_day,
        max_times_per_term=row.most_times_a_term,
        min_notice_weeks=row.notice_weeks or None,
        protected_subjects=frozenset(row.protected_subjects),
        periods=frozenset(row.periods),
        max_missed_per_subject=row.most_missed_a_subject,
    )
