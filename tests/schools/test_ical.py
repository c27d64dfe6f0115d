"""School calendars: what is understood, what is refused and by which sentence-able reason."""

import os
import time as clock
from datetime import date, time, timedelta
from pathlib import Path

import pytest

from schools.ical import DEFAULT_RULES, CannotReadCalendar, Notice, Rule, Span, WeekMark, parse_calendar
from schools.ical_rules import classify, rules_from, week_mark, year_groups
from schools.ical_types import ParsedCalendar
from schools.sandbox import parse_calendar_safely
from schools.weeks import guess_labels, labels_for_marks

BESIDE = Path(__file__).resolve().parents[2].parent / "shared" / "samples"
SAMPLES = Path(os.environ.get("SAMPLES_DIR") or BESIDE)


def needs_samples(test):
    missing = not (SAMPLES / "calendars").is_dir()
    return pytest.mark.needs_samples(pytest.mark.skipif(missing, reason="no sample calendars (SAMPLES_DIR)")(test))


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


# What words mean


@pytest.mark.parametrize(
    ("summary", "kind"),
    [
        ("Term day (Week 1)", "term_day"),
        ("INSET day", "staff_day"),
        ("Disaggregated Day", "staff_day"),
        ("Journée pédagogique", "staff_day"),
        ("Pädagogischer Tag", "staff_day"),
        ("Autumn half-term", "closure"),
        ("Herbstferien", "closure"),
        ("Vacances de la Toussaint", "closure"),
        ("Vacaciones de Navidad", "closure"),
        ("Férias de julho", "closure"),
        ("Bank holiday", "public_holiday"),
        ("Feriado nacional", "public_holiday"),
        ("Jour férié", "public_holiday"),
        ("Tag der Deutschen Einheit", "public_holiday"),
        ("Year 11 mock exams", "protected"),
        ("Abschlussprüfungen", "protected"),
        ("Semana de provas", "protected"),
        ("Autumn term begins", "term_start"),
        ("Rentrée scolaire", "term_start"),
        ("Fim das aulas", "term_end"),
        ("Spring term", "term"),
        ("GCSE results day", "ignore"),
        ("Holiday club", "ignore"),
    ],
)
def test_words_are_classified(summary, kind):
    assert classify(summary).kind == kind


def test_unknown_words_match_no_rule():
    assert classify("Choir rehearsal") is None


def test_school_rules_come_first():
    own = rules_from([{"kind": "closure", "words": ["choir rehearsal"]}])
    events = read(ics(day("Choir rehearsal", "20250901")), rules=(*own, *DEFAULT_RULES)).events
    assert [(event.kind, event.rule) for event in events] == [("closure", "closure: choir rehearsal")]


def test_rules_with_a_wrong_kind_name_their_row():
    with pytest.raises(ValueError, match="calendar rule 2"):
        rules_from([{"kind": "closure", "words": ["x"]}, {"kind": "nonsense", "words": ["x"]}])


@pytest.mark.parametrize(
    ("summary", "kind", "mark"),
    [
        ("Sheffield: Term day (Week 12)", "term_day", "12"),
        ("Week A", "ignore", "A"),
        ("Wk B", "ignore", "B"),
        ("B Week", "ignore", "B"),
        ("A-Woche", "ignore", "A"),
        ("Semaine B", "ignore", "B"),
        ("School: Week 2", "ignore", "2"),
        ("Work experience week 2", "ignore", None),
        ("A week of activities", "ignore", None),
        ("Holiday week 1", "closure", None),
    ],
)
def test_week_marks_are_read(summary, kind, mark):
    assert week_mark(summary, kind) == mark


@pytest.mark.parametrize(
    ("summary", "years"),
    [
        ("Y10 and Y11 mocks", (10, 11)),
        ("Years 7-9 assessments", (7, 8, 9)),
        ("Y12/13 exams", (12, 13)),
        ("Klasse 9 Praktikum", (9,)),
        ("Mocks", ()),
    ],
)
def test_year_groups_are_read(summary, years):
    assert year_groups(summary) == years


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


# Real files


def sample(name: str) -> ParsedCalendar:
    return read((SAMPLES / "calendars" / name).read_bytes())


@needs_samples
def test_council_term_days_give_terms_and_weeks():
    parsed = sample("sheffield_term_dates.ics")
    assert (len(parsed.events), parsed.terms_from, len(parsed.terms), len(parsed.week_marks)) == (
        585,
        "term_days",
        18,
        120,
    )
    assert parsed.terms[:2] == (
        Span(date(2025, 9, 1), date(2025, 10, 24)),
        Span(date(2025, 11, 3), date(2025, 12, 19)),
    )
    marks = [(mark.monday, mark.text) for mark in parsed.week_marks]
    assert guess_labels(marks) == ()
    assert labels_for_marks(marks, ("A", "B"))[:3] == (
        (date(2025, 9, 1), "A"),
        (date(2025, 9, 8), "B"),
        (date(2025, 9, 15), "A"),
    )


@needs_samples
def test_council_holidays_give_the_same_terms():
    assert sample("output_leas_sheffield_school_holidays.ics").terms == sample("sheffield_term_dates.ics").terms


@needs_samples
def test_school_has_its_own_staff_days():
    parsed = sample("output_schools_sutc_school_holidays.ics")
    assert [span.start for span in parsed.staff_days[:4]] == [
        date(2025, 9, 1),
        date(2025, 10, 22),
        date(2025, 10, 23),
        date(2026, 7, 20),
    ]
    assert (len(parsed.events), len(parsed.public_holidays), parsed.warnings) == (55, 22, ())


@needs_samples
@pytest.mark.parametrize(
    ("name", "outcome"),
    [
        ("bom_calendar.ics", 0),
        ("empty.ics", 0),
        ("issue_218_bad_tzid.ics", 1),
        ("issue_722_missing_timezones.ics", 1),
        ("timezoned.ics", 1),
        ("big_bad_calendar.ics", "unfinished"),
        ("small_bad_calendar.ics", "unfinished"),
        ("event_with_rsvp.ics", "not_a_calendar"),
        ("rfc_9253_gap.ics", "no_dated_events"),
    ],
)
def test_awkward_file_is_read_or_refused(name, outcome):
    data = (SAMPLES / "calendars" / "icalendar-cases" / name).read_bytes()
    assert (refused(data)[0] if isinstance(outcome, str) else len(read(data).events)) == outcome
