"""Dates, times and distances are said as a person says them."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone, translation

from hubs import words
from hubs.templatetags import portal

NOW = datetime(2026, 5, 18, 8, 40, tzinfo=UTC)
TODAY = date(2026, 5, 18)


@pytest.fixture(autouse=True)
def in_sheffield():
    with timezone.override(ZoneInfo("Europe/London")), translation.override("en-gb"):
        yield


@pytest.mark.parametrize(
    ("value", "now", "said"),
    [
        (date(2026, 6, 9), None, "Tue 9 June"),
        (date(2026, 6, 9), NOW, "Tue 9 June"),
        (date(2026, 11, 14), NOW, "Sat 14 November"),
        (date(2026, 11, 15), NOW, "Sun 15 November 2026"),
        (date(2025, 6, 9), NOW, "Mon 9 June 2025"),
        (datetime(2026, 6, 9, 23, 30, tzinfo=UTC), None, "Wed 10 June"),
        (None, NOW, ""),
        ("", None, ""),
    ],
)
def test_day_says_weekday_and_the_year_only_when_far(value, now, said):
    assert words.day(value, now) == said


def test_day_reads_an_instant_in_the_current_zone():
    instant = datetime(2026, 6, 9, 23, 30, tzinfo=UTC)
    with timezone.override(ZoneInfo("America/Sao_Paulo")):
        assert words.day(instant) == "Tue 9 June"


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        (date(2026, 6, 9), None, "Tue 9 June"),
        (date(2026, 6, 9), date(2026, 6, 9), "Tue 9 June"),
        (date(2026, 6, 8), date(2026, 6, 12), "Mon 8 – Fri 12 June"),
        (date(2026, 6, 29), date(2026, 7, 3), "Mon 29 June – Fri 3 July"),
        (date(2026, 12, 21), date(2027, 1, 1), "Mon 21 December 2026 – Fri 1 January 2027"),
        (None, None, ""),
    ],
)
def test_days_says_a_run_without_repeating_the_month(first, last, said):
    assert words.days(first, last) == said


@pytest.mark.parametrize(
    ("start", "end", "said"),
    [
        (time(9, 30), time(11, 0), "09:30–11:00"),
        (time(9, 30), None, "09:30"),
        (time(0, 0), time(1, 0), "00:00–01:00"),
        (datetime(2026, 6, 9, 8, 30, tzinfo=UTC), datetime(2026, 6, 9, 10, 0, tzinfo=UTC), "09:30–11:00"),
        (datetime(2026, 1, 9, 9, 30, tzinfo=UTC), None, "09:30"),
        (None, None, ""),
    ],
)
def test_times_are_wall_clock_times(start, end, said):
    assert words.times(start, end) == said


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (0, "today"),
        (1, "tomorrow"),
        (-1, "yesterday"),
        (2, "in 2 days"),
        (13, "in 13 days"),
        (14, "in 2 weeks"),
        (22, "in 3 weeks"),
        (69, "in 10 weeks"),
        (70, "in 2 months"),
        (365, "in 12 months"),
        (731, "in 2 years"),
        (-3, "3 days ago"),
        (-21, "3 weeks ago"),
    ],
)
def test_distance_counts_days_on_the_calendar(days, said):
    assert words.distance(TODAY + timedelta(days=days), NOW) == said


@pytest.mark.parametrize(
    ("minutes", "said"),
    [
        (0, "now"),
        (1, "now"),
        (2, "in 2 minutes"),
        (-40, "40 minutes ago"),
        (60, "in 1 hour"),
        (180, "in 3 hours"),
        (-120, "2 hours ago"),
    ],
)
def test_distance_within_a_day_says_hours_and_minutes(minutes, said):
    assert words.distance(NOW + timedelta(minutes=minutes), NOW) == said


def test_distance_late_in_the_evening_is_tomorrow_not_hours():
    late = datetime(2026, 5, 18, 22, 30, tzinfo=UTC)  # 23:30 in Sheffield
    assert words.distance(late + timedelta(hours=1), late) == "tomorrow"


def test_distance_across_the_clock_change_counts_one_day():
    saturday = datetime(2026, 3, 28, 12, 0, tzinfo=ZoneInfo("Europe/London"))
    sunday = datetime(2026, 3, 29, 12, 0, tzinfo=ZoneInfo("Europe/London"))
    assert words.distance(sunday, saturday) == "tomorrow"


def test_a_day_is_late_only_when_it_is_over():
    assert [words.late(TODAY + timedelta(days=n), NOW) for n in (-1, 0, 1)] == [True, False, False]
    assert words.late(NOW - timedelta(minutes=1), NOW) is True
    assert words.late(None, NOW) is False


@pytest.mark.parametrize(("whole", "part", "left"), [(12, 5, 7), (12, 14, 0), (None, None, 0)])
def test_short_of_never_falls_below_nothing(whole, part, left):
    assert portal.short_of(whole, part) == left


def test_every_tone_has_its_own_icon():
    tones = ["good", "attention", "stop", "information", "waiting", "plain"]
    assert len({portal.tone_icon(tone) for tone in tones}) == 6
    assert portal.tone_icon("unheard of") == portal.tone_icon("plain")
    assert [portal.verdict_tone(v) for v in ("fits", "fits_at_cost", "cannot")] == ["good", "attention", "stop"]
