"""Files as schools have them, written for the tests."""

from __future__ import annotations

from pathlib import Path

from tests.services import samples

SAMPLES = samples() or Path()


def event(uid: str, start: str, end: str, summary: str) -> str:
    """All-day; `end` is exclusive, as in the standard."""
    return (
        f"BEGIN:VEVENT\r\nUID:{uid}\r\nDTSTART;VALUE=DATE:{start}\r\nDTEND;VALUE=DATE:{end}\r\n"
        f"SUMMARY:{summary}\r\nEND:VEVENT\r\n"
    )


def calendar(*events: str) -> bytes:
    return (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//school//EN\r\n" + "".join(events) + "END:VCALENDAR\r\n"
    ).encode()


AUTUMN = (
    event("t1", "20260901", "20261024", "Term 1"),
    event("t2", "20261102", "20261219", "Term 2"),
)
HALF_TERM = event("h1", "20261024", "20261102", "Autumn half term")
STAFF_DAY = event("s1", "20260901", "20260902", "INSET day")
MOCKS = event("m1", "20261130", "20261205", "Year 11 mock exams")

TIMETABLE = (
    b"Class,Day,Period,Subject,Room\n"
    b"10A,Monday,1,Maths,M1\n"
    b"10A,Tuesday,2,PE,Gym\n"
    b"10B,Tuesday,1,Maths,M2\n"
    b"Y9 Red,Friday,3,Art,A1\n"
)
TIMED = (
    b"Class,Day,Hour,Subject\n"
    b"10A,Monday,09:00-10:00,Maths\n"
    b"10A,Tuesday,10:00-11:00,PE\n"
    b"10B,Tuesday,09:00-10:00,History\n"
)
