"""School calendars: days, times and the shape of the year."""

from datetime import date, time, timedelta

import pytest

from schools.ical import Notice, Span, WeekMark
from tests.schools.icals import day, ics, read

# Days and times


def test_all_day_end_is_exclusive():
    (event,) = read(ics(day("Half term", "20251025", "20251103"))).events
    assert (event.start, event.end, event.start_time) == (date(2025, 10, 25), date(2025, 11, 2), None)


def test_all_day_without_end_is_one_day():
    (event,) = read(ics(day("INSET", "20250901"))).events
    assert event.end == date(2025, 9, 1)


def test_duration_gives_the_end():
    (event,) = read(ics("UID:1\nDTSTART;VALUE=DATE:20250901\nDURATION:P3D\nSUMMARY:Holiday")).events
    assert event.end == date(2025, 9, 3)


def test_timed_event_is_on_the_school_clock():
    (event,) = read(ics("UID:1\nDTSTART:20250701T080000Z\nDTEND:20250701T093000Z\nSUMMARY:Year 10 exam")).events
    assert (event.start_time, event.end_time, event.kind) == (time(9), time(10, 30), "protected")


def test_short_staff_meeting_closes_nothing():
    (event,) = read(ics("UID:1\nDTSTART:20250901T160000\nDTEND:20250901T170000\nSUMMARY:Staff training")).events
    assert event.kind == "ignore"


def test_timed_closure_of_a_whole_day_closes():
    (event,) = read(ics("UID:1\nDTSTART:20250901T000000\nDTEND:20250901T235900\nSUMMARY:School closed")).events
    assert event.kind == "closure"


def test_unknown_timezone_falls_back_with_a_warning():
    parsed = read(ics("UID:1\nDTSTART;TZID=Foo/Bar:20250901T100000\nSUMMARY:Year 10 exam"))
    assert parsed.events[0].start_time == time(10)
    assert parsed.warnings[0] == Notice(
        "unknown_timezone", {"timezone": "Foo/Bar", "zone": "Europe/London", "event": "Year 10 exam", "line": 4}
    )


def test_window_keeps_what_touches_it():
    data = ics(day("INSET", "20250901"), day("INSET", "20260105"))
    parsed = read(data, window=(date(2025, 8, 1), date(2025, 12, 31)))
    assert [event.start for event in parsed.events] == [date(2025, 9, 1)]


def test_recurring_event_has_one_key_for_each_day():
    event = "UID:1\nDTSTART;VALUE=DATE:20250901\nRRULE:FREQ=WEEKLY;COUNT=4\nEXDATE;VALUE=DATE:20250908\nSUMMARY:INSET"
    assert [e.key for e in read(ics(event)).events] == ["1/2025-09-01", "1/2025-09-15", "1/2025-09-22"]


def test_moved_occurrence_keeps_its_key():
    series = "UID:1\nDTSTART;VALUE=DATE:20250901\nRRULE:FREQ=WEEKLY;COUNT=2\nSUMMARY:INSET"
    moved = "UID:1\nRECURRENCE-ID;VALUE=DATE:20250908\nDTSTART;VALUE=DATE:20250910\nSUMMARY:INSET moved"
    events = read(ics(series, moved)).events
    assert [(e.key, e.start) for e in events] == [
        ("1/2025-09-01", date(2025, 9, 1)),
        ("1/2025-09-08", date(2025, 9, 10)),
    ]


def test_repeated_uid_gets_a_key_of_its_own():
    data = ics(day("INSET", "20250901", uid="same"), day("INSET", "20250902", uid="same"))
    assert [event.key for event in read(data).events] == ["same", "same#2"]


def test_cancelled_event_is_left_out():
    parsed = read(ics(day("INSET", "20250901") + "\nSTATUS:CANCELLED"))
    assert (parsed.events, parsed.warnings) == ((), (Notice("cancelled_events", {"count": 1}),))


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_line_ends_and_bom_do_not_matter(end):
    assert len(read(b"\xef\xbb\xbf" + ics(day("INSET", "20250901"), end=end)).events) == 1


# The shape of the year


def test_terms_are_the_gaps_between_long_closures():
    data = ics(
        day("Summer holiday", "20250721", "20250901"),
        day("Snow day", "20250917", "20250918"),
        day("October half term", "20251025", "20251103"),
        day("Christmas holiday", "20251220", "20260105"),
    )
    parsed = read(data)
    assert (parsed.terms_from, parsed.terms) == (
        "closures",
        (Span(date(2025, 9, 1), date(2025, 10, 24)), Span(date(2025, 11, 3), date(2025, 12, 19))),
    )


def test_terms_from_starts_and_ends():
    data = ics(day("Autumn term starts", "20250902"), day("End of term", "20251219"))
    assert read(data).terms == (Span(date(2025, 9, 2), date(2025, 12, 19), "Autumn term starts"),)


def test_terms_from_single_days_break_at_a_week_off():
    days = [date(2025, 9, 1) + timedelta(days=n) for n in range(26)]
    taught = [d for d in days if d.weekday() < 5 and not date(2025, 9, 15) <= d <= date(2025, 9, 19)]
    data = ics(*(day("Term day", d.strftime("%Y%m%d")) for d in taught))
    assert read(data).terms == (Span(date(2025, 9, 1), date(2025, 9, 12)), Span(date(2025, 9, 22), date(2025, 9, 26)))


def test_long_half_term_is_a_term():
    parsed = read(ics(day("Half Term 1", "20250901", "20251025")))
    assert parsed.terms == (Span(date(2025, 9, 1), date(2025, 10, 24), "Half Term 1"),)


def test_closures_of_one_name_are_joined_over_a_month():
    data = ics(day("Summer holiday", "20250721", "20250801"), day("Summer holiday", "20250801", "20250901"))
    assert read(data).closures == (Span(date(2025, 7, 21), date(2025, 8, 31), "Summer holiday"),)


def test_week_marks_that_disagree_are_named():
    parsed = read(ics(day("Week A", "20250901", uid="1"), day("Week B", "20250902", uid="2")))
    facts = {"week": date(2025, 9, 1), "first": "A", "second": "B", "event": "Week B"}
    assert parsed.week_marks == (WeekMark(date(2025, 9, 1), "A"),)
    assert Notice("week_marked_twice", facts) in parsed.warnings
