"""Parse a stranger's file in a process of its own, with a limit on seconds and memory.

The parsers refuse what is known to be dangerous; this is for what is not known yet. Costs about a third of a second.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

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
# Waiting for a busy machine is not the file's fault: much longer than the processor time allowed.
WALL_SECONDS = 30
PROJECT = Path(__file__).resolve().parent.parent


class _Stopped(Exception):
    """The process reached a limit, or died."""


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
    except _Stopped as stopped:
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
    except _Stopped as stopped:
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
    except _Stopped as stopped:
        raise CannotReadRoster("too_costly") from stopped
    if "refused" in answer:
        raise CannotReadRoster(str(answer["refused"]["code"]), answer["refused"]["facts"])
    return unpack_roster(answer["read"])


def _run(header: dict[str, Any], data: bytes, cpu_seconds: int, memory_bytes: int) -> dict[str, Any]:
    header = {**header, "cpu_seconds": cpu_seconds, "memory_bytes": memory_bytes}
    try:
        child = subprocess.run(
            [sys.executable, "-m", "schools.parse_child"],
            input=json.dumps(header).encode() + b"\n" + data,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=PROJECT,
            env=_bare_environment(),
            timeout=WALL_SECONDS + cpu_seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise _Stopped from error
    try:
        answer = json.loads(child.stdout)
    except ValueError as error:
        # Killed by a limit in the middle, or the interpreter itself ran out of memory: no answer, nothing read.
        raise _Stopped from error
    if not isinstance(answer, dict):
        raise _Stopped
    return answer


def _bare_environment() -> dict[str, str]:
    """No secrets for the process that reads strangers' files: only what Python needs to find its modules."""
    keep = ("PATH", "SYSTEMROOT", "LANG", "LC_ALL", "VIRTUAL_ENV", "PYTHONHOME", "TZDIR", "PYTHONTZPATH")
    environment = {name: os.environ[name] for name in keep if name in os.environ}
    return {**environment, "PYTHONPATH": os.pathsep.join([str(PROJECT), *filter(None, sys.path)])}
