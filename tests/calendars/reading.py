"""What the icalendar library makes of a calendar, in the same words as ical.js."""

from __future__ import annotations

import datetime as dt

from icalendar import Calendar


def events(content: bytes) -> list[dict]:
    return [_event(part) for part in Calendar.from_ical(content).walk("VEVENT")]


def raw(content: bytes) -> list:
    """The events as the library has them."""
    return list(Calendar.from_ical(content).walk("VEVENT"))


def _event(part) -> dict:
    begin, end = part.decoded("dtstart"), part.decoded("dtend")
    rule = part.get("rrule", {})
    step = dt.timedelta(days=7 if rule.get("FREQ") == ["WEEKLY"] else 1)
    related = part.get("related-to")
    attendees = part.get("attendee", [])
    return {
        "uid": str(part["uid"]),
        "sequence": int(part["sequence"]),
        "status": str(part["status"]),
        "summary": str(part["summary"]),
        "description": str(part["description"]),
        "location": str(part["location"]) if "location" in part else None,
        "stamp": _utc(part.decoded("dtstamp")),
        "seconds": (end - begin).total_seconds(),
        "starts": [_utc(begin + step * number) for number in range(rule.get("COUNT", [1])[0])],
        "related": [str(related), related.params["GAP"]] if related is not None else None,
        "attendees": [str(one) for one in (attendees if isinstance(attendees, list) else [attendees])],
    }


def _utc(at: dt.datetime) -> str:
    return f"{at.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%SZ}"
