"""Whether a schedule keeps to the limits on hours and breaks for an age: pure functions.

A day is a local date with wall-clock times; hours are exact fractions. A limit comes from the
requirement packs as dated data; here is only what its numbers mean.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby
from typing import Any

SATURDAY, SUNDAY = 6, 7  # ISO weekdays
DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Limit:
    """One rule in force. Ages are whole years, both ends included; hours are hours, breaks
    minutes; None is "says nothing". `blocks`: somebody verified it, so it may refuse.
    `when` narrows it to days in "term", in "holidays" or in "exams"; "" is always."""

    code: str
    title: str
    source: str
    blocks: bool
    min_age: int = 0
    max_age: int = 99
    day_hours: Fraction | None = None
    week_hours: Fraction | None = None
    days_a_week: int | None = None
    earliest: dt.time | None = None
    latest: dt.time | None = None
    break_minutes: int | None = None
    break_after: Fraction = Fraction(0)
    breaks_count: bool = False
    no_sunday: bool = False
    rest_beside_sunday: bool = False
    when: str = ""


@dataclass(frozen=True)
class Stretch:
    """One stretch at a workplace, on one local date. `pause` is minutes, None when nobody said.
    `when` holds which of "term", "holidays" and "exams" the date is in."""

    on: dt.date
    starts: dt.time
    ends: dt.time
    pause: int | None = None
    when: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Breach:
    """The first day on which one rule is broken in one way. `what` is "day", "week", "days",
    "early", "late", "break", "break_unknown", "sunday" or "rest"; `found` and `most` are hours,
    minutes, days or times, as it says."""

    on: dt.date
    what: str
    found: Any
    most: Any
    limit: Limit

    @property
    def blocks(self) -> bool:
        """Not knowing whether there is a break is said, and refuses nobody."""
        return self.limit.blocks and self.what != "break_unknown"


def limit_of(
    facts: Mapping[str, Any], *, code: str, title: str, source: str, blocks: bool, max_age: int | None = None
) -> Limit:
    """A limit as its pack states it. Raises TypeError on a name nobody knows."""
    numbers = dict(facts)
    for name in ("day_hours", "week_hours", "break_after"):
        if name in numbers:
            numbers[name] = Fraction(str(numbers[name]))
    for name in ("earliest", "latest"):
        if name in numbers:
            numbers[name] = dt.time.fromisoformat(numbers[name])
    if max_age is not None:
        numbers.setdefault("max_age", max_age)
    return Limit(code=code, title=title, source=source, blocks=blocks, **numbers)


def breaches(schedule: Iterable[Stretch], age: int, limits: Iterable[Limit]) -> list[Breach]:
    """Every rule the schedule breaks at that age, with the first day of each way it does.

    Weeks are ISO weeks: Monday to Sunday. What blocks comes first, then by day and code.
    """
    stretches = sorted(schedule, key=lambda one: (one.on, one.starts))
    found: dict[tuple[str, str], Breach] = {}
    for limit in limits:
        if not limit.min_age <= age <= limit.max_age:
            continue
        under_it = [one for one in stretches if not limit.when or limit.when in one.when]
        for breach in _of(under_it, limit):
            key = (limit.code, breach.what)
            if key not in found or breach.on < found[key].on:
                found[key] = breach
    return sorted(found.values(), key=lambda one: (not one.blocks, one.on, one.limit.code, one.what))


def hours(one: Stretch, *, breaks_count: bool = False) -> Fraction:
    """Hours at work; a break whose length is known does not count unless the rule says so."""
    minutes = _minutes(one.ends) - _minutes(one.starts) - (0 if breaks_count else one.pause or 0)
    return Fraction(max(minutes, 0), 60)


def _of(stretches: Sequence[Stretch], limit: Limit) -> Iterator[Breach]:
    for on, same in groupby(stretches, key=lambda one: one.on):
        yield from _day(on, list(same), limit)
    for _week, same in groupby(stretches, key=lambda one: one.on.isocalendar()[:2]):
        yield from _week_of(list(same), limit)
    yield from _rest(sorted({one.on for one in stretches}), limit)


def _day(on: dt.date, day: Sequence[Stretch], limit: Limit) -> Iterator[Breach]:
    total = _sum(day, limit)
    if limit.day_hours is not None and total > limit.day_hours:
        yield Breach(on, "day", total, limit.day_hours, limit)
    first, last = min(one.starts for one in day), max(one.ends for one in day)
    if limit.earliest is not None and first < limit.earliest:
        yield Breach(on, "early", first, limit.earliest, limit)
    if limit.latest is not None and last > limit.latest:
        yield Breach(on, "late", last, limit.latest, limit)
    if limit.break_minutes is None:
        return
    for one in day:
        if hours(one, breaks_count=True) <= limit.break_after:
            continue
        if one.pause is None:
            yield Breach(on, "break_unknown", None, limit.break_minutes, limit)
        elif one.pause < limit.break_minutes:
            yield Breach(on, "break", one.pause, limit.break_minutes, limit)


def _week_of(week: Sequence[Stretch], limit: Limit) -> Iterator[Breach]:
    """The day on which the week's hours, or its days, become too many."""
    total = _sum(week, limit)
    if limit.week_hours is not None and total > limit.week_hours:
        sofar = Fraction(0)
        for one in week:
            sofar += hours(one, breaks_count=limit.breaks_count)
            if sofar > limit.week_hours:
                yield Breach(one.on, "week", total, limit.week_hours, limit)
                break
    days = sorted({one.on for one in week})
    if limit.days_a_week is not None and len(days) > limit.days_a_week:
        yield Breach(days[limit.days_a_week], "days", len(days), limit.days_a_week, limit)


def _rest(days: Sequence[dt.date], limit: Limit) -> Iterator[Breach]:
    taken = set(days)
    for on in days:
        if limit.no_sunday and on.isoweekday() == SUNDAY:
            yield Breach(on, "sunday", None, None, limit)
        if limit.rest_beside_sunday and on.isoweekday() == SATURDAY and on + 2 * DAY in taken:
            yield Breach(on, "rest", None, None, limit)


def _sum(stretches: Iterable[Stretch], limit: Limit) -> Fraction:
    return sum((hours(one, breaks_count=limit.breaks_count) for one in stretches), Fraction(0))


def _minutes(at: dt.time) -> int:
    return at.hour * 60 + at.minute
