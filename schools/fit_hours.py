"""How many groups could be out at each hour: a school's week, its year, and the common weeks of many schools.

Counts with names and reasons, for choosing a time before there is a session. Notice, ages and how many are out already
belong to one session on one day, and are not looked at here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from schools.fit_days import closing, group_day
from schools.release import DAY_MINUTES, minutes_of
from schools.weeks import WEEK, monday_of
from schools.years import BLOCKS, CompiledCalendar, Reason

# (first minute, last minute) from midnight.
Stretch = tuple[int, int]
CLOCK_HOURS: tuple[Stretch, ...] = tuple((hour * 60, hour * 60 + 60) for hour in range(9, 16))
# A table of more rows than this is no longer read: then whole hours of the clock.
MOST_HOURS = 14
WHOLE_DAY = (0, DAY_MINUTES)


@dataclass(frozen=True, slots=True)
class HourCount:
    """Some hours of one day. Keys of groups: ``free`` miss nothing, ``costly`` miss a lesson or what is better avoided,
    ``held`` cannot, each with the first reason. ``closed``: why nobody is at school; then all are held by it."""

    day: date
    hours: Stretch
    free: tuple[str, ...]
    costly: tuple[str, ...]
    held: tuple[tuple[str, Reason], ...]
    closed: Reason | None = None

    @property
    def groups(self) -> int:
        return len(self.free) + len(self.costly) + len(self.held)

    @property
    def able(self) -> int:
        return len(self.free) + len(self.costly)


def count(compiled: CompiledCalendar, groups: Sequence[str], day: date, hours: Stretch) -> HourCount:
    """Who could be out in these hours of the day. Raises KeyError for a group the year does not hold."""
    closed = compiled.day_reason(day)
    if closed is not None:
        return HourCount(day, hours, (), (), tuple((key, closed) for key in groups), closed)
    free: list[str] = []
    costly: list[str] = []
    held: list[tuple[str, Reason]] = []
    for key in groups:
        compiled.groups[key]
        found = group_day(compiled, key, day)
        cut = found.hours.cut(*hours)
        if cut.why:
            held.append((key, next(r for r in found.reasons(*hours) if r.level == BLOCKS)))
            continue
        (costly if cut.minutes or cut.avoided else free).append(key)
    return HourCount(day, hours, tuple(free), tuple(costly), tuple(held))


def hours_of(compiled: CompiledCalendar) -> tuple[Stretch, ...]:
    """The hours a school thinks in: its periods, else the times of its lessons, else whole hours from 9 to 16."""
    bell = {(minutes_of(period.start), minutes_of(period.end)) for period in compiled.year.bell if not period.is_break}
    taught = {(minutes_of(lesson.start), minutes_of(lesson.end)) for lesson in compiled.year.lessons}
    for found in (bell, taught):
        if 0 < len(found) <= MOST_HOURS:
            return tuple(sorted(found))
    return CLOCK_HOURS


def week_of(
    compiled: CompiledCalendar, groups: Sequence[str], monday: date, hours: Iterable[Stretch]
) -> list[list[HourCount]]:
    """One row for each of ``hours``, one count for each day the school teaches in a week."""
    days = [monday + timedelta(days=number) for number in compiled.year.weekdays]
    return [[count(compiled, groups, day, stretch) for day in days] for stretch in hours]


def weekday_over(
    compiled: CompiledCalendar, groups: Sequence[str], weekday: int, first: date, last: date, hours: Sequence[Stretch]
) -> list[list[HourCount]]:
    """One row for each week from ``first`` to ``last``: a count for each of ``hours`` of its ``weekday``."""
    return [
        [count(compiled, groups, monday + timedelta(days=weekday), stretch) for stretch in hours]
        for monday in mondays(first, last)
    ]


def mondays(first: date, last: date) -> list[date]:
    """The Monday of every week that touches ``first`` … ``last``."""
    start = monday_of(first)
    return [start + WEEK * number for number in range((monday_of(last) - start).days // 7 + 1)]


@dataclass(frozen=True, slots=True)
class SchoolWeek:
    """One school's week for some of its groups, whole days out from Monday to Friday.

    ``able``: by weekday, how many could be out. ``all_week``: how many could on each of the ``teaches`` days the school
    teaches. ``why``: what keeps groups in, each reason once.
    """

    groups: int
    able: tuple[int, ...]
    all_week: int
    teaches: int
    why: tuple[Reason, ...]


def school_week(compiled: CompiledCalendar, groups: Sequence[str], monday: date) -> SchoolWeek:
    """As the year map shows a day: what holds for some hours of it only does not close it.

    Raises KeyError for a group the year does not hold.
    """
    able: list[int] = []
    why: dict[tuple[str, object], Reason] = {}
    teaches = 0
    always = set(groups)
    for day in (monday + timedelta(days=number) for number in range(5)):
        closed = compiled.day_reason(day)
        held = {} if closed else {key: reason for key in groups if (reason := _all_day(compiled, key, day))}
        for reason in (closed,) if closed else held.values():
            why.setdefault((reason.code, reason.facts.get("name")), reason)
        able.append(0 if closed else len(groups) - len(held))
        teaches += closed is None
        always -= set(held)
    return SchoolWeek(len(groups), tuple(able), len(always) if teaches else 0, teaches, tuple(why.values()))


def _all_day(compiled: CompiledCalendar, key: str, day: date) -> Reason | None:
    """What keeps a group in for the whole of a day the school teaches."""
    compiled.groups[key]
    found = group_day(compiled, key, day)
    return next(iter(closing(found, found.hours.cut(*WHOLE_DAY).protected)), found.weekday)
