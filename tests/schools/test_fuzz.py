"""Broken files are read or refused, never an exception of another kind, never slow, never large.

A few hundred here on every run; thousands with `make fuzz` (FUZZ=3000 for each sort of file).
"""

from __future__ import annotations

import os
import random
import time
from zoneinfo import ZoneInfo

import pytest

from schools.ical import CannotReadCalendar, parse_calendar
from schools.oneroster import CannotReadRoster, parse_roster
from schools.sandbox import CPU_SECONDS, MEMORY_BYTES, parse_calendar_safely, parse_timetable_safely
from schools.student_list import read_list
from schools.timetables import CannotReadTimetable, parse_timetable
from tests.schools.files import AUTUMN, HALF_TERM, MOCKS, SAMPLES, STAFF_DAY, TIMED, TIMETABLE, calendar
from tests.schools.fuzzing import SECONDS, mutations, texts, try_all, zips
from tests.schools.peak import peak
from tests.schools.rosters import small
from tests.schools.test_timetables import HEADER, saved_fet

COUNT = int(os.environ.get("FUZZ", "150"))
SEED = int(os.environ.get("FUZZ_SEED", "20260915"))

REPEATING = (
    "BEGIN:VEVENT\r\nUID:r1\r\nDTSTART;TZID=Europe/London:20260901T090000\r\nDTEND;TZID=Europe/London:20260901T100000\r\n"
    "RRULE:FREQ=WEEKLY;BYDAY=TU;UNTIL=20261218T000000Z\r\nEXDATE;TZID=Europe/London:20261027T090000\r\n"
    "SUMMARY:Week A\r\nEND:VEVENT\r\n"
    "BEGIN:VEVENT\r\nUID:r1\r\nRECURRENCE-ID;TZID=Europe/London:20260908T090000\r\n"
    "DTSTART;TZID=Europe/London:20260909T090000\r\nSUMMARY:Week B\r\nEND:VEVENT\r\n"
    "BEGIN:VEVENT\r\nUID:r2\r\nDTSTART:20260101\r\nRRULE:FREQ=MONTHLY;BYMONTHDAY=31;COUNT=4\r\nSUMMARY:INSET\r\nEND:VEVENT\r\n"
)
CALENDARS = [calendar(*AUTUMN, HALF_TERM, STAFF_DAY, MOCKS), calendar(REPEATING), calendar(*AUTUMN, REPEATING, MOCKS)]
UNTIS = b'7,"10A","MUE","MA","R1",1,3,45\n7,"10B","MUE","MA","R1",1,3,45\n8;"9B";"SCH";"EN";"R2";2;1;45\n'
FET_CSV = (HEADER + '"1","Mon","P1","10A+10B","Maths","T","","R1",""\n"2","Tue","P2","9B","PE","T","","",""\n').encode()
TIMETABLES = [
    TIMETABLE,
    TIMED,
    UNTIS,
    UNTIS.replace(b";", b","),
    FET_CSV,
    saved_fet(solved=True),
    saved_fet(solved=False),
]


def read_calendar(data: bytes):
    return parse_calendar(data, zone="Europe/London")


def test_broken_calendars():
    found = try_all(mutations(CALENDARS, COUNT, seed=SEED), read_calendar, CannotReadCalendar)
    assert found.broke == {}
    assert (found.read > COUNT // 20, found.refused > COUNT // 20) == (True, True)


@pytest.mark.needs_samples
def test_broken_sample_calendars():
    files = [data for data in texts(SAMPLES, "*.ics") if len(data) < 200_000]
    # The Sheffield file is long; the beginning of it breaks in all the ways the whole does.
    files += [
        data[: data.find(b"END:VEVENT", 20_000)] + b"END:VEVENT\nEND:VCALENDAR\n"
        for data in files
        if len(data) > 50_000
    ]
    found = try_all(mutations(files, COUNT, seed=SEED), read_calendar, CannotReadCalendar)
    assert found.broke == {}


@pytest.mark.parametrize("kind", [None, "gpu001", "csv", "fet-csv", "fet-xml"])
def test_broken_timetables(kind):
    found = try_all(
        mutations(TIMETABLES, COUNT, seed=SEED), lambda data: parse_timetable(data, format=kind), CannotReadTimetable
    )
    assert found.broke == {}


def test_broken_rosters():
    archives = zips(random.Random(SEED), small(), COUNT)
    found = try_all(archives, lambda data: parse_roster(data, names=True), CannotReadRoster)
    assert found.broke == {}
    assert (found.read > COUNT // 20, found.refused > COUNT // 20) == (True, True)


def test_broken_lists_of_students():
    files = [b"K.A.,10,10A + Football\nL.B.,11,9B\n", b"Name;Year;Class\nK.A.;10;10A\n"]
    found = try_all(
        mutations(files, COUNT, seed=SEED), lambda data: read_list(data.decode(errors="replace")), CannotReadTimetable
    )
    assert found.broke == {}


# ---- what is known to be dangerous, with the limits of the process of its own ----


def refused_quickly(data: bytes, read) -> str:
    """The code of the refusal; it comes within the limits of the child, start of the interpreter aside."""
    started = time.monotonic()
    with pytest.raises((CannotReadCalendar, CannotReadTimetable)) as caught:
        read(data)
    assert time.monotonic() - started < 60, "it hangs"
    return caught.value.code


EVERY_SECOND = (
    b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//y//EN\r\nBEGIN:VEVENT\r\nUID:1@x\r\nDTSTAMP:20260101T000000Z\r\n"
    b"DTSTART:20260101T000000Z\r\nRRULE:FREQ=SECONDLY\r\nSUMMARY:Bell\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


def test_event_every_second_is_a_sentence_at_once():
    started = time.thread_time()
    with pytest.raises(CannotReadCalendar) as caught:
        read_calendar(EVERY_SECOND)
    assert (caught.value.code, len(EVERY_SECOND)) == ("rule_too_fine", 187)
    assert time.thread_time() - started < 1


BOMB = (
    b'<!DOCTYPE a [<!ENTITY a "xxxxxxxxxx">'
    + b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a%s;" % (str(n - 1).encode() if n else b"") * 10) for n in range(9))
    + b"]><fet>&a8;</fet>"
)
DEEP = b"<fet>" + b"<a>" * 250_000
WIDE = b"<fet>" + b"<a/>" * 400_000 + b"</fet>"


@pytest.mark.parametrize(
    ("data", "codes"),
    [
        (BOMB, {"unsafe_xml"}),
        (BOMB.decode().encode("utf-16"), {"unsafe_xml"}),
        (b"<?xml version='1.0' encoding='UTF-7'?>" + b"<fet/>", {"no_lessons"}),
        (DEEP, {"bad_xml", "too_costly"}),
        (WIDE, {"no_lessons", "too_costly"}),
        (b'"' + b"," * 2_000_000, {"bad_row", "unknown_format"}),
        (b"," * 2_000_000, {"unknown_format", "too_costly"}),
        (b"a\n" * 1_000_000, {"unknown_format"}),
        (b"Class,Day,Hour\n" + b"10A,Mon,1\n" * 70_000, {"too_many_rows"}),
        (b"Class,Day,Hour\n" + b"A," * 600_000 + b"\n", {"too_many_columns"}),
    ],
)
def test_dangerous_timetables_stay_within_the_limits(data, codes):
    assert refused_quickly(data, parse_timetable_safely) in codes


def test_limits_are_those_promised():
    assert (CPU_SECONDS, MEMORY_BYTES, SECONDS) == (5, 256 * 1024 * 1024, 5.0)


def largest_calendar() -> bytes:
    """As many events, as long a file and as many repetitions as are let in."""
    rule = "RRULE:FREQ=DAILY;COUNT=300\r\n"
    one = (
        "BEGIN:VEVENT\r\nUID:{n}@x\r\nDTSTART;VALUE=DATE:20260901\r\nDTEND;VALUE=DATE:20260902\r\n{rule}"
        "SUMMARY:Holiday {n} {words}\r\nEND:VEVENT\r\n"
    )
    events = "".join(one.format(n=n, rule=rule if n < 20 else "", words="x" * 250) for n in range(4_900))
    return calendar(events)[: 2 * 1024 * 1024]


@pytest.mark.slow
def test_peak_of_the_reading_process_is_measured(tmp_path):
    """Resident memory and processor time as the operating system counted them, not as they were limited."""
    hostile = [(".ics", data) for data in mutations(CALENDARS, max(COUNT // 30, 5), seed=SEED + 2)]
    hostile += [
        (".txt", data) for data in (BOMB, DEEP, WIDE, b"a\n" * 1_000_000, b"Class,Day,Hour\n" + b"10A,Mon,1\n" * 60_000)
    ]
    found = peak(tmp_path, [(".ics", EVERY_SECOND), (".ics", largest_calendar()), *hostile])
    assert len(found["outcomes"]) == len(hostile) + 2
    assert found["outcomes"][0] == "rule_too_fine"
    assert 10 < found["megabytes"] < 256
    assert 0 < found["seconds"] < SECONDS + 1  # the kernel kills at five seconds, to the second


def test_broken_calendars_in_their_own_process():
    for data in mutations(CALENDARS, max(COUNT // 50, 3), seed=SEED + 1):
        try:
            read = parse_calendar_safely(data, zone="Europe/London")
        except CannotReadCalendar:
            continue
        assert read.zone == ZoneInfo("Europe/London").key
