"""What the hour column of a timetable means: "9.30 - 11.00", "P3", "(1)*@07:35-08:25", "1st", "8h00-8h50".

Timetable programs let people type anything as the name of an hour. What matters here is the bell period or the clock
times behind it. Times are the school's wall clock.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time
from itertools import pairwise

# A lesson whose end nobody gave: used only when there is no later hour to end at either.
USUAL_LESSON_MINUTES = 60
MIDDAY_MINUTES = 12 * 60
DAY_MINUTES = 24 * 60


@dataclass(frozen=True, slots=True)
class BellPeriod:
    """One period of the bell schedule. ``weekday`` 0 is Monday, None is every day; ``week`` None is every week."""

    label: str
    start: time
    end: time
    weekday: int | None = None
    week: str | None = None
    is_break: bool = False


@dataclass(frozen=True, slots=True)
class Resolved:
    """``period`` when the label means one of the bell schedule; ``start`` and ``end`` are always known."""

    label: str
    start: time
    end: time
    period: BellPeriod | None = None


@dataclass(frozen=True, slots=True)
class HourText:
    """What can be read out of a label alone. Minutes from midnight."""

    start: int | None
    end: int | None
    number: int | None


_CLOCK = re.compile(
    r"(?<!\d)(?P<hour>[01]?\d|2[0-4])\s?(?:[:.h]|(?<=\d)H)\s?(?P<minute>[0-5]\d)(?!\d)\s?(?P<half>am|pm|a\.m\.|p\.m\.)?"
    r"|(?<![\d.])(?P<bare>[01]?\d|2[0-4])\s?(?:h|uhr)(?![a-z\d])"
    r"|(?<![\d.:])(?P<twelve>1[0-2]|[1-9])\s?(?P<noon>am|pm)\b",
    re.IGNORECASE,
)
# "9:30-10-30": somebody's finger slipped; after a dash, "10-30" can only be a time.
_SLIPPED = re.compile(r"(\d{1,2}[:.]\d{2}\s?[-–—~]\s?\d{1,2})-(\d{2})(?!\d)")
_NUMBER = re.compile(r"(?<![\d.,:])(\d{1,2})(?![\d:]|[.,]\d)")
_BREAK_WORDS = re.compile(
    r"\b(?:brk|break|lunch|recess|recreo|recreio|intervalo|pause|pausa|recm?|comida|almo\w*|recre\w*|mittag\w*)\d?\b"
)


def read_hour(label: str) -> HourText:
    """Clock times and ordinal number in a label. School hours: 1:00 to 5:59 without "am" is the afternoon."""
    text = unicodedata.normalize("NFKC", label).strip()
    text = _SLIPPED.sub(r"\1:\2", text)
    clocks = [_minutes(match) for match in _CLOCK.finditer(text)]
    start = clocks[0] if clocks else None
    end = next((clock for clock in clocks[1:] if start is not None and _later(start, clock)), None)
    if start is not None and end is not None and end <= start:
        end += MIDDAY_MINUTES
    bare = _CLOCK.sub(" ", unicodedata.normalize("NFKC", label))
    numbers = [int(match) for match in _NUMBER.findall(bare)] or _glued_number(bare)
    return HourText(start, end, numbers[0] if numbers else None)


def _minutes(match: re.Match[str]) -> int:
    if match["bare"]:
        return int(match["bare"]) * 60
    hour = int(match["hour"] or match["twelve"])
    minute = int(match["minute"] or 0)
    half = (match["half"] or match["noon"] or "").lower().replace(".", "")
    if half:
        hour = hour % 12 + (12 if half == "pm" else 0)
    elif 1 <= hour <= 5:
        hour += 12
    return min(hour * 60 + minute, DAY_MINUTES - 1)


def _later(start: int, end: int) -> bool:
    """Whether ``end`` can end what begins at ``start``: later, or later on a 12-hour clock ("11:30 - 12:10 - 1.00")."""
    return end > start or (end < MIDDAY_MINUTES <= end + MIDDAY_MINUTES and 0 < end + MIDDAY_MINUTES - start < 240)


def _glued_number(text: str) -> list[int]:
    """ "P3", "Pd1", "T4", "3rd": letters and a number in one word."""
    found = re.findall(
        r"(?:^|[^\w])(?:[^\W\d_]{1,8})(\d{1,2})(?!\d)|(?<!\d)(\d{1,2})(?:st|nd|rd|th|a|o|e|eme|er)\b", text
    )
    return [int(first or second) for first, second in found]


def is_break(label: str) -> bool:
    return _BREAK_WORDS.search(label.casefold()) is not None


def resolve_hour(label: str, bell: Sequence[BellPeriod]) -> Resolved | None:
    """The bell period or the clock times behind a label; None when neither can be told.

    ``bell``: the periods of the day in question, in any order. Tried in turn: the same label; the same start; the
    period that holds the start; the same number ("3" and "P3"); the n-th teaching period when no label has a number.
    A label with both times keeps its own times: the file knows better than the bell when a lesson ends.
    """
    wanted = _plain(label)
    for period in bell:
        if _plain(period.label) == wanted and wanted:
            return Resolved(label, period.start, period.end, period)
    text = read_hour(label)
    if text.start is not None:
        return _by_clock(label, text, bell)
    if text.number is not None:
        return _by_number(label, text.number, bell)
    return None


def _by_clock(label: str, text: HourText, bell: Sequence[BellPeriod]) -> Resolved | None:
    start = _time(text.start or 0)
    period = next((p for p in bell if p.start == start), None)
    period = period or next((p for p in bell if p.start <= start < p.end), None)
    if text.end is not None:
        return Resolved(label, start, _time(text.end), period)
    if period is not None:
        return Resolved(label, start, period.end, period)
    return None


def _by_number(label: str, number: int, bell: Sequence[BellPeriod]) -> Resolved | None:
    teaching = sorted((p for p in bell if not p.is_break and not is_break(p.label)), key=lambda p: p.start)
    numbers = [read_hour(p.label).number for p in teaching]
    if number in numbers:
        period = teaching[numbers.index(number)]
        return Resolved(label, period.start, period.end, period)
    if all(n is None for n in numbers) and 1 <= number <= len(teaching):
        period = teaching[number - 1]
        return Resolved(label, period.start, period.end, period)
    return None


def resolve_hours(labels: Sequence[str], bell: Sequence[BellPeriod] = ()) -> dict[str, Resolved | None]:
    """All hour labels of one timetable at once, in the order of the day.

    Knowing all of them settles what one alone cannot: hours numbered from 0, and the end of an hour that only gives
    its start (it ends where the next begins, and lasts as long as the others at most).
    """
    texts = {label: read_hour(label) for label in labels}
    numbers = {text.number for text in texts.values() if text.start is None and text.number is not None}
    shift = 1 if 0 in numbers and bell and not any(read_hour(p.label).number == 0 for p in bell) else 0
    starts = sorted({text.start for text in texts.values() if text.start is not None})
    result: dict[str, Resolved | None] = {}
    for label, text in texts.items():
        resolved = resolve_hour(label, bell)
        if shift and text.start is None and text.number is not None:
            resolved = _by_number(label, text.number + shift, bell)
        if resolved is None and text.start is not None:
            resolved = Resolved(label, _time(text.start), _time(_end_by_next(text.start, starts)))
        result[label] = resolved
    return result


def _end_by_next(start: int, starts: Sequence[int]) -> int:
    gaps = sorted(later - earlier for earlier, later in pairwise(starts))
    usual = gaps[len(gaps) // 2] if gaps else USUAL_LESSON_MINUTES
    following = next((later for later in starts if later > start), start + usual)
    return min(following, start + usual, DAY_MINUTES - 1)


def bell_from_hours(labels: Sequence[str]) -> tuple[BellPeriod, ...]:
    """A bell schedule read off the hour labels themselves, when every one of them gives a time; else empty."""
    if not labels or any(read_hour(label).start is None for label in labels):
        return ()
    resolved = [hour for hour in resolve_hours(labels).values() if hour is not None]
    periods = (BellPeriod(h.label, h.start, h.end, is_break=is_break(h.label)) for h in resolved)
    return tuple(sorted(periods, key=lambda p: (p.start, p.end)))


def in_order(labels: Sequence[str]) -> tuple[str, ...]:
    """Labels in the order of the day: by time if all have one, else by number if all have one, else as they came."""
    unique = list(dict.fromkeys(labels))
    texts = {label: read_hour(label) for label in unique}
    if all(text.start is not None for text in texts.values()):
        return tuple(sorted(unique, key=lambda label: texts[label].start or 0))
    if all(text.number is not None for text in texts.values()):
        return tuple(sorted(unique, key=lambda label: texts[label].number or 0))
    return tuple(unique)


def _plain(label: str) -> str:
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", label).casefold())


def _time(minutes: int) -> time:
    return time(*divmod(min(minutes, DAY_MINUTES - 1), 60))
