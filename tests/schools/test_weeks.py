"""Letters, cycles and notice, against references too slow and too plain to be wrong."""

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schools.weeks import (
    WeekPattern,
    cycle_numbers,
    days_between,
    guess_labels,
    labels_for_marks,
    letter_for,
    monday_of,
    notice_in_school_weeks,
    week_letters,
)
from tests.examples import examples

DAY = timedelta(days=1)
TWO_WEEKS = WeekPattern(("A", "B"), anchor=date(2025, 9, 1))
AUTUMN_HALF_TERM = frozenset(days_between(date(2025, 10, 25), date(2025, 11, 2)))
pure = settings(max_examples=examples(150), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def slow_letter(day, pattern, closed):
    """Walk one week at a time from the anchor, forwards or backwards, changing the letter after each school week."""

    def school_week(monday):
        return any(monday + DAY * n not in closed for n in range(5))

    monday, index = monday_of(pattern.anchor), 0
    while monday < monday_of(day):
        index += pattern.counts_holiday_weeks or school_week(monday)
        monday += 7 * DAY
    while monday > monday_of(day):
        monday -= 7 * DAY
        index -= pattern.counts_holiday_weeks or school_week(monday)
    return pattern.labels[index % len(pattern.labels)]


def slow_notice(today, day, closed):
    """List every weekday of every school week, and count those from today up to the day."""
    first, last = monday_of(min(today, day)), monday_of(max(today, day)) + 70 * DAY
    mondays = [first + 7 * DAY * n for n in range((last - first).days // 7 + 1)]
    weekdays = [m + DAY * n for m in mondays if any(m + DAY * k not in closed for k in range(5)) for n in range(5)]
    return sum(today <= d < day for d in weekdays) // 5


days = st.dates(date(2025, 1, 1), date(2027, 12, 31))
holidays = st.lists(st.tuples(days, st.integers(1, 40)), max_size=8).map(
    lambda spans: frozenset(d for first, length in spans for d in days_between(first, first + DAY * length))
)


@pure
@given(day=days, anchor=days, closed=holidays, labels=st.integers(2, 5), counts=st.booleans())
def test_letter_equals_slow_walk(day, anchor, closed, labels, counts):
    pattern = WeekPattern(tuple("ABCDE"[:labels]), anchor=anchor, counts_holiday_weeks=counts)
    assert letter_for(day, pattern, closed=closed) == slow_letter(day, pattern, closed)


@pure
@given(today=days, ahead=st.integers(0, 300), closed=holidays)
def test_notice_equals_slow_count(today, ahead, closed):
    assert notice_in_school_weeks(today, today + DAY * ahead, closed=closed) == slow_notice(
        today, today + DAY * ahead, closed
    )


def test_half_term_does_not_use_a_letter():
    assert [letter_for(date(2025, 10, 20) + 7 * DAY * n, TWO_WEEKS, closed=AUTUMN_HALF_TERM) for n in range(4)] == [
        "B",
        "A",
        "A",
        "B",
    ]


def test_half_term_uses_a_letter_when_the_school_counts_it():
    counting = WeekPattern(("A", "B"), anchor=date(2025, 9, 1), counts_holiday_weeks=True)
    assert letter_for(date(2025, 11, 3), counting, closed=AUTUMN_HALF_TERM) == "B"


def test_published_mark_sets_the_count_anew():
    pattern = WeekPattern(("A", "B"), anchor=date(2025, 9, 1), marks=((date(2025, 9, 15), "B"),))
    letters = week_letters(pattern, date(2025, 9, 1), date(2025, 9, 28))
    assert list(letters.values()) == ["A", "B", "B", "A"]


def test_pattern_without_anchor_or_mark_knows_nothing():
    assert week_letters(WeekPattern(("A", "B")), date(2025, 9, 1), date(2025, 9, 7)) == {}


def test_one_label_is_every_week():
    assert letter_for(date(2025, 9, 3), WeekPattern(("all",))) == "all"


def test_school_week_numbers_become_letters():
    marks = [(date(2025, 9, 1), "1"), (date(2025, 9, 8), "2"), (date(2026, 7, 13), "39")]
    assert labels_for_marks(marks, ("A", "B")) == (
        (date(2025, 9, 1), "A"),
        (date(2025, 9, 8), "B"),
        (date(2026, 7, 13), "A"),
    )


@pytest.mark.parametrize(
    ("texts", "labels"),
    [(["A", "B"], ("A", "B")), (["1", "2"], ("1", "2")), (["1", "39"], ()), ([], ()), (["A"], ())],
)
def test_labels_guessed_from_marks(texts, labels):
    assert guess_labels([(date(2025, 9, 1), text) for text in texts]) == labels


def test_notice_skips_the_holiday_week():
    closed = frozenset(days_between(date(2026, 2, 14), date(2026, 2, 22)))
    assert notice_in_school_weeks(date(2026, 2, 11), date(2026, 2, 25), closed=closed) == 1


def test_notice_given_at_the_weekend_starts_on_monday():
    assert notice_in_school_weeks(date(2026, 1, 10), date(2026, 1, 19)) == 1


def test_day_cycle_advances_on_open_days_only():
    pattern = WeekPattern(cycle_days=3, anchor=date(2025, 9, 1))
    numbers = cycle_numbers(
        pattern, date(2025, 9, 1), date(2025, 9, 9), is_open=lambda d: d.weekday() < 5 and d != date(2025, 9, 3)
    )
    assert {d.day: n for d, n in numbers.items()} == {1: 1, 2: 2, 4: 3, 5: 1, 8: 2, 9: 3}
