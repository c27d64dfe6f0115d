"""Calendars that are refused, by which reason, and in which process."""

import time as clock

import pytest

from schools.ical import CannotReadCalendar, Notice, Rule
from schools.sandbox import parse_calendar_safely
from tests.schools.icals import day, hostile, ics, read, refused

# Refusals


def test_hostile_rule_is_refused_at_once():
    data = hostile("FREQ=SECONDLY")
    started = clock.monotonic()
    code, facts = refused(data)
    assert len(data) < 200
    assert (code, facts) == ("rule_too_fine", {"event": "Holiday", "uid": "1@x", "line": 4, "frequency": "SECONDLY"})
    assert clock.monotonic() - started < 0.5


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        ("FREQ=MINUTELY", "rule_too_fine"),
        ("FREQ=HOURLY;COUNT=3", "rule_too_fine"),
        ("FREQ=DAILY;BYSECOND=1,2,3", "rule_too_fine"),
        ("FREQ=DAILY;BYMINUTE=0,30", "rule_too_fine"),
        ("FREQ=DAILY;INTERVAL=0", "bad_rule"),
        ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "rule_too_odd"),
        ("FREQ=DAILY;INTERVAL=7;BYDAY=TH", "rule_too_odd"),
        ("FREQ=WEEKLY;BYDAY=MO;BYSETPOS=3", "rule_too_odd"),
        ("FREQ=YEARLY;BYDAY=99MO", "bad_rule"),
        ("FREQ=SOMETIMES", "bad_value"),
        ("COUNT=3", "bad_rule"),
    ],
)
def test_rules_no_school_needs_are_refused(rule, code):
    assert refused(hostile(rule))[0] == code


def test_too_many_occurrences_are_refused():
    event = "UID:1\nDTSTART;VALUE=DATE:19710101\nRRULE:FREQ=DAILY\nSUMMARY:Holiday"
    code, facts = refused(ics(event, day("INSET", "20300101")))
    assert (code, facts["most"]) == ("too_many_occurrences", 20_000)


@pytest.mark.parametrize(
    ("data", "code", "facts"),
    [
        (b"", "empty", {}),
        (b"hello", "not_a_calendar", {"line": 1, "found": "hello"}),
        (b"BEGIN:VEVENT\nEND:VEVENT", "not_a_calendar", {"line": 1, "found": "BEGIN:VEVENT"}),
        (b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\n", "unfinished", {"component": "VEVENT", "line": 2}),
        (
            b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nEND:VCALENDAR",
            "unbalanced",
            {"line": 3, "found": "VCALENDAR", "expected": "VEVENT"},
        ),
        (ics(day("INSET", "20250230")), "bad_value", None),
        (ics(day("INSET", "00010101")), "bad_year", None),
        (ics(day("INSET", "20250901"), head="METHOD:CANCEL\n"), "cancellation", {}),
        (ics("UID:7\nSUMMARY:No date"), "no_dated_events", {"event": "No date", "uid": "7", "line": 4}),
        (b"X" * (2 * 1024 * 1024 + 1), "too_large", {"bytes": 2_097_153, "most": 2_097_152}),
    ],
)
def test_broken_file_is_refused_by_name(data, code, facts):
    found, found_facts = refused(data)
    assert found == code
    assert facts is None or found_facts == facts


BAD_DATE = {"event": "Mocks", "uid": "m", "property": "DTSTART", "value": "20250230"}


def test_bad_date_costs_its_event_and_names_it_and_its_line():
    parsed = read(ics(day("INSET", "20250901"), day("Mocks", "20250230", uid="m")))
    assert parsed.problems == (Notice("bad_value", {**BAD_DATE, "line": 9}),)
    assert [event.summary for event in parsed.events] == ["INSET"]


def test_bad_date_of_the_only_event_refuses_the_file():
    assert refused(ics(day("Mocks", "20250230", uid="m"))) == ("bad_value", {**BAD_DATE, "line": 4})


def test_rule_every_second_costs_its_event_and_not_the_file():
    parsed = read(ics(day("INSET", "20250901"), "UID:b\nDTSTART:20250901T100000\nRRULE:FREQ=SECONDLY\nSUMMARY:Bell"))
    assert [problem.code for problem in parsed.problems] == ["rule_too_fine"]
    assert [event.summary for event in parsed.events] == ["INSET"]


def test_too_many_components_are_refused():
    assert refused(ics(*["UID:1"] * 5_000))[0] == "too_many_components"


def test_calendar_without_events_is_read_and_said():
    assert read(ics()).warnings == (Notice("no_events"),)


def test_zone_that_is_a_folder_is_refused_without_naming_it():
    code, facts = refused(ics("UID:1\nDTSTART;TZID=Europe:20250901T100000\nSUMMARY:INSET"))
    assert (code, facts) == ("bad_line", {"line": None, "detail": "IsADirectoryError"})


def test_line_that_is_no_property_is_named():
    code, facts = refused(b"BEGIN:VCALENDAR\nVERSION:2.0\nTerm dates of our school\nEND:VCALENDAR\n")
    assert (code, facts["line"]) == ("bad_line", 3)


def test_unknown_zone_is_refused():
    with pytest.raises(CannotReadCalendar, match="unknown_zone"):
        read(ics(), zone="Mars/Olympus")


# In a process of its own


def test_sandbox_gives_the_same_calendar():
    data = ics(day("Year 10 mocks", "20251110", "20251115"), day("Week A", "20250901"), day("Half term", "20251025"))
    assert parse_calendar_safely(data, zone="Europe/London") == read(data)


def test_sandbox_passes_refusals_on():
    with pytest.raises(CannotReadCalendar) as caught:
        parse_calendar_safely(hostile("FREQ=SECONDLY"), zone="Europe/London", rules=[Rule("closure", ("x",))])
    assert (caught.value.code, caught.value.facts["line"]) == ("rule_too_fine", 4)


def test_sandbox_without_enough_memory_says_too_costly():
    pytest.importorskip("resource")
    with pytest.raises(CannotReadCalendar, match="too_costly"):
        parse_calendar_safely(ics(), zone="Europe/London", memory_bytes=16 * 1024 * 1024)
