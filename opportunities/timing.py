"""When the steps of a plan are due: counted from the academic year or from another step; pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Container, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from hubs.wallclock import is_working_day

Key = TypeVar("Key", bound=Hashable)

LATE_START, LATE_NEXT = dt.timedelta(days=14), dt.timedelta(days=7)
#: Of an academic year, the first being 0.
LAST_WEEK = 51


@dataclass(frozen=True)
class Timed(Generic[Key]):
    """`week` counts from the first day of the academic year, or from the step that `after` names; `place` is where
    the step stands among those of the same week. Who follows a step that is not there counts from the year."""

    key: Key
    week: int
    after: Key | None = None
    place: tuple[int, int] = (0, 0)


class Circle(ValueError):
    """Steps that wait for one another. `keys` are in the order in which each follows the next, the first once."""

    def __init__(self, keys: Sequence[Hashable]) -> None:
        super().__init__(f"{len(keys)} steps follow one another in a circle")
        self.keys = list(keys)


def weeks(steps: Iterable[Timed[Key]]) -> dict[Key, int]:
    """Of each step the week of the academic year it is meant for, from 0. Raises `Circle`."""
    return {key: sum(one.week for one in road) for key, road in _roads(steps).items()}


def in_order(steps: Iterable[Timed[Key]]) -> list[Timed[Key]]:
    """By week, no step before the one it follows. Raises `Circle`."""
    steps = list(steps)
    roads = _roads(steps)
    return sorted(steps, key=lambda one: (sum(s.week for s in roads[one.key]), len(roads[one.key]), one.place))


def _roads(steps: Iterable[Timed[Key]]) -> dict[Key, list[Timed[Key]]]:
    """Of each step itself, the one it follows, the one that follows, and so on."""
    known = {one.key: one for one in steps}
    found = {}
    for key, one in known.items():
        road = [one]
        while (after := road[-1].after) is not None and after in known:
            following = known[after]
            if following in road:
                raise Circle([step.key for step in road[road.index(following) :]])
            road.append(following)
        found[key] = road
    return found


def followers(key: Key, steps: Iterable[Timed[Key]]) -> set[Key]:
    """Every step that counts from this one, straight or by another. Raises `Circle`."""
    return {one for one, road in _roads(steps).items() if one != key and any(step.key == key for step in road)}


def dates_for(
    steps: Sequence[Timed[Key]],
    year_starts_on: dt.date,
    today: dt.date,
    jurisdiction: str,
    closed: Container[dt.date] = (),
    *,
    last: dt.date | None = None,
) -> list[dt.date]:
    """A working day for each of the steps, which are `in_order`; none of them is `closed`.

    A step whose day has passed is due two weeks from today, the next such step a week after it; no later step comes
    before them, and what follows a step
    is counted from the day that was found for it. What would fall after `last`, the end of the year, is due on the
    last day before that is neither.
    """
    found: dict[Key, dt.date] = {}
    latest, late = dt.date.min, False
    for one in steps:
        begin = year_starts_on if one.after is None else found.get(one.after, year_starts_on)
        due = begin + dt.timedelta(weeks=one.week)
        if due < today:
            due = max(today + LATE_START, latest + LATE_NEXT if late else today)
            late = True
        due = first_open(max(due, latest), jurisdiction, closed)
        if last is not None and due > last:
            due = _last_open(max(year_starts_on, today), last, jurisdiction, closed)
        found[one.key] = latest = due
    return list(found.values())


def first_open(day: dt.date, jurisdiction: str, closed: Container[dt.date] = ()) -> dt.date:
    """The day itself or the first working day after it that is not `closed`."""
    while not is_working_day(day, jurisdiction) or day in closed:
        day += dt.timedelta(days=1)
    return day


def _last_open(first: dt.date, last: dt.date, jurisdiction: str, closed: Container[dt.date]) -> dt.date:
    """The last working day from `first` to `last` that is not `closed`; where all are, the last working day."""
    days = [last - dt.timedelta(days=back) for back in range((last - first).days + 1)]
    working = [day for day in days if is_working_day(day, jurisdiction)]
    return next((day for day in working if day not in closed), working[0] if working else last)
