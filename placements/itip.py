"""Answers of calendars to our invitations (RFC 5546, 3.2.3): read, never believed."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from icalendar import Calendar

MOST_BYTES = 100_000
SAID = ("ACCEPTED", "TENTATIVE", "DECLINED")


@dataclass(frozen=True)
class Answer:
    """`said` is one of `SAID`, or "COUNTER" when another time is asked for. `sequence` is that
    of the invitation it answers; `at` is aware, None when it does not say."""

    uid: str
    sequence: int
    address: str
    said: str
    at: dt.datetime | None


def read(content: bytes) -> Answer | None:
    """The answer in a REPLY or COUNTER with one attendee; None for anything else."""
    if not content or len(content) > MOST_BYTES:
        return None
    try:
        calendar = Calendar.from_ical(content)
        method = str(calendar.get("METHOD", "")).upper()
        events = calendar.walk("VEVENT")
        if method not in ("REPLY", "COUNTER") or not events:
            return None
        attendee = events[0].get("ATTENDEE")
        if attendee is None or isinstance(attendee, list):
            return None
        said = "COUNTER" if method == "COUNTER" else str(attendee.params.get("PARTSTAT", "")).upper()
        at = events[0].decoded("DTSTAMP", None)
        return Answer(
            uid=str(events[0].get("UID", "")),
            sequence=int(events[0].get("SEQUENCE", 0)),
            address=str(attendee).lower().removeprefix("mailto:"),
            said=said if said in (*SAID, "COUNTER") else "",
            at=at if isinstance(at, dt.datetime) and at.tzinfo else None,
        )
    except (ValueError, KeyError, AttributeError, TypeError, IndexError):
        return None
