"""A parsed timetable as JSON and back, as ``ical_json`` does for calendars and for the same reasons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from schools.timetable_types import Notice, ParsedLesson, ParsedTimetable

Json = dict[str, Any]
LABELS = ("day_labels", "hour_labels", "group_names", "weeks", "header")


def pack_timetable(timetable: ParsedTimetable) -> Json:
    simple = {name: getattr(timetable, name) for name in (*LABELS, "format", "cycle_days", "parents", "times_only")}
    return {
        **simple,
        "lessons": [_pack_lesson(lesson) for lesson in timetable.lessons],
        "warnings": [asdict(notice) for notice in timetable.warnings],
        "problems": [asdict(notice) for notice in timetable.problems],
    }


def unpack_timetable(row: Mapping[str, Any]) -> ParsedTimetable:
    """Raises KeyError, TypeError or ValueError on anything ``pack_timetable`` did not write."""
    return ParsedTimetable(
        format=row["format"],
        cycle_days=row["cycle_days"],
        times_only=row["times_only"],
        lessons=tuple(_unpack_lesson(lesson) for lesson in row["lessons"]),
        parents=tuple((child, parent) for child, parent in row["parents"]),
        warnings=tuple(Notice(**notice) for notice in row["warnings"]),
        problems=tuple(Notice(**notice) for notice in row["problems"]),
        **{name: tuple(row[name]) for name in LABELS},
    )


def _pack_lesson(x: ParsedLesson) -> list[Any]:
    return [x.key, x.groups, x.day_label, x.hour_label, x.subject, x.room, x.weekday, x.week, x.cycle_day]


def _unpack_lesson(row: list[Any]) -> ParsedLesson:
    key, groups, *rest = row
    return ParsedLesson(key, tuple(groups), *rest)
