"""Reading a school's calendar from an iCalendar file: terms, closures, staff days, protected periods, week letters.

Pure: no database, no clock, no settings. Anything that is not a readable calendar raises ``CannotReadCalendar`` with a
code and facts; an event that cannot be read is set aside in ``problems`` under such a code, as long as another can;
what was read but should be looked at comes back in ``warnings``. Text for all is made elsewhere.

Codes of CannotReadCalendar (facts in brackets; ``event`` is the summary or UID, ``line`` may be None): empty ·
too_large (bytes, most) · not_a_calendar (line, found?) · unfinished (component, line) · unbalanced (line, found,
expected) · too_many_components (most, line) · bad_line (line, detail) · cancellation · bad_value (event, uid, line,
property, value) · bad_year (event, uid, line, property, year) · rule_too_fine (event, uid, line, frequency, part?) ·
rule_too_odd (…, frequency) · bad_rule (…, frequency? part? detail?) · too_many_occurrences (…, most) · too_costly
(event?, uid?, line?) · no_dated_events (event, uid, line) · unknown_zone (zone)

Codes of warnings: not_utf8 · no_events · event_without_start (event, uid, line) · end_before_start (event, uid, line)
· event_too_long (event, uid, line, days) · unknown_timezone (timezone, zone, event, line) · cancelled_events (count)
· outside_window (count) · unclassified (count, examples) · week_marked_twice (week, first, second, event) · no_terms
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import icalendar

from schools import ical_rules
from schools.ical_recurrence import expand, is_recurring
from schools.ical_rules import DEFAULT_RULES, Rule
from schools.ical_short import calls_short
from schools.ical_source import Source, SourceEvent, date_value, read_source
from schools.ical_terms import derive_terms, derive_week_marks, spans_of
from schools.ical_types import CalendarEvent, CannotReadCalendar, Notice, ParsedCalendar, Span, WeekMark

__all__ = [
    "DEFAULT_RULES",
    "CalendarEvent",
    "CannotReadCalendar",
    "Notice",
    "ParsedCalendar",
    "Rule",
    "Span",
    "WeekMark",
    "parse_calendar",
]

LONGEST_EVENT_DAYS = 400
WHOLE_DAY_KINDS = (ical_rules.CLOSURE, ical_rules.STAFF_DAY, ical_rules.PUBLIC_HOLIDAY, ical_rules.TERM_DAY)
MOST_OF_A_DAY_HOURS = 5
SHORTEST_TERM_DAYS = 5
# "Half Term 1" is a stretch of teaching when it lasts this long, and a holiday when it is shorter.
LONGEST_HALF_TERM_BREAK_DAYS = 21
# Without a window a repeating event is followed this far beyond the last single date of the file.
BEYOND_LAST_EVENT = timedelta(days=800)


def parse_calendar(
    data: bytes, *, zone: str, rules: Sequence[Rule] = DEFAULT_RULES, window: tuple[date, date] | None = None
) -> ParsedCalendar:
    """Read an iCalendar file of at most 2 MiB.

    ``zone``: IANA name of the school's time zone; every time comes back as its wall clock. ``rules``: in order, first
    match wins. ``window``: first and last day to keep, both included; without it everything is kept, and a rule
    without end is followed 800 days beyond the last single date of the file.
    """
    try:
        school_zone = ZoneInfo(zone)
    except (KeyError, ValueError, OSError) as error:
        raise CannotReadCalendar("unknown_zone", {"zone": zone}) from error
    return _Reader(read_source(data), school_zone, tuple(rules), window).read()


class _Reader:
    """One pass over one file. Exists to share the zone, the rules and the growing list of warnings."""

    def __init__(
        self, source: Source, zone: ZoneInfo, rules: tuple[Rule, ...], window: tuple[date, date] | None
    ) -> None:
        self.source = source
        self.zone = zone
        self.rules = rules
        self.window = window
        self.warnings = list(source.warnings)
        self.problems = list(source.problems)
        self.keys: dict[str, int] = {}
        self.odd_zones: set[str] = set()
        self.counts = {"cancelled_events": 0, "outside_window": 0}

    def read(self) -> ParsedCalendar:
        events = sorted(self.events(), key=lambda e: (e.start, e.start_time or time.min, e.key))
        if not self.source.events:
            self.warnings.append(Notice("no_events"))
        elif not events and self.problems:
            raise CannotReadCalendar(self.problems[0].code, self.problems[0].facts)
        elif not events and not any(self.counts.values()):
            raise CannotReadCalendar("no_dated_events", self.source.events[0].facts)
        closures = spans_of(events, ical_rules.CLOSURE)
        terms, origin = derive_terms(events, closures)
        marks, mark_warnings = derive_week_marks(events)
        self.note_summary(events, bool(terms))
        return ParsedCalendar(
            zone=self.zone.key,
            name=self.source.name,
            events=tuple(events),
            week_marks=marks,
            terms=terms,
            terms_from=origin,
            closures=closures,
            public_holidays=spans_of(events, ical_rules.PUBLIC_HOLIDAY),
            staff_days=spans_of(events, ical_rules.STAFF_DAY),
            protected=tuple(event for event in events if event.kind == ical_rules.PROTECTED),
            warnings=(*self.warnings, *mark_warnings),
            problems=tuple(self.problems),
        )

    def note_summary(self, events: Sequence[CalendarEvent], has_terms: bool) -> None:
        self.warnings += [Notice(code, {"count": count}) for code, count in self.counts.items() if count]
        silent = (event for event in events if not event.rule and event.week_mark is None)
        unknown = [event for event in silent if not calls_short(event)]
        if unknown:
            examples = "; ".join(list(dict.fromkeys(event.summary for event in unknown))[:3])
            self.warnings.append(Notice("unclassified", {"count": len(unknown), "examples": examples}))
        if events and not has_terms:
            self.warnings.append(Notice("no_terms"))

    def events(self) -> Iterator[CalendarEvent]:
        # A series needs all its parts: a changed occurrence has the UID of the series and no rule of its own.
        uids = {event.uid for event in self.source.events if event.uid and is_recurring(event)}
        series, single = [], []
        for event in self.source.events:
            if date_value(event, "DTSTART") is None:
                self.warnings.append(Notice("event_without_start", event.facts))
            elif is_recurring(event) or event.uid in uids:
                series.append(event)
            else:
                single.append(event)
        for event in single:
            yield from self.event(event, event.component, event.uid or _made_up_uid(event))
        if series:
            for event, occurrence, day in expand(series, *self.expansion_window(), self.problems):
                yield from self.event(event, occurrence, f"{event.uid or _made_up_uid(event)}/{day}")

    def expansion_window(self) -> tuple[date, date]:
        if self.window:
            return self.window
        starts = [day for event in self.source.events if (day := _day_of(date_value(event, "DTSTART"))) is not None]
        return min(starts) - timedelta(days=1), max(starts) + BEYOND_LAST_EVENT

    def event(self, source: SourceEvent, component: icalendar.Component, key: str) -> Iterator[CalendarEvent]:
        if str(component.get("STATUS", "")).upper() == "CANCELLED":
            self.counts["cancelled_events"] += 1
            return
        start, end, start_time, end_time = self.times(source, component)
        if self.window and (end < self.window[0] or start > self.window[1]):
            self.counts["outside_window"] += 1
            return
        summary = " ".join(str(component.get("SUMMARY", "")).split())[:200]
        kind, rule = self.kind(source, summary, start, end, start_time, end_time)
        number = self.keys[key] = self.keys.get(key, 0) + 1
        yield CalendarEvent(
            key=key if number == 1 else f"{key}#{number}",
            start=start,
            end=end,
            summary=summary,
            kind=kind,
            rule=rule.name if rule else "",
            hardness=rule.hardness if rule and kind == ical_rules.PROTECTED else "",
            start_time=start_time,
            end_time=end_time,
            year_groups=ical_rules.year_groups(summary) or (rule.years if rule else ()),
            week_mark=ical_rules.week_mark(summary, kind),
        )

    def kind(
        self, source: SourceEvent, summary: str, start: date, end: date, start_time: time | None, end_time: time | None
    ) -> tuple[str, Rule | None]:
        rule = ical_rules.classify(summary, self.rules)
        kind = rule.kind if rule else ical_rules.IGNORE
        days = (end - start).days + 1
        if days > LONGEST_EVENT_DAYS:
            self.warnings.append(Notice("event_too_long", {**source.facts, "days": days}))
            return ical_rules.IGNORE, rule
        if kind == ical_rules.TERM and (start_time is not None or days < SHORTEST_TERM_DAYS):
            # "Governors meet (autumn term)": the word, not the term.
            return ical_rules.IGNORE, rule
        if kind == ical_rules.CLOSURE and days > LONGEST_HALF_TERM_BREAK_DAYS and _says_half_term(summary):
            return ical_rules.TERM, rule
        if (
            kind in WHOLE_DAY_KINDS
            and start_time is not None
            and days == 1
            and not _is_most_of_a_day(start_time, end_time)
        ):
            # "Staff training 16:00-17:00" closes nothing; "School closed 00:00-23:59" does.
            return ical_rules.IGNORE, rule
        return kind, rule

    def times(self, source: SourceEvent, component: icalendar.Component) -> tuple[date, date, time | None, time | None]:
        """(first day, last day, start, end) on the school's clock. All-day ends are exclusive in the file."""
        event = SourceEvent(component, source.line, source.uid, source.summary)
        start = date_value(event, "DTSTART")
        if start is None:  # cannot happen: events without a start were set aside
            raise CannotReadCalendar("bad_value", {**source.facts, "property": "DTSTART", "value": None})
        end = date_value(event, "DTEND")
        if end is None:
            end = self.end_by_duration(event, start)
        if not isinstance(start, datetime) or not isinstance(end, datetime):
            first, last = _as_day(start), _as_day(end) - timedelta(days=1)
            if last < first - timedelta(days=1):
                self.warnings.append(Notice("end_before_start", source.facts))
            # Many programs write the same day twice for one day: neither end is wrong enough to refuse.
            return first, max(last, first), None, None
        local_start, local_end = self.local(event, "DTSTART", start), self.local(event, "DTEND", end)
        if local_end < local_start:
            self.warnings.append(Notice("end_before_start", source.facts))
            local_end = local_start
        last = local_end.date()
        if local_end.time() == time.min and last > local_start.date():
            last -= timedelta(days=1)
        return local_start.date(), last, local_start.time(), local_end.time()

    def end_by_duration(self, event: SourceEvent, start: date | datetime) -> date | datetime:
        duration = event.component.get("DURATION")
        length = getattr(duration, "td", None) or getattr(duration, "dt", None)
        if not isinstance(length, timedelta):
            length = timedelta(0) if isinstance(start, datetime) else timedelta(days=1)
        try:
            return start + length
        except OverflowError as error:
            facts = {**event.facts, "property": "DURATION", "value": str(length)}
            raise CannotReadCalendar("bad_value", facts) from error

    def local(self, event: SourceEvent, name: str, moment: datetime) -> datetime:
        """The school's wall clock. A floating time is the school's; so is one in an unknown zone, with a warning."""
        if moment.tzinfo is not None and moment.utcoffset() is not None:
            return moment.astimezone(self.zone).replace(tzinfo=None)
        value = event.component.get(name)
        named = str(getattr(value, "params", {}).get("TZID", "")) if value is not None else ""
        if named and named not in self.odd_zones:
            self.odd_zones.add(named)
            facts = {"timezone": named[:80], "zone": self.zone.key, "event": event.summary, "line": event.line}
            self.warnings.append(Notice("unknown_timezone", facts))
        return moment.replace(tzinfo=None)


def _is_most_of_a_day(start: time, end: time | None) -> bool:
    """Midnight as an end is the end of the day."""
    last = 24.0 if end is None or end == time.min else end.hour + end.minute / 60
    return last - (start.hour + start.minute / 60) >= MOST_OF_A_DAY_HOURS


def _says_half_term(summary: str) -> bool:
    return "half term" in ical_rules.plain(summary) or "halfterm" in ical_rules.plain(summary)


def _made_up_uid(event: SourceEvent) -> str:
    """Events without UID break the standard and exist. Same day and same words make the same key next time."""
    start = event.component.get("DTSTART")
    seed = f"{getattr(start, 'dt', '')}|{event.summary}"
    return "no-uid-" + hashlib.sha256(seed.encode()).hexdigest()[:16]


def _as_day(moment: date | datetime) -> date:
    return moment.date() if isinstance(moment, datetime) else moment


def _day_of(moment: date | datetime | None) -> date | None:
    return None if moment is None else _as_day(moment)
