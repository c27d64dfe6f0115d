"""What a parsed school calendar is: plain frozen values, in the school's own local dates and times."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time

Fact = str | int | date | time | None
Facts = Mapping[str, Fact]


class CannotReadCalendar(Exception):
    """The file is refused as a whole. ``code`` and ``facts`` are enough for one sentence (see CODES in ical.py)."""

    def __init__(self, code: str, facts: Facts | None = None) -> None:
        self.code = code
        self.facts: dict[str, Fact] = dict(facts or {})
        super().__init__(f"{code} {self.facts}" if self.facts else code)


@dataclass(frozen=True, slots=True)
class Notice:
    """Something a person should know about a file that was read all the same."""

    code: str
    facts: Facts = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CalendarEvent:
    """One event or one occurrence. ``end`` is the last day, included. Times are the school's wall clock, or None.

    ``key`` is stable from one import to the next: the UID, with the day of the occurrence for a repeating event.
    ``rule`` names the keyword rule that matched, "" when none did.
    """

    key: str
    start: date
    end: date
    summary: str
    kind: str
    rule: str = ""
    hardness: str = ""
    start_time: time | None = None
    end_time: time | None = None
    year_groups: tuple[int, ...] = ()
    week_mark: str | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """Days from ``start`` to ``end``, both included."""

    start: date
    end: date
    name: str = ""


@dataclass(frozen=True, slots=True)
class WeekMark:
    """The school week a calendar publishes: ``text`` is a number ("12") or a letter ("A")."""

    monday: date
    text: str


@dataclass(frozen=True, slots=True)
class ParsedCalendar:
    """``terms_from``: what the terms were derived from (term_days, terms, starts_and_ends, closures, "" for none).
    ``problems``: events set aside because they cannot be read, with the codes of CannotReadCalendar."""

    zone: str
    name: str
    events: tuple[CalendarEvent, ...]
    week_marks: tuple[WeekMark, ...]
    terms: tuple[Span, ...]
    terms_from: str
    closures: tuple[Span, ...]
    public_holidays: tuple[Span, ...]
    staff_days: tuple[Span, ...]
    protected: tuple[CalendarEvent, ...]
    warnings: tuple[Notice, ...]
    problems: tuple[Notice, ...] = ()
