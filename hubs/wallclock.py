"""Wall-clock time to instants, and working days.

Local date + time + zone is the truth for anything read off a wall clock. When clocks go
forward a time that does not exist moves forward by the gap; when they go back the first of
the two is meant.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

#: When what is not urgent reaches people, on the wall clock of their zone.
MORNING = dt.time(8, 0)


def instant(on: dt.date, at: dt.time, zone: ZoneInfo) -> dt.datetime:
    """The UTC instant at which the wall clock of `zone` shows `at` on `on`."""
    # fold=0 names the first of two equal times, and reads a time in a gap with the offset
    # from before it, which lands the gap's length later: both are what people mean.
    return dt.datetime.combine(on, at.replace(fold=0), tzinfo=zone).astimezone(dt.UTC)


@dataclass(frozen=True)
class WallTime:
    """A date and a time of day as a person reads them off a wall. `zone` is a name such as
    "Europe/Paris"; empty for the zone of the hub, whatever that becomes."""

    on: dt.date
    at: dt.time
    zone: str = ""

    def instant(self, hub_zone: ZoneInfo) -> dt.datetime:
        return instant(self.on, self.at, ZoneInfo(self.zone) if self.zone else hub_zone)


@lru_cache(maxsize=64)
def _public_holidays(country: str, subdivision: str, year: int) -> frozenset[dt.date]:
    try:
        found = holidays.country_holidays(country, subdiv=subdivision or None, years=year)
    except NotImplementedError:
        try:
            found = holidays.country_holidays(country, years=year)
        except NotImplementedError:
            return frozenset()  # a country the library does not know: weekends only
    return frozenset(found)


def named_public_holidays(jurisdiction: str, first: dt.date, last: dt.date) -> list[tuple[dt.date, str]]:
    """(day, name) from `first` to `last`, both included, in order; empty for a country nobody knows. Names are
    in the language of the country, or in English where the library has them so."""
    country, _dash, subdivision = jurisdiction.partition("-")
    years = range(first.year, last.year + 1)
    try:
        found = holidays.country_holidays(country, subdiv=subdivision or None, years=years)
    except NotImplementedError:
        try:
            found = holidays.country_holidays(country, years=years)
        except NotImplementedError:
            return []
    return sorted((day, name) for day, name in found.items() if first <= day <= last)


def regions(country: str) -> dict[str, str]:
    """Codes of the parts of a country whose public holidays differ, each with the first name the library gives it;
    empty for a country it does not know."""
    known = getattr(holidays, country, None)
    names: dict[str, str] = {}
    for name, code in getattr(known, "subdivisions_aliases", {}).items():
        names.setdefault(code, name)
    return {code: names.get(code, code) for code in getattr(known, "subdivisions", ())}


def is_public_holiday(day: dt.date, jurisdiction: str) -> bool:
    """`jurisdiction` is a country with an optional subdivision: "GB-ENG", "DE-BE", "FR"."""
    country, _dash, subdivision = jurisdiction.partition("-")
    return day in _public_holidays(country, subdivision, day.year)


def is_working_day(day: dt.date, jurisdiction: str) -> bool:
    return day.weekday() < 5 and not is_public_holiday(day, jurisdiction)


def working_days_from(day: dt.date, count: int, jurisdiction: str) -> dt.date:
    """The working day `count` working days after `day` (before it when negative)."""
    step = dt.timedelta(days=1 if count >= 0 else -1)
    left = abs(count)
    while left:
        day += step
        left -= is_working_day(day, jurisdiction)
    return day


def working_days_until(day: dt.date, today: dt.date, jurisdiction: str) -> int:
    """How many working days on from `today` it is `day`; a day off counts as the working day after it. 0 for
    today and for what is past."""
    count = 0
    while today < day:
        today = working_days_from(today, 1, jurisdiction)
        count += 1
    return count
