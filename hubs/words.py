"""Dates, times and distances as a person says them: on pages, in mails, in sentences of the domain."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext, pgettext

# Beyond half a year "Tue 9 June" could be either June: the year is then said.
SAY_YEAR_AFTER_DAYS = 180


def day(value: date | datetime | None, now: date | datetime | None = None) -> str:
    """ "Tue 9 June"; with `now`, "Tue 9 June 2027" when the day is over half a year away.

    Aware datetimes are read in the current time zone. Nothing gives "".
    """
    if not value:
        return ""
    return _written(_local_date(value), _far(value, now))


def days(first: date | datetime | None, last: date | datetime | None = None) -> str:
    """ "Mon 8 – Fri 12 June" for a run of days, "Tue 9 June" when it is one day."""
    if not first:
        return ""
    start, end = _local_date(first), _local_date(last or first)
    if start == end:
        return _written(start)
    if start.year != end.year:
        left, right = _written(start, with_year=True), _written(end, with_year=True)
    elif start.month == end.month:
        left, right = date_format(start, pgettext("day within a month", "D j")), _written(end)
    else:
        left, right = _written(start), _written(end)
    return gettext("%(first)s – %(last)s") % {"first": left, "last": right}


def in_full(value: date | datetime, *, year: bool = False) -> str:
    """ "Tuesday 9 June", or "Tuesday 9 June 2026"; aware datetimes in the current time zone."""
    # Translators: Django date formats; German is "l, j. F" and "l, j. F Y".
    pattern = pgettext("day in full", "l j F Y") if year else pgettext("day in full", "l j F")
    return date_format(_local_date(value), pattern)


def times(start: time | datetime | None, end: time | datetime | None = None) -> str:
    """ "09:30–11:00", or "09:30" without an end; aware datetimes in the current time zone."""
    if start is None or start == "":
        return ""
    shown = _clock(start)
    return f"{shown}–{_clock(end)}" if end else shown


def distance(value: date | datetime | None, now: date | datetime | None) -> str:
    """How far `value` lies from `now`: "in 3 weeks", "2 days ago", "today".

    Days are counted on the calendar of the current time zone, not in periods of 24 hours.
    Between two instants of one day, hours and minutes are said instead of "today".
    """
    if not value or not now:
        return ""
    apart = (_local_date(value) - _local_date(now)).days
    if apart == 0 and isinstance(value, datetime) and isinstance(now, datetime):
        return _within_day(round((value - now).total_seconds() / 60))
    if apart in _NEAR:
        return _NEAR[apart]()
    return _said(*_largest_unit(abs(apart)), ahead=apart > 0)


def late(value: date | datetime | None, now: date | datetime | None) -> bool:
    """Whether the day, or the instant, has passed; a day is late only when it is over."""
    if not value or not now:
        return False
    if isinstance(value, datetime) and isinstance(now, datetime):
        return value < now
    return _local_date(value) < _local_date(now)


_NEAR = {
    0: lambda: gettext("today"),
    1: lambda: gettext("tomorrow"),
    -1: lambda: gettext("yesterday"),
}


def _local_date(value: date | datetime) -> date:
    if isinstance(value, datetime):
        return timezone.localtime(value).date() if timezone.is_aware(value) else value.date()
    return value


def _clock(value: time | datetime) -> str:
    if isinstance(value, datetime) and timezone.is_aware(value):
        value = timezone.localtime(value)
    return f"{value:%H:%M}"


def _far(value: date | datetime, now: date | datetime | None) -> bool:
    if not now:
        return False
    return abs((_local_date(value) - _local_date(now)).days) > SAY_YEAR_AFTER_DAYS


def _written(value: date, with_year: bool = False) -> str:
    # Translators: Django date formats; German is "D j. F" and "D j. F Y".
    pattern = pgettext("day", "D j F Y") if with_year else pgettext("day", "D j F")
    return date_format(value, pattern)


def _within_day(minutes: int) -> str:
    if abs(minutes) < 2:
        return gettext("now")
    if abs(minutes) < 60:
        return _said(abs(minutes), "minutes", ahead=minutes > 0)
    return _said(round(abs(minutes) / 60), "hours", ahead=minutes > 0)


def _largest_unit(apart: int) -> tuple[int, str]:
    """Days up to two weeks, weeks up to ten, months up to two years, then years; rounded."""
    if apart < 14:
        return apart, "days"
    if apart < 70:
        return round(apart / 7), "weeks"
    if apart < 730:
        return round(apart / 30.44), "months"
    return round(apart / 365.25), "years"


def _said(count: int, unit: str, *, ahead: bool) -> str:
    return _APART[unit, ahead](count) % {"n": count}


# Whole sentences, one per unit and direction: other languages bend both words. Each is looked up when it is said;
# to look up all twelve took a tenth of a page of cards.
_APART: dict[tuple[str, bool], Callable[[int], str]] = {
    ("minutes", True): lambda n: ngettext("in %(n)d minute", "in %(n)d minutes", n),
    ("hours", True): lambda n: ngettext("in %(n)d hour", "in %(n)d hours", n),
    ("days", True): lambda n: ngettext("in %(n)d day", "in %(n)d days", n),
    ("weeks", True): lambda n: ngettext("in %(n)d week", "in %(n)d weeks", n),
    ("months", True): lambda n: ngettext("in %(n)d month", "in %(n)d months", n),
    ("years", True): lambda n: ngettext("in %(n)d year", "in %(n)d years", n),
    ("minutes", False): lambda n: ngettext("%(n)d minute ago", "%(n)d minutes ago", n),
    ("hours", False): lambda n: ngettext("%(n)d hour ago", "%(n)d hours ago", n),
    ("days", False): lambda n: ngettext("%(n)d day ago", "%(n)d days ago", n),
    ("weeks", False): lambda n: ngettext("%(n)d week ago", "%(n)d weeks ago", n),
    ("months", False): lambda n: ngettext("%(n)d month ago", "%(n)d months ago", n),
    ("years", False): lambda n: ngettext("%(n)d year ago", "%(n)d years ago", n),
}
