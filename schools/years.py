"""A school's year as the fit engine needs it, and its compiled form: look-ups by day and by lesson slot.

All dates and times are the school's wall clock. Spans include their last day.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, time, timedelta
from typing import NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from schools.hours import BellPeriod
from schools.ical_types import Span
from schools.release import DAY_MINUTES, GroupRules, ReleaseRule, fold, minutes_of
from schools.weeks import (
    MONDAY_TO_FRIDAY,
    Notice,
    WeekPattern,
    cycle_numbers,
    days_between,
    letter_for,
    monday_of,
    week_letters,
)

CLOSURE = "closure"
PUBLIC_HOLIDAY = "public_holiday"
STAFF_DAY = "staff_day"
SHORT_DAY = "short_day"
BLOCKED = "blocked"
AVOID = "avoid"

BLOCKS = "blocks"
COSTS = "costs"
NOTE = "note"

# A span longer than this is a slip of the keyboard ("2206"); nobody waits for its days to be counted.
LONGEST_SPAN_DAYS = 1_200
MOST_REMEMBERED = 100_000
MOST_DAYS_REMEMBERED = 4_000


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a session does not fit, or what it costs. ``level``: blocks, costs or note. Facts are plain values."""

    code: str
    facts: Mapping[str, object] = field(default_factory=dict)
    level: str = BLOCKS


@dataclass(frozen=True, slots=True)
class ProtectedPeriod:
    """Exams, mocks, trips. For the whole school when both ``year_groups`` and ``groups`` are empty.

    With times, only those hours of each day are protected; with a week, only its weeks (and those nobody knows).
    """

    start: date
    end: date
    name: str = ""
    hardness: str = BLOCKED
    year_groups: frozenset[int] = frozenset()
    groups: frozenset[str] = frozenset()
    start_time: time | None = None
    end_time: time | None = None
    week: str | None = None


@dataclass(frozen=True, slots=True)
class ShortDay:
    """Days on which lessons begin late, end early, or both. None: as on other days."""

    start: date
    end: date
    name: str = ""
    begins_at: time | None = None
    ends_at: time | None = None


@dataclass(frozen=True, slots=True)
class YearLesson:
    """One lesson of one group. ``weekday`` 0 is Monday; ``week`` None is every week; ``cycle_day`` replaces both."""

    group: str
    subject: str
    start: time
    end: time
    weekday: int | None = None
    week: str | None = None
    cycle_day: int | None = None


@dataclass(frozen=True, slots=True)
class YearGroupOf:
    """A group: its year group, the usual ages in it, and the larger groups and option sets its pupils also sit in."""

    key: str
    year_group: int | None = None
    ages: tuple[int, int] | None = None
    also_in: tuple[str, ...] = ()


ONE_WEEK = WeekPattern()
Dated = TypeVar("Dated", ProtectedPeriod, ShortDay)


@dataclass(frozen=True, slots=True)
class SchoolYear:
    """``weekdays``: days the school teaches. ``open_days``: other days it teaches all the same (a Saturday)."""

    zone: str
    terms: tuple[Span, ...] = ()
    closures: tuple[Span, ...] = ()
    public_holidays: tuple[Span, ...] = ()
    staff_days: tuple[Span, ...] = ()
    short_days: tuple[ShortDay, ...] = ()
    protected: tuple[ProtectedPeriod, ...] = ()
    bell: tuple[BellPeriod, ...] = ()
    pattern: WeekPattern = ONE_WEEK
    groups: tuple[YearGroupOf, ...] = ()
    lessons: tuple[YearLesson, ...] = ()
    release: tuple[ReleaseRule, ...] = ()
    weekdays: tuple[int, ...] = MONDAY_TO_FRIDAY
    open_days: frozenset[date] = frozenset()


# (first minute, last minute, subject), minutes from midnight.
Slot = tuple[int, int, str]
DayKey = tuple[str, str | int | None, int]
# (weekday, letter, day of the cycle, short days and protected periods).
Kind = tuple[object, ...]


class KnownDay(NamedTuple):
    """``closed``: why the school does not teach. ``kind``: days of one kind are alike in all else, for each group."""

    closed: Reason | None
    letter: str | None
    kind: Kind


class CompiledCalendar:
    """Look-ups for one school year. Build with ``compile_year``; read-only apart from its own memory of answers."""

    def __init__(self, year: SchoolYear) -> None:
        self.year = year
        self.zone = ZoneInfo(year.zone)
        self.groups = {group.key: group for group in year.groups}
        self.closed = _closed_days(year)
        self.term_of = _term_of_day(year.terms)
        self.has_terms = bool(year.terms)
        self.first, self.last = _extent(year)
        self.not_teaching = self._not_teaching()
        self.letters = week_letters(
            year.pattern, self.first, self.last, closed=self.not_teaching, weekdays=year.weekdays
        )
        self.cycle = cycle_numbers(year.pattern, self.first, self.last, is_open=lambda d: self.day_reason(d) is None)
        self.protected_on = _by_day(year.protected)
        self.short_on = _by_day(year.short_days)
        self.lessons = _index_lessons(year.lessons)
        self.with_lessons = {lesson.group for lesson in year.lessons}
        self.rules = {key: self._rules_for(group) for key, group in self.groups.items()}
        self.kinds: dict[object, object] = {}
        self._days: dict[str, dict[date, object]] = {}
        self._kept: dict[date, KnownDay] = {}
        self._notice: dict[tuple[date, date], int] = {}
        self._counted: tuple[date, Notice] | None = None
        self._alone: CompiledCalendar | None = None

    def forget(self) -> None:
        """Drop every answer remembered so far. They cost memory and save time, nothing else."""
        self.kinds.clear()
        self._days.clear()
        self._kept.clear()
        self._notice.clear()
        self._counted = None

    def alone(self) -> CompiledCalendar:
        """The same year without the sets a group's pupils also sit in: for somebody whose own groups are all named."""
        if self._alone is None:
            groups = tuple(replace(group, also_in=()) for group in self.year.groups)
            same = groups == self.year.groups
            self._alone = self if same else CompiledCalendar(replace(self.year, groups=groups))
        return self._alone

    def days_of(self, group: str) -> dict[date, object]:
        """The memory of one group's days; it starts over before it grows beyond what it saves."""
        days = self._days.setdefault(group, {})
        if len(days) >= MOST_DAYS_REMEMBERED:
            days.clear()
        return days

    def notice(self, today: date, day: date) -> int:
        """Whole school weeks from ``today`` to ``day``: outside the known terms nothing counts as a school week."""
        if self.has_terms:
            day = min(day, self.last + timedelta(days=1))
        known = self._notice.get((today, day))
        if known is None:
            if len(self._notice) >= MOST_REMEMBERED:
                self._notice.clear()
            known = self._notice[today, day] = self._notice_from(today).until(day)
        return known

    def _notice_from(self, today: date) -> Notice:
        if self._counted is None or self._counted[0] != today:
            closed = self._not_teaching_around(today)
            self._counted = (today, Notice(today, closed=closed, weekdays=self.year.weekdays))
        return self._counted[1]

    def _not_teaching_around(self, today: date) -> frozenset[date]:
        if not self.has_terms or today >= self.first:
            return self.not_teaching
        return self.not_teaching | set(days_between(today - timedelta(days=7), self.first))

    def _not_teaching(self) -> frozenset[date]:
        """Holidays, public holidays and days outside the terms: what makes a holiday week. Staff days are not in it."""
        closed = {day for day, reason in self.closed.items() if reason.code != STAFF_DAY}
        if self.has_terms:
            # To the ends of the first and the last week: a day left open there would make it a school week.
            around = days_between(self.first - timedelta(days=6), self.last + timedelta(days=6))
            closed |= {day for day in around if day not in self.term_of}
        return frozenset(closed)

    def day_reason(self, day: date) -> Reason | None:
        """Why the school does not teach on a day, or None when it does."""
        reason = self.closed.get(day)
        if reason is not None:
            return reason
        if day in self.year.open_days:
            return None
        if day.weekday() not in self.year.weekdays:
            return Reason("weekend", {"date": day})
        if self.has_terms and day not in self.term_of:
            return Reason("outside_term", {"date": day, **self._nearest_terms(day)})
        return None

    def known_day(self, day: date) -> KnownDay:
        """What is the same for all the groups that ask about a day, worked out once."""
        known = self._kept.get(day)
        if known is None:
            if len(self._kept) >= MOST_DAYS_REMEMBERED:
                self._kept.clear()
            letter = self.letter(day)
            special = (*self.short_on.get(day, ()), *self.protected_on.get(day, ()))
            kind = (day.weekday(), letter, self.cycle.get(day), *map(id, special))
            known = self._kept[day] = KnownDay(self.day_reason(day), letter, kind)
        return known

    def _nearest_terms(self, day: date) -> dict[str, object]:
        ends = [span.end for span in self.year.terms if span.end < day]
        starts = [span.start for span in self.year.terms if span.start > day]
        return {"previous_end": max(ends, default=None), "next_start": min(starts, default=None)}

    def letter(self, day: date) -> str | None:
        found = self.letters.get(monday_of(day))
        if found is None and len(self.year.pattern.labels) > 1 and not self.has_terms:
            return letter_for(day, self.year.pattern, closed=self.not_teaching, weekdays=self.year.weekdays)
        return found

    def slots(self, group: str, day: date) -> list[Slot]:
        """The lessons of a group on a day the school teaches, with those of the larger sets it sits in; of a short day
        what is left of them."""
        known = self.groups.get(group)
        weekday, letter, cycle_day = day.weekday(), self.known_day(day).letter, self.cycle.get(day)
        found: list[Slot] = []
        for name in (group, *known.also_in) if known else (group,):
            if cycle_day is not None:
                found += self.lessons.get((name, cycle_day, -1), ())
            found += self.lessons.get((name, None, weekday), ())
            if letter is not None:
                found += self.lessons.get((name, letter, weekday), ())
        first, last = self.taught(day)
        return sorted({(max(s, first), min(e, last), name) for s, e, name in found if s < last and first < e})

    def taught(self, day: date) -> tuple[int, int]:
        """From which minute to which the school teaches: the whole day, unless it is a short one."""
        short = self.short_on.get(day, ())
        begins = [minutes_of(one.begins_at) for one in short if one.begins_at]
        ends = [minutes_of(one.ends_at) for one in short if one.ends_at]
        return max(begins, default=0), min(ends, default=DAY_MINUTES)

    def bell_on(self, day: date) -> list[BellPeriod]:
        letter = self.known_day(day).letter
        return [
            period
            for period in self.year.bell
            if period.weekday in (None, day.weekday()) and period.week in (None, letter)
        ]

    def has_timetable(self, group: str) -> bool:
        known = self.groups.get(group)
        return any(name in self.with_lessons for name in ((group, *known.also_in) if known else (group,)))

    def protections(self, group: str, day: date) -> list[ProtectedPeriod]:
        known, letter = self.groups.get(group), self.known_day(day).letter
        return [
            period
            for period in self.protected_on.get(day, ())
            if _covers(period.year_groups, period.groups, group, known)
            and (period.week is None or letter in (period.week, None))
        ]

    def rules_for(self, group: str) -> GroupRules:
        return self.rules.get(group) or self._rules_for(YearGroupOf(group))

    def _rules_for(self, group: YearGroupOf) -> GroupRules:
        """What an option set may is the set's own affair: its rule does not hold for the classes of its pupils."""
        own = replace(group, also_in=())
        return fold([rule for rule in self.year.release if _covers(rule.year_groups, rule.groups, group.key, own)])


def compile_year(year: SchoolYear) -> CompiledCalendar:
    """Index a year once, to ask it many times. Raises ValueError for a zone that does not exist or a span that ends
    before it begins or lasts longer than 1,200 days."""
    for span in _all_spans(year):
        if not 0 <= (span.end - span.start).days <= LONGEST_SPAN_DAYS:
            raise ValueError(f"{span.name or 'span'}: {span.start} to {span.end} is not a span of days")
    try:
        return CompiledCalendar(year)
    except (KeyError, OSError) as error:
        raise ValueError(f"{year.zone!r} is not a time zone") from error


def _all_spans(year: SchoolYear) -> list[Span]:
    protected = [Span(period.start, period.end, period.name) for period in year.protected]
    short = [Span(day.start, day.end, day.name) for day in year.short_days]
    return [*year.terms, *year.closures, *year.public_holidays, *year.staff_days, *short, *protected]


def _covers(years: frozenset[int], groups: frozenset[str], key: str, known: YearGroupOf | None) -> bool:
    if not years and not groups:
        return True
    if key in groups:
        return True
    if known is None:
        return False
    return known.year_group in years or any(name in groups for name in known.also_in)


def _closed_days(year: SchoolYear) -> dict[date, Reason]:
    """A holiday beats a public holiday beats a staff day: the widest reason is the one people use."""
    closed: dict[date, Reason] = {}
    for code, spans in ((STAFF_DAY, year.staff_days), (PUBLIC_HOLIDAY, year.public_holidays), (CLOSURE, year.closures)):
        for span in spans:
            reason = Reason(code, {"name": span.name, "from": span.start, "to": span.end})
            for day in days_between(span.start, span.end):
                closed[day] = reason
    return closed


def _term_of_day(terms: Sequence[Span]) -> dict[date, int]:
    return {day: number for number, term in enumerate(terms) for day in days_between(term.start, term.end)}


def _extent(year: SchoolYear) -> tuple[date, date]:
    """First and last day anything is known about; one week more, so that whole weeks are inside."""
    days = [day for span in _all_spans(year) for day in (span.start, span.end)]
    days += [year.pattern.anchor] if year.pattern.anchor else []
    if not days:
        return date(2000, 1, 3), date(2000, 1, 3)
    return min(days) - timedelta(days=7), max(days) + timedelta(days=7)


def _by_day(periods: Sequence[Dated]) -> dict[date, list[Dated]]:
    found: dict[date, list[Dated]] = {}
    for period in periods:
        for day in days_between(period.start, period.end):
            found.setdefault(day, []).append(period)
    return found


def _index_lessons(lessons: Sequence[YearLesson]) -> dict[DayKey, list[Slot]]:
    index: dict[DayKey, list[Slot]] = {}
    for lesson in lessons:
        slot = (minutes_of(lesson.start), minutes_of(lesson.end), lesson.subject)
        if lesson.cycle_day is not None and lesson.weekday is None:
            index.setdefault((lesson.group, lesson.cycle_day, -1), []).append(slot)
        elif lesson.weekday is not None:
            index.setdefault((lesson.group, lesson.week, lesson.weekday), []).append(slot)
    return index
