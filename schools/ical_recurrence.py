"""Repeating events: judged before they are expanded, so that no file can keep the machine busy.

A file of 195 bytes can ask for an event every second for ever. So each rule is looked at first: what a school calendar
never needs is refused by name, the work it asks for is estimated, and a deadline stands behind both.
"""

from __future__ import annotations

import time as clock
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

import icalendar
import recurring_ical_events

from schools.ical_source import SourceEvent, date_value, set_aside
from schools.ical_types import CannotReadCalendar, Notice

MOST_OCCURRENCES = 20_000
# Of this thread's own processor time: a busy machine is not the file's fault.
SECONDS_TO_EXPAND = 4.0
PERIOD_DAYS = {"DAILY": 1, "WEEKLY": 7, "MONTHLY": 28, "YEARLY": 365}
LONGEST_MONTHS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def is_recurring(event: SourceEvent) -> bool:
    return any(event.component.get(name) is not None for name in ("RRULE", "RDATE", "EXRULE", "RECURRENCE-ID"))


def expand(
    events: Sequence[SourceEvent], first: date, last: date, problems: list[Notice]
) -> Iterator[tuple[SourceEvent, icalendar.Component, str]]:
    """(event, occurrence, key of the occurrence) for all repeating events that touch ``first`` … ``last``.

    A series with a rule that cannot be followed goes to ``problems`` (rule_too_fine, rule_too_odd, bad_rule).
    Raises CannotReadCalendar: too_many_occurrences, too_costly.
    """
    deadline = clock.thread_time() + SECONDS_TO_EXPAND
    total = 0
    for group in _by_uid(events):
        found: list[tuple[SourceEvent, icalendar.Component, str]] = []
        with set_aside(problems):
            for event in group:
                _check_rules(event, last)
            found += _expand_group(group, first, last)
        total += len(found)
        if total > MOST_OCCURRENCES:
            raise CannotReadCalendar("too_many_occurrences", {**group[0].facts, "most": MOST_OCCURRENCES})
        yield from found
        if clock.thread_time() > deadline:
            raise CannotReadCalendar("too_costly", group[0].facts)


def _by_uid(events: Sequence[SourceEvent]) -> list[list[SourceEvent]]:
    """A series with its changed occurrences. An event without UID stands alone."""
    groups: dict[str, list[SourceEvent]] = {}
    for number, event in enumerate(events):
        groups.setdefault(event.uid or f"\0{number}", []).append(event)
    return list(groups.values())


def _expand_group(
    group: Sequence[SourceEvent], first: date, last: date
) -> Iterator[tuple[SourceEvent, icalendar.Component, str]]:
    calendar = icalendar.Calendar()
    for event in group:
        calendar.add_component(event.component)
    try:
        found = recurring_ical_events.of(calendar, keep_recurrence_attributes=True).between(
            datetime.combine(first, datetime.min.time()),
            datetime.combine(last + timedelta(days=1), datetime.min.time()),
        )
    except Exception as error:  # the library raises whatever dateutil raises; a broken rule must still be a sentence
        raise CannotReadCalendar("bad_rule", {**group[0].facts, "detail": type(error).__name__}) from error
    for occurrence in found:
        yield group[0], occurrence, _occurrence_key(occurrence)


def _occurrence_key(occurrence: icalendar.Component) -> str:
    """The day the series meant the occurrence to start on: it stays when somebody moves the occurrence."""
    value = occurrence.get("RECURRENCE-ID") or occurrence.get("DTSTART")
    return str(value.dt)[:10] if value is not None else ""


def _check_rules(event: SourceEvent, last: date) -> None:
    start = date_value(event, "DTSTART")
    if start is None:
        return
    for name in ("RRULE", "EXRULE"):
        value = event.component.get(name)
        for rule in value if isinstance(value, list) else [value]:
            if rule is not None:
                _check_rule(event, {key.upper(): _listed(part) for key, part in rule.items()}, start, last)


def _listed(value: object) -> list:
    return value if isinstance(value, list) else [value]


def _check_rule(event: SourceEvent, rule: dict[str, list], start: date, last: date) -> None:
    frequency = str(rule.get("FREQ", [""])[0]).upper()
    facts = {**event.facts, "frequency": frequency}
    if frequency not in PERIOD_DAYS:
        raise CannotReadCalendar("rule_too_fine" if frequency.endswith("LY") else "bad_rule", facts)
    for part in ("BYSECOND", "BYMINUTE", "BYHOUR"):
        if len(rule.get(part, [])) > 1:
            raise CannotReadCalendar("rule_too_fine", {**facts, "part": part})
    interval = int(rule.get("INTERVAL", [1])[0])
    if interval < 1:
        raise CannotReadCalendar("bad_rule", {**facts, "part": "INTERVAL"})
    if _can_never_match(rule, frequency, interval, start):
        raise CannotReadCalendar("rule_too_odd", facts)
    until = rule.get("UNTIL", [None])[0]
    end = min(last, _as_date(until)) if until is not None else last
    periods = max((end - _as_date(start)).days, 0) / (PERIOD_DAYS[frequency] * interval)
    if "COUNT" in rule:
        periods = min(periods, float(rule["COUNT"][0]))
    if periods * _each_period(rule, frequency) > MOST_OCCURRENCES:
        raise CannotReadCalendar("too_many_occurrences", {**facts, "most": MOST_OCCURRENCES})


def _each_period(rule: dict[str, list], frequency: str) -> int:
    """At most this many occurrences in one period of the rule."""
    if frequency == "DAILY":
        return 1
    days = len(rule.get("BYDAY", [])) * {"WEEKLY": 1, "MONTHLY": 5, "YEARLY": 53}[frequency]
    dates = len(rule.get("BYMONTHDAY", [])) * (12 if frequency == "YEARLY" else 1)
    return max(days, dates, len(rule.get("BYYEARDAY", [])), len(rule.get("BYWEEKNO", [])) * 7, 1)


def _can_never_match(rule: dict[str, list], frequency: str, interval: int, start: date) -> bool:
    """Rules that search for thousands of years and find nothing: 30 February, every 7th day but on another weekday."""
    months = [int(m) for m in rule.get("BYMONTH", [])] or list(range(1, 13))
    month_days = [abs(int(d)) for d in rule.get("BYMONTHDAY", [])]
    if not all(1 <= m <= 12 for m in months) or (
        month_days and all(d > LONGEST_MONTHS[m - 1] for d in month_days for m in months)
    ):
        return True
    weekdays = {str(day)[-2:].upper() for day in rule.get("BYDAY", [])}
    own = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")[_as_date(start).weekday()]
    if frequency == "DAILY" and interval % 7 == 0 and weekdays and own not in weekdays:
        return True
    positions = [abs(int(p)) for p in rule.get("BYSETPOS", [])]
    most = {"DAILY": 1, "WEEKLY": max(len(weekdays), 1), "MONTHLY": 31, "YEARLY": 366}[frequency]
    return bool(positions) and min(positions) > most


def _as_date(value: date | datetime) -> date:
    return value.date() if isinstance(value, datetime) else value
