"""Calendars as schools and councils really publish them."""

import os
from datetime import date
from pathlib import Path

import pytest

from schools.ical import Span
from schools.ical_types import ParsedCalendar
from schools.weeks import guess_labels, labels_for_marks
from tests.schools.icals import read, refused

BESIDE = Path(__file__).resolve().parents[2].parent / "shared" / "samples"
SAMPLES = Path(os.environ.get("SAMPLES_DIR") or BESIDE)


def needs_samples(test):
    missing = not (SAMPLES / "calendars").is_dir()
    return pytest.mark.needs_samples(pytest.mark.skipif(missing, reason="no sample calendars (SAMPLES_DIR)")(test))


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
