"""From a parsed calendar to the rows a school would keep. No database."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from django.utils.translation import gettext as _

from hubs.models import Hub
from hubs.wallclock import is_public_holiday
from schools import ical_rules
from schools.domain.diff import Wanted, stable_key
from schools.ical import CalendarEvent, ParsedCalendar, Span
from schools.ical_short import DAY_BEGINS, DAY_ENDS, Hours, short_hours, why_unread
from schools.models import Closure
from schools.slips import slip_of, slip_of_day, sound
from schools.weeks import days_between

DAY = dt.timedelta(days=1)
GAP = "no-lessons/"
SPANS = (
    (Closure.Kind.HOLIDAY, ical_rules.CLOSURE, "closures"),
    (Closure.Kind.STAFF_DAY, ical_rules.STAFF_DAY, "staff_days"),
    (Closure.Kind.PUBLIC_HOLIDAY, ical_rules.PUBLIC_HOLIDAY, "public_holidays"),
)
_PREFIX = re.compile(r"^[^:]{1,40}:\s+(?=\S)")


def without_slips(parsed: ParsedCalendar) -> tuple[ParsedCalendar, list[Span]]:
    """The calendar without what nobody can mean (see `schools.slips`), and what that is."""
    kept: dict[str, Any] = {}
    odd: list[Span] = []
    for name in ("terms", "closures", "public_holidays", "staff_days"):
        kept[name], some = sound(getattr(parsed, name))
        odd += some
    wrong = [event for event in parsed.protected if slip_of(event.start, event.end)]
    odd += [Span(event.start, event.end, event.summary) for event in wrong]
    kept["protected"] = tuple(event for event in parsed.protected if event not in wrong)
    kept["week_marks"] = tuple(mark for mark in parsed.week_marks if not slip_of_day(mark.monday))
    return replace(parsed, **kept), odd


def common_prefix(events: Iterable[CalendarEvent]) -> str:
    """ "Sheffield: " when every event begins with it: the calendar's name, not the event's."""
    found = {match.group() if (match := _PREFIX.match(event.summary)) else "" for event in events}
    return found.pop() if len(found) == 1 else ""


def term_rows(parsed: ParsedCalendar, prefix: str, hub: Hub) -> list[Wanted]:
    """Terms, numbered within their academic year where the file gives them no name of their own."""
    rows, counts = [], dict[dt.date, int]()
    named = parsed.terms_from == "terms"
    for span in parsed.terms:
        year = hub.academic_year_of(span.start)[0]
        counts[year] = counts.get(year, 0) + 1
        own = _short(span.name, prefix, 60) if named else ""
        name = own or _("Term %(n)s") % {"n": counts[year]}
        rows.append(Wanted(f"term/{span.start}", {"name": name, "starts_on": span.start, "ends_on": span.end}))
    return rows


def closure_rows(
    parsed: ParsedCalendar, prefix: str, hub: Hub, bells: Mapping[str, Hours] = MappingProxyType({})
) -> list[Wanted]:
    rows: dict[str, Wanted] = {}
    for kind, event_kind, name in SPANS:
        events = [event for event in parsed.events if event.kind == event_kind]
        for span in getattr(parsed, name):
            key = _key_of(span, events, rows)
            word = _short(span.name, prefix, 120) or str(Closure.Kind(kind).label).capitalize()
            values = {"kind": str(kind), "name": word, "starts_on": span.start, "ends_on": span.end}
            rows[key] = Wanted(key, values)
    return [*rows.values(), *short_rows(parsed, prefix, bells), *gap_rows(parsed, hub)]


def short_rows(parsed: ParsedCalendar, prefix: str, bells: Mapping[str, Hours]) -> list[Wanted]:
    """Days on which the whole school ends early or begins late, where an event or the bell of the school's own rule
    says when. `bells`: see `schools.domain.event_rules.bells_of_short_days`."""
    rows: dict[str, Wanted] = {}
    for event, hours in _short_events(parsed, bells):
        if event.year_groups:
            continue
        key = stable_key(f"short/{event.key}")
        values = {
            "kind": str(Closure.Kind.SHORT_DAY), "name": _short(event.summary, prefix, 120), "starts_on": event.start,
            "ends_on": event.end, "begins_at": hours[0], "ends_at": hours[1],
        }  # fmt: skip
        rows[key] = Wanted(key, values)
    return list(rows.values())


def _short_events(parsed: ParsedCalendar, bells: Mapping[str, Hours]) -> Iterator[tuple[CalendarEvent, Hours]]:
    for event in parsed.events:
        hours = None if slip_of(event.start, event.end) else short_hours(event, bells.get(event.rule))
        if hours is not None:
            yield event, hours


def short_unread(parsed: ParsedCalendar, bells: Mapping[str, Hours]) -> list[tuple[str, list[CalendarEvent]]]:
    """What is called a short day and cannot be read as one: why (see `schools.ical_short`), and the events that say so
    in the same words."""
    found: dict[tuple[str, str], list[CalendarEvent]] = {}
    for event in parsed.events:
        if why := why_unread(event, bells.get(event.rule)):
            found.setdefault((why, event.summary), []).append(event)
    return [(why, events) for (why, _summary), events in found.items()]


def _key_of(span: Span, events: Sequence[CalendarEvent], taken: Iterable[str]) -> str:
    first = next((event for event in events if event.start == span.start), None)
    key = stable_key(first.key if first else f"{span.name}/{span.start}")
    return key if key not in taken else stable_key(f"{span.start}/{key}")


def gap_rows(parsed: ParsedCalendar, hub: Hub) -> list[Wanted]:
    """Weekdays inside a term that a calendar of term days leaves out: nobody teaches on them."""
    if parsed.terms_from != "term_days":
        return []
    known = set[dt.date]()
    for event in parsed.events:
        if event.kind in (ical_rules.TERM_DAY, *(kind for _, kind, _ in SPANS)):
            known.update(days_between(event.start, event.end))
    rows = []
    for term in parsed.terms:
        for day in days_between(term.start, term.end):
            if day.weekday() < 5 and day not in known:
                rows.append(_gap(day, hub))
    return rows


def _gap(day: dt.date, hub: Hub) -> Wanted:
    public = is_public_holiday(day, hub.jurisdiction)
    kind = Closure.Kind.PUBLIC_HOLIDAY if public else Closure.Kind.HOLIDAY
    name = _("Public holiday") if public else _("No lessons")
    return Wanted(f"{GAP}{day}", {"kind": str(kind), "name": name, "starts_on": day, "ends_on": day})


def protected_rows(parsed: ParsedCalendar, prefix: str) -> list[Wanted]:
    rows: dict[str, Wanted] = {}
    for event in parsed.protected:
        timed = event.start == event.end and event.start_time and event.end_time and event.end_time > event.start_time
        values = {
            "name": _short(event.summary, prefix, 120) or _("Exams"),
            "hardness": event.hardness or ical_rules.BLOCKED,
            "starts_on": event.start,
            "ends_on": event.end,
            "starts_at": event.start_time if timed else None,
            "ends_at": event.end_time if timed else None,
        }
        key = stable_key(event.key)
        rows[key] = Wanted(key, values, years=event.year_groups)
    return list(rows.values())


def short_of_years(parsed: ParsedCalendar, prefix: str, bells: Mapping[str, Hours]) -> list[Wanted]:
    """Short days of single year groups, as protected periods: nobody of them goes out before their lessons begin, or
    after they end."""
    rows: dict[str, Wanted] = {}
    for event, (begins, ends) in _short_events(parsed, bells):
        spans = (("before", DAY_BEGINS, begins), ("after", ends, DAY_ENDS)) if event.year_groups else ()
        for part, first, last in spans:
            if first is None or last is None:
                continue
            key = stable_key(f"short/{part}/{event.key}")
            values = {
                "name": _short(event.summary, prefix, 120), "hardness": ical_rules.BLOCKED, "starts_on": event.start,
                "ends_on": event.end, "starts_at": first, "ends_at": last,
            }  # fmt: skip
            rows[key] = Wanted(key, values, years=event.year_groups)
    return list(rows.values())


def mark_rows(parsed: ParsedCalendar) -> list[Wanted]:
    """Week marks as the file writes them: "12" or "A". The week pattern gives them their letter."""
    return [
        Wanted(f"week/{mark.monday}", {"monday": mark.monday, "letter": mark.text[:8]}) for mark in parsed.week_marks
    ]


def _short(text: str, prefix: str, most: int) -> str:
    return " ".join(text.removeprefix(prefix).split())[:most].strip()


def fingerprints(parsed: ParsedCalendar, most: int) -> list[str]:
    """Short digests of the events' keys, by which the next file of the same source is known."""
    keys = dict.fromkeys(event.key for event in parsed.events)
    return [hashlib.sha256(key.encode()).hexdigest()[:10] for key in list(keys)[:most]]
