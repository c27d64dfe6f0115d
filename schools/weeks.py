"""Week letters, day cycles and school weeks: arithmetic on dates, nothing else.

Words used here:

- a *school week* is a calendar week (Monday first) with at least one school weekday that is not closed;
- a *holiday week* is any other week;
- *closed* holds the days of holidays and public holidays, and, when terms are known, the days outside them. Staff days
  are not in it: a training day does not shift the letters.

Everything takes and returns local dates of the school.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

MONDAY_TO_FRIDAY = (0, 1, 2, 3, 4)
WEEK = timedelta(days=7)
SINCE_MONDAY = tuple(timedelta(days=number) for number in range(7))

# Longest run of weeks anybody walks: a broken anchor in the year 1 must not cost seconds.
FURTHEST_WEEKS = 3_000


@dataclass(frozen=True, slots=True)
class WeekPattern:
    """How the timetable repeats.

    ``labels``: the names of the weeks in order, ``("A", "B")``; empty or one label means every week is alike.
    ``anchor``: any day of a week that carries ``labels[0]`` (or, for a day cycle, a school day that is day 1).
    ``counts_holiday_weeks``: whether a holiday week uses up a letter. Most schools: no.
    ``marks``: (Monday, label) pairs the school published. The latest mark at or before a week is its anchor, so a
    published letter holds for its own week and the count goes on from it.
    ``cycle_days``: when above 0 the timetable repeats every so many *school days* ("Day 1" to "Day 6") instead.
    """

    labels: tuple[str, ...] = ()
    anchor: date | None = None
    counts_holiday_weeks: bool = False
    marks: tuple[tuple[date, str], ...] = ()
    cycle_days: int = 0


def monday_of(day: date) -> date:
    return day - SINCE_MONDAY[day.weekday()]


def days_between(first: date, last: date) -> Iterator[date]:
    """Every day from ``first`` to ``last``, both included."""
    for number in range(first.toordinal(), last.toordinal() + 1):
        yield date.fromordinal(number)


def is_school_week(monday: date, closed: Collection[date], weekdays: Collection[int] = MONDAY_TO_FRIDAY) -> bool:
    return any(monday + timedelta(days=number) not in closed for number in weekdays)


def week_letters(
    pattern: WeekPattern,
    first: date,
    last: date,
    *,
    closed: Collection[date] = frozenset(),
    weekdays: Collection[int] = MONDAY_TO_FRIDAY,
) -> dict[date, str]:
    """Monday → label for every week that touches ``first`` … ``last``.

    A holiday week that does not count carries the label of the school week that follows it. Empty when the pattern has
    no labels, or several labels and neither anchor nor mark: then nobody knows.
    """
    mondays = [monday_of(first) + WEEK * n for n in range((monday_of(last) - monday_of(first)).days // 7 + 1)]
    if len(pattern.labels) < 2:
        return dict.fromkeys(mondays, pattern.labels[0]) if pattern.labels else {}
    anchors = _anchors(pattern)
    if not anchors:
        return {}
    counts = _week_counter(pattern, closed, weekdays)
    starts = [start for start, _ in anchors]
    letters = {}
    for monday in mondays:
        start, offset = anchors[max(bisect_right(starts, monday) - 1, 0)]
        letters[monday] = pattern.labels[(offset + counts(start, monday)) % len(pattern.labels)]
    return letters


def letter_for(
    day: date,
    pattern: WeekPattern,
    *,
    closed: Collection[date] = frozenset(),
    weekdays: Collection[int] = MONDAY_TO_FRIDAY,
) -> str | None:
    """The label of the week that holds ``day``; None when the pattern cannot say."""
    return week_letters(pattern, day, day, closed=closed, weekdays=weekdays).get(monday_of(day))


def _anchors(pattern: WeekPattern) -> list[tuple[date, int]]:
    """(Monday, index of its label), in order of time. A mark beats the anchor of the same week."""
    found: dict[date, int] = {}
    if pattern.anchor is not None:
        found[monday_of(pattern.anchor)] = 0
    for day, label in pattern.marks:
        if label in pattern.labels:
            found[monday_of(day)] = pattern.labels.index(label)
    return sorted(found.items())


def _week_counter(
    pattern: WeekPattern, closed: Collection[date], weekdays: Collection[int]
) -> Callable[[date, date], int]:
    """A function (from Monday, to Monday) → signed number of counted weeks in between, from-week included."""
    known: dict[date, bool] = {}

    def counted(monday: date) -> bool:
        if monday not in known:
            known[monday] = is_school_week(monday, closed, weekdays)
        return known[monday]

    def count(start: date, end: date) -> int:
        if pattern.counts_holiday_weeks:
            return (end - start).days // 7
        low, high = min(start, end), max(start, end)
        weeks = min((high - low).days // 7, FURTHEST_WEEKS)
        total = sum(counted(low + WEEK * n) for n in range(weeks))
        return total if end >= start else -total

    return count


def labels_for_marks(marks: Iterable[tuple[date, str]], labels: Sequence[str]) -> tuple[tuple[date, str], ...]:
    """Turn published week marks into labels of a pattern.

    A calendar may number the school weeks of a year 1 … 39 while the timetable has two letters: week *n* then is label
    number (n - 1) modulo the length. A mark that is itself a label is taken as it stands.
    """
    found = []
    upper = {label.upper(): label for label in labels}
    for monday, text in marks:
        if text.upper() in upper:
            found.append((monday, upper[text.upper()]))
        elif text.isdecimal() and labels and int(text) > 0:
            found.append((monday, labels[(int(text) - 1) % len(labels)]))
        elif len(text) == 1 and text.isalpha() and ord(text.upper()) - ord("A") < len(labels):
            found.append((monday, labels[ord(text.upper()) - ord("A")]))
    return tuple(found)


def guess_labels(marks: Iterable[tuple[date, str]]) -> tuple[str, ...]:
    """The letters a calendar uses directly, if it uses a few: ("A", "B"), ("1", "2").

    Empty when nothing is marked, or when the numbers run higher than 4: those are numbers of school weeks, and only
    the school knows the length of its cycle.
    """
    texts = sorted({text.upper() for _, text in marks})
    if not texts:
        return ()
    if all(text.isdecimal() for text in texts):
        highest = max(int(text) for text in texts)
        return tuple(str(n) for n in range(1, highest + 1)) if 2 <= highest <= 4 else ()
    if all(text.isalpha() for text in texts) and len(texts) >= 2:
        return tuple(chr(n) for n in range(ord("A"), ord(texts[-1]) + 1))
    return ()


def cycle_numbers(pattern: WeekPattern, first: date, last: date, *, is_open: Callable[[date], bool]) -> dict[date, int]:
    """School day → 1 … ``cycle_days`` for a timetable that repeats by days. Only open days advance it.

    Counting starts at the anchor, or at ``first`` when there is none; days before the anchor have no number.
    """
    if pattern.cycle_days < 1:
        return {}
    numbers: dict[date, int] = {}
    for day in days_between(max(first, pattern.anchor or first), last):
        if is_open(day):
            numbers[day] = len(numbers) % pattern.cycle_days + 1
    return numbers


def notice_in_school_weeks(
    today: date,
    day: date,
    *,
    closed: Collection[date] = frozenset(),
    weekdays: Collection[int] = MONDAY_TO_FRIDAY,
) -> int:
    """Whole school weeks from ``today`` to ``day``, as ``Notice`` counts them."""
    return Notice(today, closed=closed, weekdays=weekdays).until(day)


class Notice:
    """Whole school weeks from ``today`` on. Holiday weeks are not counted; a bank holiday costs nothing.

    That is the number of school weekdays, in school weeks, from ``today`` up to but without a day, divided by the
    school weekdays of a week. A day of a weekend or of a holiday week waits for the next school week. Never below 0.
    The weeks are counted once, however many days are asked for.
    """

    __slots__ = ("_before_start", "_closed", "_first", "_passed", "_start", "_weekdays")

    def __init__(
        self, today: date, *, closed: Collection[date] = frozenset(), weekdays: Collection[int] = MONDAY_TO_FRIDAY
    ) -> None:
        self._closed, self._weekdays = closed, weekdays
        self._start = next_school_day(today, closed, weekdays)
        self._first = monday_of(self._start)
        self._before_start = _weekdays_before(self._start, weekdays)
        self._passed = [0]  # school weeks among the first n weeks

    def until(self, day: date) -> int:
        if day <= self._start:
            return 0
        number = (day - self._first).days // 7
        weeks = self._school_weeks(min(number, FURTHEST_WEEKS))
        in_school = is_school_week(self._first + WEEK * number, self._closed, self._weekdays)
        into_last = _weekdays_before(day, self._weekdays) if in_school else 0
        of_a_week = len(self._weekdays)
        return max((weeks * of_a_week + into_last - self._before_start) // of_a_week, 0)

    def _school_weeks(self, number: int) -> int:
        passed = self._passed
        while len(passed) <= number:
            monday = self._first + WEEK * (len(passed) - 1)
            passed.append(passed[-1] + is_school_week(monday, self._closed, self._weekdays))
        return passed[number]


def _weekdays_before(day: date, weekdays: Collection[int]) -> int:
    """How many school weekdays of its own week come before ``day``."""
    return sum(number < day.weekday() for number in weekdays)


def next_school_day(today: date, closed: Collection[date], weekdays: Collection[int] = MONDAY_TO_FRIDAY) -> date:
    """``today``, or the first school weekday of the next school week when today is at a weekend or in holidays."""
    monday = monday_of(today)
    if is_school_week(monday, closed, weekdays):
        for number in sorted(weekdays):
            if number >= today.weekday():
                return monday + timedelta(days=number)
    for _ in range(FURTHEST_WEEKS):
        monday += WEEK
        if is_school_week(monday, closed, weekdays):
            return monday + timedelta(days=min(weekdays))
    return today
