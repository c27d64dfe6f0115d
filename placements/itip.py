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
    of the invitation it answers; `at` is aware, None when it does not say. `occurrence` names one
    day of a series by its start (RECURRENCE-ID, RFC 5545, 3.8.4.4), None for all of it."""

    uid: str
    sequence: int
    address: str
    said: str
    at: dt.datetime | None
    occurrence: dt.datetime | dt.date | None = None

    def day(self, zone: dt.tzinfo) -> dt.date | None:
        """The date of the occurrence where it takes place; a time without a zone is meant there."""
        one = self.occurrence
        if not isinstance(one, dt.datetime):
            return one
        return (one.astimezone(zone) if one.tzinfo else one).date()


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
            occurrence=events[0].decoded("RECURRENCE-ID", None),
        )
    except (ValueError, KeyError, AttributeError, TypeError, IndexError):
        return None
