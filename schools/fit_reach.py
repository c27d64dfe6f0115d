"""How many groups could come on each of many days: the verdict alone, with one word for why not.

For choosing a date before anything is published. The same judge as for one session of one group; a day a school is
closed is asked once for all its groups.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from schools.fit import Judge
from schools.fit_times import Stretch, stretches
from schools.fit_types import FitSession
from schools.years import CompiledCalendar, Kind

Days = tuple[tuple[date, time, time], ...]
# (notice, (kind of day, first minute, last minute, how many are out) of each day).
Alike = tuple[int, tuple[tuple[Kind, int, int, int], ...]]


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
    counts: dict[date, Counter[str]] = {start: Counter() for start in starts}
    moved = {start: shifted(days, start) for start in counts}
    asked: dict[tuple[int, str], list[Asked]] = {}
    for asker in askers:
        if not asker.groups:
            continue
        where = asker.travel_minutes, asker.compiled.year.zone
        if where not in asked:
            asked[where] = [
                Asked(start, session, stretches(own, zone=zone, school_zone=where[1], travel_minutes=where[0]))
                for start, own in moved.items()
                for session in (FitSession(own, zone, where[0]),)
            ]
        for start, codes in _answers(asker, asked[where], now):
            found = counts[start]
            for code, groups in codes.items():  # an update() of so few costs ten times as much
                found[code] += groups
    return [
        DayReach(start, sum(found.values()), found.pop("", 0), dict(found.most_common()))
        for start, found in counts.items()
    ]


class Asked(NamedTuple):
    """A session that begins on ``start``, and when groups of one zone and one travelling time are away for it."""

    start: date
    session: FitSession
    away: tuple[Stretch, ...]


def _answers(asker: Asker, asked: Sequence[Asked], now: datetime) -> Iterator[tuple[date, Mapping[str, int]]]:
    """(start, code of the first block or "" → how many groups). Days that are taught alike are asked once."""
    compiled = asker.compiled
    judges = [(Judge(compiled, key, now, asker.out), students) for key, students in asker.groups]
    first = judges[0][0]
    most = max(judge.notice for judge, _students in judges)
    known: dict[Alike, dict[str, int]] = {}
    for start, session, away in asked:
        closed = next((reason for on, _, _ in away if (reason := compiled.known_day(on).closed) is not None), None)
        if closed is not None:
            yield start, {closed.code: len(judges)}
            continue
        alike = _alike(asker, away, first.today, most)
        codes = known.get(alike) if alike else None
        if codes is None:
            codes = {}
            for judge, students in judges:
                code = judge.why_not(session, away, students)
                codes[code] = codes.get(code, 0) + 1
            if alike:
                known[alike] = codes
        yield start, codes


def _alike(asker: Asker, away: Sequence[Stretch], today: date, most: int) -> Alike | None:
    """What is the same for all sessions that every group of a school answers alike; None for one that stands alone.

    ``most``: the notice in school weeks that nobody asks more than.
    """
    first = away[0][0]
    if first <= today:
        return None  # some of today's have begun
    kinds = tuple((asker.compiled.known_day(on).kind, start, end, asker.out.get(on, 0)) for on, start, end in away)
    return min(asker.compiled.notice(today, first), most), kinds


def candidates(first: date, count: int) -> list[date]:
    """``count`` days from ``first`` on, weekdays only: schools that teach at weekends are few, and asked themselves."""
    days = (first + timedelta(days=n) for n in range(count))
    return [day for day in days if day.weekday() < 5]


def best(found: Iterable[DayReach], most: int) -> list[DayReach]:
    """The days on which most could come, the earlier of two alike first; none on which nobody could."""
    return sorted((one for one in found if one.able), key=lambda one: (-one.able, one.day))[:most]
