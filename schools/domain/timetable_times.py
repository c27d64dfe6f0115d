"""A timetable file of times alone (FET's activities XML): it moves lessons already known."""

from __future__ import annotations

import datetime as dt

from schools.domain.compile import bell_of
from schools.domain.timetable_rows import Placed, PlacedLesson
from schools.hours import resolve_hours
from schools.models import Lesson, School
from schools.timetables import ParsedLesson, ParsedTimetable

Times = tuple[dt.time, dt.time, str]


def moved(school: School, parsed: ParsedTimetable) -> Placed:
    """The lessons known by the file's keys, at their new days and times.

    Such a file names the first hour of a lesson only; "158.2", its second hour, follows it.
    """
    rows = list(Lesson.objects.filter(school=school).exclude(key="").select_related("group"))
    times = _times_by_label(school, parsed, rows)
    by_key = {lesson.key: lesson for lesson in parsed.lessons}
    placed = [found for row in rows if (found := _at(row, by_key, times, parsed.hour_labels)) is not None]
    unread = tuple(label for label in parsed.hour_labels if label not in times)
    days = dict.fromkeys(x.day_label for x in parsed.lessons if x.weekday is None)
    return Placed(tuple(placed), unread, tuple(days))


def _times_by_label(school: School, parsed: ParsedTimetable, rows: list[Lesson]) -> dict[str, Times]:
    """When each hour lasts: by the lessons that stand at an hour of this name, else by the bell."""
    known = {row.period: (row.starts_at, row.ends_at, row.period) for row in rows if row.period}
    found = {label: known[label] for label in parsed.hour_labels if label in known}
    for label, hour in resolve_hours(parsed.hour_labels, bell_of(school)).items():
        if hour is not None:
            found.setdefault(label, (hour.start, hour.end, hour.period.label if hour.period else label))
    return found


def _at(
    row: Lesson, by_key: dict[str, ParsedLesson], times: dict[str, Times], labels: tuple[str, ...]
) -> PlacedLesson | None:
    stem, _dot, nth = row.key.partition(".")
    there = by_key.get(row.key) or by_key.get(stem)
    if there is None or there.weekday is None:
        return None
    later = int(nth) - 1 if nth.isdecimal() and row.key not in by_key else 0
    at = labels.index(there.hour_label) + later
    if at >= len(labels) or labels[at] not in times:
        return None
    starts, ends, period = times[labels[at]]
    return PlacedLesson(
        group=row.group.key,
        key=row.key,
        subject=row.subject,
        room=there.room or row.room,
        weekday=there.weekday,
        week=there.week or row.week_letter,
        starts=starts,
        ends=ends,
        period=period,
    )
