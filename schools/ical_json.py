"""A parsed calendar as JSON and back, for the pipe between a parser in its own process and the caller.

JSON and not pickle: what comes out of the process that read a stranger's file must not be able to run anything.
"""

from __future__ import annotations

from datetime import date, time
from typing import Any

from schools.ical_rules import Rule
from schools.ical_types import CalendarEvent, CannotReadCalendar, Notice, ParsedCalendar, Span, WeekMark

Json = dict[str, Any]


def pack_facts(facts: Any) -> Json:
    return {key: _pack(value) for key, value in facts.items()}


def unpack_facts(facts: Json) -> Json:
    return {key: _unpack(value) for key, value in facts.items()}


def _pack(value: Any) -> Any:
    if isinstance(value, date):
        return {"date": value.isoformat()}
    if isinstance(value, time):
        return {"time": value.isoformat()}
    return value


def _unpack(value: Any) -> Any:
    if isinstance(value, dict):
        return date.fromisoformat(value["date"]) if "date" in value else time.fromisoformat(value["time"])
    return value


def pack_rules(rules: tuple[Rule, ...]) -> list[Json]:
    return [
        {"kind": rule.kind, "words": list(rule.words), "hardness": rule.hardness, "years": list(rule.years)}
        for rule in rules
    ]


def pack_calendar(calendar: ParsedCalendar) -> Json:
    return {
        "zone": calendar.zone,
        "name": calendar.name,
        "terms_from": calendar.terms_from,
        "events": [_pack_event(event) for event in calendar.events],
        "protected": [event.key for event in calendar.protected],
        "week_marks": [[mark.monday.isoformat(), mark.text] for mark in calendar.week_marks],
        "terms": _pack_spans(calendar.terms),
        "closures": _pack_spans(calendar.closures),
        "public_holidays": _pack_spans(calendar.public_holidays),
        "staff_days": _pack_spans(calendar.staff_days),
        "warnings": _pack_notices(calendar.warnings),
        "problems": _pack_notices(calendar.problems),
    }


def unpack_calendar(row: Json) -> ParsedCalendar:
    """Raises KeyError, TypeError or ValueError on anything ``pack_calendar`` did not write."""
    events = tuple(_unpack_event(event) for event in row["events"])
    protected = set(row["protected"])
    return ParsedCalendar(
        zone=row["zone"],
        name=row["name"],
        events=events,
        week_marks=tuple(WeekMark(date.fromisoformat(day), text) for day, text in row["week_marks"]),
        terms=_unpack_spans(row["terms"]),
        terms_from=row["terms_from"],
        closures=_unpack_spans(row["closures"]),
        public_holidays=_unpack_spans(row["public_holidays"]),
        staff_days=_unpack_spans(row["staff_days"]),
        protected=tuple(event for event in events if event.key in protected),
        warnings=_unpack_notices(row["warnings"]),
        problems=_unpack_notices(row["problems"]),
    )


def _pack_notices(notices: tuple[Notice, ...]) -> list[list[Any]]:
    return [[notice.code, pack_facts(notice.facts)] for notice in notices]


def _unpack_notices(rows: list[list[Any]]) -> tuple[Notice, ...]:
    return tuple(Notice(code, unpack_facts(facts)) for code, facts in rows)


def pack_refusal(error: CannotReadCalendar) -> Json:
    return {"code": error.code, "facts": pack_facts(error.facts)}


def _pack_spans(spans: tuple[Span, ...]) -> list[list[str]]:
    return [[span.start.isoformat(), span.end.isoformat(), span.name] for span in spans]


def _unpack_spans(rows: list[list[str]]) -> tuple[Span, ...]:
    return tuple(Span(date.fromisoformat(start), date.fromisoformat(end), name) for start, end, name in rows)


def _pack_event(event: CalendarEvent) -> list[Any]:
    clock = [value.isoformat() if value else None for value in (event.start_time, event.end_time)]
    days = [event.start.isoformat(), event.end.isoformat()]
    words = [event.summary, event.kind, event.rule, event.hardness]
    return [event.key, *days, *words, *clock, list(event.year_groups), event.week_mark]


def _unpack_event(row: list[Any]) -> CalendarEvent:
    key, start, end, summary, kind, rule, hardness, start_time, end_time, years, mark = row
    return CalendarEvent(
        key=key,
        start=date.fromisoformat(start),
        end=date.fromisoformat(end),
        summary=summary,
        kind=kind,
        rule=rule,
        hardness=hardness,
        start_time=time.fromisoformat(start_time) if start_time else None,
        end_time=time.fromisoformat(end_time) if end_time else None,
        year_groups=tuple(years),
        week_mark=mark,
    )
