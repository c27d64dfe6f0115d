"""Small calendars as text, and reading them: what the tests of iCalendar share."""

from __future__ import annotations

import pytest

from schools.ical import CannotReadCalendar, parse_calendar
from schools.ical_types import ParsedCalendar


def ics(*events: str, head: str = "", end: str = "\r\n") -> bytes:
    body = "".join(f"BEGIN:VEVENT\n{event.strip()}\nEND:VEVENT\n" for event in events)
    text = f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//test//EN\n{head}{body}END:VCALENDAR\n"
    return text.replace("\n", end).encode()


def day(summary: str, start: str, stop: str = "", uid: str = "") -> str:
    ends = f"DTEND;VALUE=DATE:{stop}\n" if stop else ""
    return f"UID:{uid or summary + start}\nDTSTART;VALUE=DATE:{start}\n{ends}SUMMARY:{summary}"


def read(data: bytes, **options) -> ParsedCalendar:
    return parse_calendar(data, **{"zone": "Europe/London", **options})


def refused(data: bytes) -> tuple[str, dict]:
    with pytest.raises(CannotReadCalendar) as caught:
        read(data)
    return caught.value.code, caught.value.facts


def hostile(rule: str) -> bytes:
    return ics(f"UID:1@x\nDTSTART:20200101T000000Z\nRRULE:{rule}\nSUMMARY:Holiday")
