"""From bytes to calendar components, and every reason to refuse a file before anything is expanded.

Structure is checked on the raw lines first, because the line number is what helps a person mend the file; only then
does the iCalendar library parse it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime

import icalendar
from icalendar.error import BrokenCalendarProperty
from icalendar.parser import Contentline
from icalendar.prop import vBroken

from schools.ical_types import CannotReadCalendar, Fact, Notice

LARGEST_FILE = 2 * 1024 * 1024
MOST_COMPONENTS = 5_000
EARLIEST_YEAR = 1_970
LATEST_YEAR = 2_200

# Broken, these make the dates of an event wrong, so they refuse the file. Others are none of our business.
DATE_PROPERTIES = ("DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "EXRULE", "RECURRENCE-ID")

COSTLY = frozenset({"too_costly", "too_many_occurrences"})


@dataclass(frozen=True, slots=True)
class Source:
    events: tuple[SourceEvent, ...]
    calendars: tuple[icalendar.Component, ...]
    name: str
    warnings: tuple[Notice, ...]
    problems: tuple[Notice, ...]


@dataclass(frozen=True, slots=True)
class SourceEvent:
    component: icalendar.Component
    line: int | None
    uid: str
    summary: str

    @property
    def facts(self) -> dict[str, Fact]:
        """Which event, for a sentence: its summary or UID, and the line its BEGIN:VEVENT stands on."""
        return {"event": self.summary or self.uid, "uid": self.uid, "line": self.line}


def read_source(data: bytes) -> Source:
    """Raises CannotReadCalendar: empty, too_large, not_a_calendar, unfinished, unbalanced, too_many_components,
    bad_line, cancellation; and bad_value or bad_year when that sets every event aside."""
    text, warnings = decode(data)
    event_lines = _check_structure(text)
    try:
        parsed = icalendar.Calendar.from_ical(text, multiple=True)
    except Exception as error:  # the library lets through what its parts raise: OSError for TZID=Europe, a folder
        # Only the library's own words about the file go further: other messages name paths of this machine.
        detail = str(error)[:200] if type(error) is ValueError else type(error).__name__
        raise CannotReadCalendar("bad_line", {"line": _first_bad_line(text), "detail": detail}) from error
    calendars = tuple(part for part in parsed if part.name == "VCALENDAR")
    if not calendars:
        raise CannotReadCalendar("not_a_calendar", {"line": 1})
    if any(str(calendar.get("METHOD", "")).upper() == "CANCEL" for calendar in calendars):
        raise CannotReadCalendar("cancellation", {})
    components = [event for calendar in calendars for event in calendar.walk("VEVENT")]
    lines = event_lines if len(event_lines) == len(components) else [None] * len(components)
    events, problems = [], list[Notice]()
    for component, line in zip(components, lines, strict=True):
        event = _source_event(component, line)
        with set_aside(problems):
            _check_properties(event)
            events.append(event)
    if problems and not events:
        raise CannotReadCalendar(problems[0].code, problems[0].facts)
    return Source(tuple(events), calendars, _text(calendars[0], "X-WR-CALNAME"), tuple(warnings), tuple(problems))


@contextmanager
def set_aside(problems: list[Notice]) -> Iterator[None]:
    """One event that cannot be read costs that event, not the file; a file that costs too much is another matter."""
    try:
        yield
    except CannotReadCalendar as broken:
        if broken.code in COSTLY:
            raise
        problems.append(Notice(broken.code, broken.facts))


def decode(data: bytes) -> tuple[str, list[Notice]]:
    if not data.strip():
        raise CannotReadCalendar("empty", {})
    if len(data) > LARGEST_FILE:
        raise CannotReadCalendar("too_large", {"bytes": len(data), "most": LARGEST_FILE})
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", errors="replace"), []
    try:
        return data.decode("utf-8-sig"), []
    except UnicodeDecodeError:
        # Old exports of Windows programs. Names may look odd, dates cannot.
        return data.decode("cp1252", errors="replace"), [Notice("not_utf8", {})]


def _content_lines(text: str) -> Iterator[tuple[int, str]]:
    """(line number, line) without the continuation lines, which begin with a space or tab."""
    for number, line in enumerate(text.splitlines(), start=1):
        if line[:1] not in (" ", "\t", ""):
            yield number, line.strip()


def _check_structure(text: str) -> list[int | None]:
    """The line of each BEGIN:VEVENT, in the order in which the events end. Refuses what is not properly nested."""
    stack: list[tuple[str, int]] = []
    events: list[int | None] = []
    count = 0
    seen_calendar = False
    for number, line in _content_lines(text):
        head, _, name = line.partition(":")
        head, name = head.strip().upper(), name.strip().upper()
        if head == "BEGIN":
            if not seen_calendar and name != "VCALENDAR":
                raise CannotReadCalendar("not_a_calendar", {"line": number, "found": line[:60]})
            seen_calendar = True
            count += 1
            if count > MOST_COMPONENTS:
                raise CannotReadCalendar("too_many_components", {"most": MOST_COMPONENTS, "line": number})
            if name == "VEVENT":
                events.append(number)
            stack.append((name, number))
        elif head == "END":
            if not stack or stack[-1][0] != name:
                facts: dict[str, Fact] = {"line": number, "found": name[:60]}
                facts["expected"] = stack[-1][0][:60] if stack else None
                raise CannotReadCalendar("unbalanced", facts)
            stack.pop()
        elif not stack:
            raise CannotReadCalendar("not_a_calendar", {"line": number, "found": line[:60]})
    if not seen_calendar:
        raise CannotReadCalendar("not_a_calendar", {"line": 1})
    if stack:
        raise CannotReadCalendar("unfinished", {"component": stack[-1][0][:60], "line": stack[-1][1]})
    return events


def _first_bad_line(text: str) -> int | None:
    """The first line the library cannot take apart; None when the trouble is in what a line means."""
    for number, line in _content_lines(text):
        try:
            Contentline(line).parts()
        except ValueError:
            return number
    return None


def _source_event(component: icalendar.Component, line: int | None) -> SourceEvent:
    return SourceEvent(component, line, _text(component, "UID"), " ".join(_text(component, "SUMMARY").split())[:200])


def _text(component: icalendar.Component, name: str) -> str:
    value = component.get(name, "")
    if isinstance(value, list):
        value = value[0] if value else ""
    return str(value).strip()


def _check_properties(event: SourceEvent) -> None:
    for name in DATE_PROPERTIES:
        value = event.component.get(name)
        for single in value if isinstance(value, list) else [value]:
            if isinstance(single, vBroken):
                raise CannotReadCalendar("bad_value", {**event.facts, "property": name, "value": str(single)[:80]})
    dropped = {name for name, _ in getattr(event.component, "errors", ()) if name}
    for name in DATE_PROPERTIES:
        if name in dropped:
            raise CannotReadCalendar("bad_value", {**event.facts, "property": name, "value": None})
    for name in ("DTSTART", "DTEND"):
        date_value(event, name)


def date_value(event: SourceEvent, name: str) -> date | datetime | None:
    """The decoded date or date-time of a property, None when it is absent. Raises bad_value or bad_year."""
    value = event.component.get(name)
    if isinstance(value, list):
        value = value[0]
    if value is None:
        return None
    try:
        moment = value.dt
    except (AttributeError, ValueError, BrokenCalendarProperty) as error:
        raise CannotReadCalendar("bad_value", {**event.facts, "property": name, "value": str(value)[:80]}) from error
    if not isinstance(moment, date):
        raise CannotReadCalendar("bad_value", {**event.facts, "property": name, "value": str(moment)[:80]})
    if not EARLIEST_YEAR <= moment.year <= LATEST_YEAR:
        raise CannotReadCalendar("bad_year", {**event.facts, "property": name, "year": moment.year})
    return moment
