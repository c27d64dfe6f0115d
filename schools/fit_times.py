"""When a group is away, on its school's own clock: two zones, both clock changes, and the way there and back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from schools.release import DAY_MINUTES, minutes_of
from schools.weeks import days_between

# (date, first minute, last minute), minutes from midnight.
Stretch = tuple[date, int, int]


def stretches(
    days: Iterable[tuple[date, time, time]], *, zone: str, school_zone: str, travel_minutes: int = 0
) -> tuple[Stretch, ...]:
    """(date, first minute, last minute) a group is away, on the school's clock, split at midnight, in order.

    An end at or before its start is on the next day. Raises ValueError without days or for an unknown zone.
    """
    found: list[Stretch] = []
    for day, start, end in days:
        if zone == school_zone:
            found += _same_zone(day, start, end, travel_minutes)
        else:
            found += _converted(day, start, end, travel_minutes, zone, school_zone)
    if not found:
        raise ValueError("a session needs at least one day")
    return tuple(found) if len(found) == 1 else tuple(sorted(found))


def _same_zone(day: date, start: time, end: time, travel: int) -> tuple[Stretch, ...]:
    """Wall clock in, wall clock out. Plain minutes, unless the zone's clock changes in between: nobody travels then."""
    first = start.hour * 60 + start.minute - travel
    last = end.hour * 60 + end.minute + travel
    if end <= start:
        last += DAY_MINUTES
    if first >= 0 and last <= DAY_MINUTES:
        return ((day, first, last),)
    midnight = datetime.combine(day, time.min)
    return tuple(_split(midnight + timedelta(minutes=first), midnight + timedelta(minutes=last)))


@lru_cache(maxsize=65_536)
def _converted(day: date, start: time, end: time, travel: int, zone: str, school_zone: str) -> tuple[Stretch, ...]:
    away, home = _zone(zone), _zone(school_zone)
    begins = datetime.combine(day, start, away).astimezone(UTC) - timedelta(minutes=travel)
    last_day = day + timedelta(days=1) if end <= start else day
    ends = datetime.combine(last_day, end, away).astimezone(UTC) + timedelta(minutes=travel)
    return tuple(_split(begins.astimezone(home).replace(tzinfo=None), ends.astimezone(home).replace(tzinfo=None)))


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, OSError) as error:
        raise ValueError(f"{name!r} is not a time zone") from error


def _split(begins: datetime, ends: datetime) -> Iterator[Stretch]:
    for day in days_between(begins.date(), ends.date()):
        first = minutes_of(begins.time()) if day == begins.date() else 0
        last = minutes_of(ends.time()) if day == ends.date() else DAY_MINUTES
        if last > first:
            yield day, first, last
