"""What a parsed timetable is, and how a table of text is read with its line numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from hubs import sheets
from hubs.sheets import CannotReadSheet, Fact
from schools.days import DayGuess, guess_days
from schools.hours import in_order

LARGEST_FILE = 8 * 1024 * 1024
MOST_ROWS = 60_000


class CannotReadTimetable(Exception):
    """The file is refused as a whole. ``code`` and ``facts`` are enough for one sentence (see timetables.py)."""

    def __init__(self, code: str, facts: Mapping[str, Fact] | None = None) -> None:
        self.code = code
        self.facts: dict[str, Fact] = dict(facts or {})
        super().__init__(f"{code} {self.facts}" if self.facts else code)


@dataclass(frozen=True, slots=True)
class Notice:
    code: str
    facts: dict[str, Fact] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ParsedLesson:
    """One group of pupils (or several together) in one hour of the timetable.

    ``key`` is unique in the file and stays the same in the next export as far as the format allows. ``weekday`` 0 is
    Monday; ``week`` None is every week; ``cycle_day`` is n of "Day n". Hours stay text: see hours.resolve_hours.
    """

    key: str
    groups: tuple[str, ...]
    day_label: str
    hour_label: str
    subject: str
    room: str = ""
    weekday: int | None = None
    week: str | None = None
    cycle_day: int | None = None


@dataclass(frozen=True, slots=True)
class ParsedTimetable:
    """``parents``: (set, the larger set it belongs to), where the format knows: pupils of a set attend both.

    ``times_only``: the file has keys, days and hours and nothing else; it can move known lessons, not make new ones.
    ``problems``: lines set aside, with the codes of CannotReadTimetable. ``header``: the columns of a table.
    """

    format: str
    lessons: tuple[ParsedLesson, ...]
    day_labels: tuple[str, ...]
    hour_labels: tuple[str, ...]
    group_names: tuple[str, ...]
    weeks: tuple[str, ...]
    cycle_days: int
    parents: tuple[tuple[str, str], ...]
    warnings: tuple[Notice, ...]
    times_only: bool = False
    problems: tuple[Notice, ...] = ()
    header: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RawLesson:
    """A lesson before anybody knows what its day means."""

    key: str
    groups: tuple[str, ...]
    day: str
    hour: str
    subject: str
    room: str = ""
    week: str | None = None


def assemble(
    kind: str,
    raw: Sequence[RawLesson],
    *,
    day_labels: Sequence[str] = (),
    hour_labels: Sequence[str] = (),
    parents: Sequence[tuple[str, str]] = (),
    warnings: Sequence[Notice] = (),
    numbered_days: bool = False,
    times_only: bool = False,
    problems: Sequence[Notice] = (),
    header: Sequence[str] = (),
) -> ParsedTimetable:
    """Give the days their meaning and collect the labels. ``numbered_days``: the format says that day 1 is Monday."""
    if not raw and problems:
        raise CannotReadTimetable(problems[0].code, problems[0].facts)
    if not raw:
        raise CannotReadTimetable("no_lessons", {})
    days = tuple(dict.fromkeys([*day_labels, *(lesson.day for lesson in raw)]))
    guesses = guess_days(days)
    notes = list(warnings)
    cycle = max((guess.cycle_day or 0 for guess in guesses.values()), default=0)
    if numbered_days and cycle <= 7:
        cycle = 0
    elif cycle:
        # "1" to "5" may be Monday to Friday or a five-day cycle: only the school knows.
        notes.append(
            Notice("days_numbered", {"days": cycle, "example": next(g.label for g in guesses.values() if g.cycle_day)})
        )
    unknown = [guess.label for guess in guesses.values() if guess.weekday is None and guess.cycle_day is None]
    if unknown:
        notes.append(Notice("days_unknown", {"count": len(unknown), "examples": "; ".join(unknown[:3])}))
    lessons = []
    for lesson in raw:
        guess = guesses[lesson.day]
        by_number = guess.cycle_day - 1 if guess.cycle_day and numbered_days and guess.cycle_day <= 7 else None
        lessons.append(
            ParsedLesson(
                key=lesson.key,
                groups=lesson.groups,
                day_label=lesson.day,
                hour_label=lesson.hour,
                subject=lesson.subject,
                room=lesson.room,
                weekday=guess.weekday if guess.weekday is not None else by_number,
                week=lesson.week or guess.week,
                cycle_day=guess.cycle_day if cycle else None,
            )
        )
    known = [guess for guess in guesses.values() if guess.label in days]
    ordered = tuple(days) if day_labels else tuple(g.label for g in sorted(known, key=_day_order))
    return ParsedTimetable(
        format=kind,
        lessons=tuple(lessons),
        day_labels=ordered,
        hour_labels=tuple(hour_labels) or in_order([lesson.hour for lesson in raw]),
        group_names=tuple(sorted({group for lesson in raw for group in lesson.groups})),
        weeks=tuple(sorted({lesson.week for lesson in lessons if lesson.week})),
        cycle_days=cycle,
        parents=tuple(parents),
        warnings=tuple(notes),
        times_only=times_only,
        problems=tuple(problems),
        header=tuple(header),
    )


def _day_order(guess: DayGuess) -> tuple[str, int, int]:
    return guess.week or "", guess.cycle_day or 0, guess.weekday if guess.weekday is not None else 99


@contextmanager
def set_aside(problems: list[Notice]) -> Iterator[None]:
    """One line that cannot be read costs that line, not the file."""
    try:
        yield
    except CannotReadTimetable as broken:
        problems.append(Notice(broken.code, broken.facts))


def decode(data: bytes) -> tuple[str, list[Notice]]:
    """Text of a file in UTF-8, UTF-16 with a mark, or what old Windows programs write."""
    try:
        text, guessed = sheets.decode(data, LARGEST_FILE)
    except CannotReadSheet as error:
        raise CannotReadTimetable(error.code, error.facts) from error
    return text, [Notice("not_utf8")] if guessed else []


def table(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """(line the row begins on, cells with single blanks inside and none around), empty rows left out."""
    try:
        yield from sheets.table(text, delimiter, MOST_ROWS)
    except CannotReadSheet as error:
        raise CannotReadTimetable(error.code, error.facts) from error


def split_groups(cell: str, separators: str = "+") -> tuple[str, ...]:
    for mark in separators[1:]:
        cell = cell.replace(mark, separators[0])
    return tuple(dict.fromkeys(" ".join(part.split()) for part in cell.split(separators[0]) if part.strip()))
