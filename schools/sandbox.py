"""Parse a stranger's calendar in a process of its own, with a limit on seconds and memory.

The parser refuses what is known to be dangerous; this is for what is not known yet. Costs about a third of a second.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from schools.ical import DEFAULT_RULES, CannotReadCalendar, ParsedCalendar, Rule
from schools.ical_json import pack_rules, unpack_calendar, unpack_facts
from schools.ical_source import LARGEST_FILE

CPU_SECONDS = 5
MEMORY_BYTES = 256 * 1024 * 1024
# Waiting for a busy machine is not the file's fault: much longer than the processor time allowed.
WALL_SECONDS = 30
PROJECT = Path(__file__).resolve().parent.parent


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
        "zone": zone,
        "rules": pack_rules(tuple(rules)),
        "window": [day.isoformat() for day in window] if window else None,
        "cpu_seconds": cpu_seconds,
        "memory_bytes": memory_bytes,
    }
    answer = _run(json.dumps(header).encode() + b"\n" + data)
    if "refused" in answer:
        raise CannotReadCalendar(str(answer["refused"]["code"]), unpack_facts(answer["refused"]["facts"]))
    return unpack_calendar(answer["calendar"])


def _run(request: bytes) -> dict:
    try:
        child = subprocess.run(
            [sys.executable, "-m", "schools.parse_child"],
            input=request,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=PROJECT,
            env=_bare_environment(),
            timeout=WALL_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise CannotReadCalendar("too_costly", {}) from error
    try:
        answer = json.loads(child.stdout)
    except ValueError as error:
        # Killed by a limit in the middle, or the interpreter itself ran out of memory: no answer, no calendar.
        raise CannotReadCalendar("too_costly", {}) from error
    if not isinstance(answer, dict):
        raise CannotReadCalendar("too_costly", {})
    return answer


def _bare_environment() -> dict[str, str]:
    """No secrets for the process that reads strangers' files: only what Python needs to find its modules."""
    keep = ("PATH", "SYSTEMROOT", "LANG", "LC_ALL", "VIRTUAL_ENV", "PYTHONHOME", "TZDIR", "PYTHONTZPATH")
    environment = {name: os.environ[name] for name in keep if name in os.environ}
    return {**environment, "PYTHONPATH": os.pathsep.join([str(PROJECT), *filter(None, sys.path)])}
