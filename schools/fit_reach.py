"""How many groups could come on each of many days: the verdict alone, with one word for why not.

For choosing a date before anything is published. The same judge as for one session of one group; a day a school is
closed is asked once for all its groups.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import groupby
from operator import attrgetter

from schools.fit import Judge
from schools.fit_types import FitSession
from schools.years import CompiledCalendar

Days = tuple[tuple[date, time, time], ...]


@dataclass(frozen=True, slots=True)
class Asker:
    """One school's groups that are old enough: (key, students) each, and the minutes they travel one way."""

    compiled: CompiledCalendar
    groups: tuple[tuple[str, int], ...]
    travel_minutes: int = 0
    out: Mapping[date, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DayReach:
    """``able`` of ``groups`` could come when the days begin on ``day``. ``why``: code of a block → groups it stops."""

    day: date
    groups: int
    able: int
    why: Mapping[str, int]


def shifted(days: Sequence[tuple[date, time, time]], first: date) -> Days:
    """The same days, hours and gaps, beginning on ``first``."""
    by = first - min(day for day, _, _ in days)
    return tuple((day + by, start, end) for day, start, end in days)


def reach(
    askers: Sequence[Asker],
    days: Sequence[tuple[date, time, time]],
    zone: str,
    starts: Iterable[date],
    *,
    now: datetime,
) -> list[DayReach]:
    """For each of ``starts``, how many groups could come if the session began then. ``days`` are in ``zone``.

    Ages are the asker's affair: put in only groups of the right age. Places are nobody's yet.
    """
    moved = [(start, shifted(days, start)) for start in starts]
    counts: dict[date, Counter[str]] = {start: Counter() for start, _ in moved}
    for minutes, alike in groupby(sorted(askers, key=_minutes), key=_minutes):
        sessions = [(start, FitSession(own, zone, minutes)) for start, own in moved]
        for asker in alike:
            for start, code, groups in _answers(asker, sessions, now):
                counts[start][code] += groups
    return [
        DayReach(start, sum(found.values()), found.pop("", 0), dict(found.most_common()))
        for start, found in counts.items()
    ]


_minutes = attrgetter("travel_minutes")


def _answers(
    asker: Asker, sessions: Sequence[tuple[date, FitSession]], now: datetime
) -> Iterator[tuple[date, str, int]]:
    """(start, code of the first block or "", how many groups)."""
    judges = [(Judge(asker.compiled, key, now, asker.out), students) for key, students in asker.groups]
    if not judges:
        return
    for judge, _students in judges:
        judge.timings = judges[0][0].timings  # notice is the same for all groups of a school that need as much
    for start, session in sessions:
        away = judges[0][0].away(session)
        reasons = (asker.compiled.day_and_letter(day)[0] for day, _, _ in away)
        closed = next((reason for reason in reasons if reason is not None), None)
        if closed is not None:
            yield start, closed.code, len(judges)
            continue
        for judge, students in judges:
            yield start, judge.why_not(session, away, students), 1


def candidates(first: date, count: int) -> list[date]:
    """``count`` days from ``first`` on, weekdays only: schools that teach at weekends are few, and asked themselves."""
    days = (first + timedelta(days=n) for n in range(count))
    return [day for day in days if day.weekday() < 5]


def best(found: Iterable[DayReach], most: int) -> list[DayReach]:
    """The days on which most could come, the earlier of two alike first; none on which nobody could."""
    return sorted((one for one in found if one.able), key=lambda one: (-one.able, one.day))[:most]
