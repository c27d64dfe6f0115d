"""Slips of the keyboard in dates: a year typed with two digits, a last day of 9999, holidays of five years.

One rule for everything that writes a span of days into a calendar, and for what reads them: a row that slipped in
must stop no page. Knows no Django.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from schools.ical_types import Span

FIRST_YEAR, LAST_YEAR = 2000, 2100
#: A school year with its summer. Nothing a school dates lasts longer.
LONGEST_SPAN_DAYS = 400
BACKWARDS, TOO_LONG, FAR_OFF = "backwards", "too_long", "far_off"


def slip_of_day(day: date) -> str:
    """FAR_OFF for a day in a year that nobody means, else ""."""
    return "" if FIRST_YEAR <= day.year <= LAST_YEAR else FAR_OFF


def slip_of(start: date, end: date) -> str:
    """What is wrong with the days from `start` to `end`, both included: one of the codes above, or ""."""
    if slip_of_day(start) or slip_of_day(end):
        return FAR_OFF
    length = (end - start).days
    if length < 0:
        return BACKWARDS
    return TOO_LONG if length > LONGEST_SPAN_DAYS else ""


def sound(spans: Iterable[Span]) -> tuple[tuple[Span, ...], tuple[Span, ...]]:
    """(spans that can be meant, spans with a slip), each in their order."""
    found: tuple[list[Span], list[Span]] = ([], [])
    for span in spans:
        found[bool(slip_of(span.start, span.end))].append(span)
    return tuple(found[0]), tuple(found[1])
