"""From single events to the shape of a year: terms, closures, week marks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from itertools import pairwise

from schools import ical_rules as rules
from schools.ical_types import CalendarEvent, Facts, Notice, Span, WeekMark
from schools.slips import slip_of
from schools.weeks import monday_of

DAY = timedelta(days=1)

# A run of teaching days ends when this many weekdays are missing: a bank holiday and a training day do not end it,
# a half-term week does.
WEEKDAYS_THAT_BREAK_A_TERM = 4

# Fewer single term days than this say nothing about the terms ("School open day").
FEWEST_TERM_DAYS = 10


def spans_of(events: Iterable[CalendarEvent], kind: str) -> tuple[Span, ...]:
    return merged(Span(event.start, event.end, event.summary) for event in events if event.kind == kind)


def merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Overlapping spans made one, and neighbours of the same name as long as they are one year at most: "School year"
    after "School year" is two. The longest gives the name."""
    result: list[Span] = []
    longest: list[int] = []
    for span in sorted(set(spans), key=lambda s: (s.start, s.end, s.name)):
        length = (span.end - span.start).days
        last = result[-1] if result else None
        touches = last is not None and (
            span.start <= last.end
            or (span.start == last.end + DAY and span.name == last.name and not slip_of(last.start, span.end))
        )
        if last is not None and touches:
            name = span.name if length > longest[-1] else last.name
            longest[-1] = max(longest[-1], length)
            result[-1] = Span(last.start, max(last.end, span.end), name)
        else:
            result.append(span)
            longest.append(length)
    return tuple(result)


def derive_terms(events: Sequence[CalendarEvent], closures: Sequence[Span]) -> tuple[tuple[Span, ...], str]:
    """(terms, where they come from). A "term" is an unbroken run of teaching: what England calls a half-term."""
    term_days = sorted(
        {day for event in events if event.kind == rules.TERM_DAY for day in _weekdays(event.start, event.end)}
    )
    if len(term_days) >= FEWEST_TERM_DAYS:
        return _runs(term_days), "term_days"
    whole = spans_of(events, rules.TERM)
    if whole:
        return whole, "terms"
    pairs = _pairs(events)
    if pairs:
        return pairs, "starts_and_ends"
    gaps = _gaps(closures)
    return gaps, "closures" if gaps else ""


def _weekdays(start: date, end: date) -> list[date]:
    days = (start + DAY * n for n in range((end - start).days + 1))
    return [day for day in days if day.weekday() < 5]


def _weekdays_between(first: date, last: date) -> int:
    """Weekdays strictly between two days."""
    return len(_weekdays(first + DAY, last - DAY)) if last > first else 0


def _runs(days: Sequence[date]) -> tuple[Span, ...]:
    runs = [[days[0], days[0]]]
    for day in days[1:]:
        if _weekdays_between(runs[-1][1], day) >= WEEKDAYS_THAT_BREAK_A_TERM:
            runs.append([day, day])
        else:
            runs[-1][1] = day
    return tuple(Span(first, last) for first, last in runs)


def _pairs(events: Iterable[CalendarEvent]) -> tuple[Span, ...]:
    """ "Term starts" with the next "Term ends". A second start before an end (staff first, pupils next day) wins."""
    result = []
    start: CalendarEvent | None = None
    for event in sorted(events, key=lambda e: (e.start, e.kind != rules.TERM_START)):
        if event.kind == rules.TERM_START:
            start = event
        elif event.kind == rules.TERM_END and start is not None:
            result.append(Span(start.start, event.end, start.summary))
            start = None
    return tuple(result)


def _gaps(closures: Sequence[Span]) -> tuple[Span, ...]:
    """What lies between two long closures, from its first weekday to its last."""
    long = merged(
        Span(c.start, c.end) for c in closures if len(_weekdays(c.start, c.end)) >= WEEKDAYS_THAT_BREAK_A_TERM
    )
    result = []
    for before, after in pairwise(long):
        days = _weekdays(before.end + DAY, after.start - DAY)
        if days:
            result.append(Span(days[0], days[-1]))
    return tuple(result)


def derive_week_marks(events: Iterable[CalendarEvent]) -> tuple[tuple[WeekMark, ...], list[Notice]]:
    """One mark for each calendar week, and a warning for each week that two events call differently."""
    found: dict[date, str] = {}
    warnings = []
    for event in sorted(events, key=lambda e: (e.start, e.key)):
        if event.week_mark is None:
            continue
        # A mark put on a Saturday or Sunday speaks of the week to come.
        monday = monday_of(event.start + DAY * 2) if event.start.weekday() > 4 else monday_of(event.start)
        first = found.setdefault(monday, event.week_mark)
        if first != event.week_mark:
            facts: Facts = {"week": monday, "first": first, "second": event.week_mark, "event": event.summary}
            warnings.append(Notice("week_marked_twice", facts))
    return tuple(WeekMark(monday, text) for monday, text in sorted(found.items())), warnings
