"""Parse a stranger's file in a process of its own, with a limit on seconds and memory.

The parsers refuse what is known to be dangerous; this is for what is not known yet. Costs about a third of a second.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from hubs.sandbox import CannotFinish, run_child
from schools.ical import DEFAULT_RULES, CannotReadCalendar, ParsedCalendar, Rule
from schools.ical_json import pack_rules, unpack_calendar, unpack_facts
from schools.ical_source import LARGEST_FILE
from schools.oneroster import LARGEST_ARCHIVE, CannotReadRoster, ParsedRoster
from schools.oneroster_types import unpack_roster
from schools.timetable_json import unpack_timetable
from schools.timetable_types import LARGEST_FILE as LARGEST_TIMETABLE
from schools.timetables import CannotReadTimetable, ParsedTimetable

CPU_SECONDS = 5
MEMORY_BYTES = 256 * 1024 * 1024
#: A roster of 500,000 rows takes 8 s and 350 MB.
ROSTER_CPU_SECONDS = 20
ROSTER_MEMORY_BYTES = 512 * 1024 * 1024


def parse_calendar_safely(
    data: bytes,
    *,
    zone: str,
    rules: Sequence[Rule] = DEFAULT_RULES,
    window: tuple[date, date] | None = None,
    cpu_seconds: int = CPU_SECONDS,
    memory_bytes: int = MEMORY_BYTES,
) -> ParsedCalendar:
    """As ``ical.parse_calendar``, and CannotReadCalendar("too_costly") when the limits are reached."""
    if len(data) > LARGEST_FILE:
        raise CannotReadCalendar("too_large", {"bytes": len(data), "most": LARGEST_FILE})
    header = {
        "what": "calendar",
        "zone": zone,
        "rules": pack_rules(tuple(rules)),
        "window": [day.isoformat() for day in window] if window else None,
    }
    try:
        answer = _run(header, data, cpu_seconds, memory_bytes)
    except CannotFinish as stopped:
        raise CannotReadCalendar("too_costly", {}) from stopped
    if "refused" in answer:
        raise CannotReadCalendar(str(answer["refused"]["code"]), unpack_facts(answer["refused"]["facts"]))
    return unpack_calendar(answer["read"])


def parse_timetable_safely(
    data: bytes,
    *,
    format: str | None = None,  # noqa: A002 - as timetables.parse_timetable
    mapping: Mapping[str, str] | None = None,
    cpu_seconds: int = CPU_SECONDS,
    memory_bytes: int = MEMORY_BYTES,
) -> ParsedTimetable:
    """As ``timetables.parse_timetable``, and CannotReadTimetable("too_costly") when the limits are reached."""
    if len(data) > LARGEST_TIMETABLE:
        raise CannotReadTimetable("too_large", {"bytes": len(data), "most": LARGEST_TIMETABLE})
    header = {"what": "timetable", "format": format, "mapping": dict(mapping) if mapping else None}
    try:
        answer = _run(header, data, cpu_seconds, memory_bytes)
    except CannotFinish as stopped:
        raise CannotReadTimetable("too_costly", {}) from stopped
    if "refused" in answer:
        raise CannotReadTimetable(str(answer["refused"]["code"]), answer["refused"]["facts"])
    return unpack_timetable(answer["read"])


def parse_roster_safely(
    data: bytes,
    *,
    names: bool = False,
    cpu_seconds: int = ROSTER_CPU_SECONDS,
    memory_bytes: int = ROSTER_MEMORY_BYTES,
) -> ParsedRoster:
    """As ``oneroster.parse_roster``, and CannotReadRoster("too_costly") when the limits are reached.

    What is dropped there (passwords, addresses) never enters this process but as compressed bytes.
    """
    if len(data) > LARGEST_ARCHIVE:
        raise CannotReadRoster("too_large", {"bytes": len(data), "most": LARGEST_ARCHIVE})
    try:
        answer = _run({"what": "roster", "names": names}, data, cpu_seconds, memory_bytes)
    except CannotFinish as stopped:
        raise CannotReadRoster("too_costly") from stopped
    if "refused" in answer:
        raise CannotReadRoster(str(answer["refused"]["code"]), answer["refused"]["facts"])
    return unpack_roster(answer["read"])


def _run(header: dict[str, Any], data: bytes, cpu_seconds: int, memory_bytes: int) -> dict[str, Any]:
    return run_child("schools.parse_child", header, data, cpu_seconds=cpu_seconds, memory_bytes=memory_bytes)
