"""The school year of an invented English county, on any day the demo is made."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left, bisect_right
from functools import cached_property

from hubs.wallclock import is_public_holiday

DAY = dt.timedelta(days=1)
WEEK = dt.timedelta(days=7)
ENGLAND = "GB-ENG"


def weekday_from(day: dt.date, weekday: int) -> dt.date:
    """The first such weekday (0 is Monday) on or after `day`."""
    return day + DAY * ((weekday - day.weekday()) % 7)


def good_friday(year: int) -> dt.date:
    day = weekday_from(dt.date(year, 3, 15), 4)
    while not is_public_holiday(day, ENGLAND):
        day += WEEK
    return day


class SchoolYear:
    """Terms and holidays of the academic year that begins in `year`, as an English county sets them."""

    def __init__(self, year: int) -> None:
        self.year = year
        easter_off = good_friday(year + 1) - DAY * 4
        october = weekday_from(dt.date(year, 10, 23), 0)
        february = weekday_from(dt.date(year + 1, 2, 13), 0)
        may = weekday_from(dt.date(year + 1, 5, 25), 0)
        christmas = weekday_from(dt.date(year, 12, 14), 4) + DAY * 3
        january = weekday_from(dt.date(year + 1, 1, 4), 0)
        first = weekday_from(dt.date(year, 9, 2), 2)
        last = weekday_from(dt.date(year + 1, 7, 16), 2)
        self.terms = (
            (first, october - DAY * 3),
            (october + WEEK, christmas - DAY * 3),
            (january, february - DAY * 3),
            (february + WEEK, easter_off - DAY * 3),
            (easter_off + WEEK * 2, may - DAY * 3),
            (may + WEEK, last),
        )
        self.staff_days = (first - DAY * 2, first - DAY, january, weekday_from(dt.date(year + 1, 6, 20), 4))

    @cached_property
    def days(self) -> tuple[dt.date, ...]:
        """Every day with lessons."""
        found = []
        for start, end in self.terms:
            days = (start + DAY * n for n in range((end - start).days + 1))
            found += [d for d in days if d.weekday() < 5 and not is_public_holiday(d, ENGLAND)]
        return tuple(d for d in found if d not in self.staff_days)

    @cached_property
    def weeks(self) -> dict[dt.date, int]:
        """Monday → number of the school week, 1 to 39."""
        mondays = dict.fromkeys(day - DAY * day.weekday() for day in self.days)
        return {monday: number for number, monday in enumerate(mondays, start=1)}

    @property
    def holidays(self) -> tuple[tuple[str, dt.date, dt.date], ...]:
        names = ("Autumn half term", "Christmas holiday", "Spring half term", "Easter holiday", "Summer half term")
        gaps = zip(self.terms, self.terms[1:], strict=False)
        return tuple((name, a[1] + DAY, b[0] - DAY) for name, (a, b) in zip(names, gaps, strict=True))


class Days:
    """School days counted from today, over last year, this and the next."""

    def __init__(self, today: dt.date, year: int) -> None:
        self.today = today
        self.years = [SchoolYear(y) for y in (year - 1, year, year + 1)]
        self.all = [day for one in self.years for day in one.days]

    def at(self, count: int) -> dt.date:
        """The `count`-th school day after today (before it when negative); 0 is today, or the next one."""
        if count < 0:
            return self.all[bisect_left(self.all, self.today) + count]
        if count == 0:
            return self.all[bisect_left(self.all, self.today)]
        return self.all[bisect_right(self.all, self.today) + count - 1]

    def monday(self, count: int) -> dt.date:
        """Monday of the `count`-th whole school week after this week; 0 is this week, or the next whole one."""
        open_days = set(self.all)
        mondays = [d for d in self.all if d.weekday() == 0 and all(d + DAY * n in open_days for n in range(5))]
        here = bisect_left(mondays, self.today - DAY * self.today.weekday())
        return mondays[here + count]

    def before(self, day: dt.date, count: int) -> dt.date:
        """The school day `count` school days before `day`."""
        return self.all[bisect_left(self.all, day) - count]
