"""From a parsed timetable to lessons of the week: which weekday, which week, from when until when. No database."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from string import ascii_uppercase

from schools.domain.diff import stable_key
from schools.hours import BellPeriod, Resolved, resolve_hours
from schools.timetables import ParsedLesson, ParsedTimetable

# A cycle of ten numbered days is two weeks of five; of twelve, two of six.
CYCLES_OF_WEEKS = {10: 5, 15: 5, 20: 5, 12: 6, 18: 6, 14: 7}
DAYS_OF_A_WEEK = 7


@dataclass(frozen=True)
class Answers:
    """What a person said about a file. Labels are the file's own.

    `columns`: our name → header (generic CSV). `hours`: label → (from, until). `days`: label →
    (weekday, week letter or ""). `years`: group → number of its year group, or None. `groups`: the
    file's name → the group it means, by key, or "" to leave it out. `parts`: names of part-groups
    (true) and classes (false). `weeks`: the file's week → a letter of the school's pattern, "" for
    every week. `overwrite`: tokens of lessons changed by hand that the file may replace, or "all".
    `without_problems`: load the rest although lines cannot be read. `like`: the local day of the
    earlier import these answers come from.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    hours: Mapping[str, tuple[dt.time, dt.time]] = field(default_factory=dict)
    days: Mapping[str, tuple[int, str]] = field(default_factory=dict)
    years: Mapping[str, int | None] = field(default_factory=dict)
    groups: Mapping[str, str] = field(default_factory=dict)
    parts: Mapping[str, bool] = field(default_factory=dict)
    weeks: Mapping[str, str] = field(default_factory=dict)
    overwrite: tuple[str, ...] = ()
    without_problems: bool = False
    like: str = ""


@dataclass(frozen=True)
class PlacedLesson:
    """One lesson of one group. `week` is a letter of the school's pattern, "" for every week."""

    group: str
    key: str
    subject: str
    room: str
    weekday: int
    week: str
    starts: dt.time
    ends: dt.time
    period: str


@dataclass(frozen=True)
class Placed:
    """What could be placed, and the labels nobody can read yet."""

    lessons: tuple[PlacedLesson, ...]
    unread_hours: tuple[str, ...]
    unread_days: tuple[str, ...]


def place(
    parsed: ParsedTimetable,
    bell: Sequence[BellPeriod],
    answers: Answers,
    names: Mapping[str, str] | None = None,
    weeks: Mapping[str, str] | None = None,
) -> Placed:
    """Give each lesson its weekday, week and times. Labels that stay open are listed, not guessed.

    `names`: the file's name of a group → the key of the group, "" to leave it out. `weeks`: the file's week → the
    school's, which the bell of a day goes by.
    """
    names, weeks = names or {}, weeks or {}
    days = {lesson.day_label: _day(lesson, parsed.cycle_days, answers) for lesson in parsed.lessons}
    hours = _Hours(parsed.hour_labels, bell, answers)
    sitting = _sitting_in(parsed)
    lessons, unread = [], dict[str, None]()
    for lesson in parsed.lessons:
        day = days[lesson.day_label]
        weekday, week = day or (0, "")
        week = weeks.get(lesson.week or week, lesson.week or week)
        hour = hours.of(lesson.hour_label, weekday, week)
        if hour is None or hour.end <= hour.start:
            unread[lesson.hour_label] = None
        if day is None or hour is None or hour.end <= hour.start:
            continue
        meant = (names.get(one, one)[:120] for group in lesson.groups for one in sitting.get(group, [group]))
        for group in dict.fromkeys(filter(None, meant)):
            lessons.append(
                PlacedLesson(
                    group=group,
                    key=stable_key(lesson.key),
                    subject=lesson.subject[:120],
                    room=lesson.room[:60],
                    weekday=weekday,
                    week=week[:8],
                    starts=hour.start,
                    ends=hour.end,
                    period=(hour.period.label if hour.period else lesson.hour_label)[:60],
                )
            )
    unread_days = dict.fromkeys(label for label, day in days.items() if day is None)
    in_order = [label for label in parsed.hour_labels if label in unread]
    return Placed(tuple(lessons), tuple(in_order), tuple(unread_days))


class _Hours:
    """Hour labels against the bell of each weekday and week, each bell read once."""

    def __init__(self, labels: Sequence[str], bell: Sequence[BellPeriod], answers: Answers) -> None:
        self.labels = labels
        self.bell = bell
        self.said = {label: Resolved(label, *times) for label, times in answers.hours.items()}
        self.known: dict[tuple[BellPeriod, ...], dict[str, Resolved | None]] = {}

    def of(self, label: str, weekday: int, week: str) -> Resolved | None:
        if label in self.said:
            return self.said[label]
        bell = tuple(p for p in self.bell if p.weekday in (None, weekday) and p.week in (None, week or p.week))
        if bell not in self.known:
            self.known[bell] = resolve_hours(self.labels, bell)
        return self.known[bell].get(label)


def _day(lesson: ParsedLesson, cycle: int, answers: Answers) -> tuple[int, str] | None:
    """(weekday, week letter) behind a label; None when somebody has to say."""
    if lesson.day_label in answers.days:
        return answers.days[lesson.day_label]
    if lesson.weekday is not None:
        return lesson.weekday, lesson.week or ""
    if lesson.cycle_day is None:
        return None
    if cycle <= DAYS_OF_A_WEEK:
        return lesson.cycle_day - 1, ""
    length = CYCLES_OF_WEEKS.get(cycle)
    if length is None:
        return None
    week, weekday = divmod(lesson.cycle_day - 1, length)
    return weekday, ascii_uppercase[week]


def _sitting_in(parsed: ParsedTimetable) -> dict[str, list[str]]:
    """Group → every group of the file that misses something when it is away: itself, the smaller sets inside it, which
    sit in its lessons too, and the larger sets it is part of, some of whose students sit in this lesson."""
    named, pairs = set(parsed.group_names), _parts(parsed)
    inside, around = dict[str, list[str]](), dict[str, list[str]]()
    for child, parent in pairs:
        inside.setdefault(parent, []).append(child)
        around.setdefault(child, []).append(parent)
    return {
        name: [name, *(one for one in (*_reached(name, inside), *_reached(name, around)) if one in named)]
        for name in named
    }


def _parts(parsed: ParsedTimetable) -> list[tuple[str, str]]:
    """(part, whole) of each group: as the format says, and by a stroke in the name ("10A/French" of "10A")."""
    named = set(parsed.group_names)
    by_name = ((name, name.rpartition("/")[0].strip()) for name in parsed.group_names if "/" in name)
    return list(dict.fromkeys([*parsed.parents, *((part, whole) for part, whole in by_name if whole in named)]))


def _reached(name: str, steps: Mapping[str, Sequence[str]]) -> list[str]:
    open_, seen = list(steps.get(name, ())), dict[str, None]()
    while open_:
        one = open_.pop()
        if one not in seen and one != name:
            seen[one] = None
            open_ += steps.get(one, ())
    return list(seen)


def weeks_in(parsed: ParsedTimetable, answers: Answers) -> tuple[str, ...]:
    """The weeks the file names, in order: numbers as numbers."""
    days = ((lesson, _day(lesson, parsed.cycle_days, answers)) for lesson in parsed.lessons)
    found = {week for lesson, day in days if (week := lesson.week or (day[1] if day else ""))}
    return tuple(sorted(found, key=lambda week: (int(week) if week.isdecimal() else 0, week)))


def same_week_names(weeks: Sequence[str], letters: Sequence[str]) -> dict[str, str]:
    """The file's week names as the school's letters: equal names first, else by position ("1" → "A").

    Empty when they cannot be matched; a word ("blue") has no position.
    """
    ours = {letter.casefold(): letter for letter in letters}
    if {week.casefold() for week in weeks} <= set(ours):
        return {week: ours[week.casefold()] for week in weeks}
    by_position = {}
    for week in weeks:
        if len(week) > 1 and not week.isdecimal():
            return {}
        number = int(week) - 1 if week.isdecimal() else ord(week[0].upper()) - ord("A")
        if not 0 <= number < len(letters):
            return {}
        by_position[week] = letters[number]
    return by_position
