"""The other end of sandbox.py: reads a request on standard input, limits itself, parses, writes JSON.

Run as ``python -m schools.parse_child``. First line of input: a JSON header; the rest: the file. Never imports Django,
so that it starts fast and holds no secrets.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable

from hubs.limits import limit_self


def main() -> int:
    header = json.loads(sys.stdin.buffer.readline())
    data = sys.stdin.buffer.read()
    limit_self(int(header["cpu_seconds"]), int(header["memory_bytes"]))
    try:
        answer = READERS[header["what"]](header, data)
    except MemoryError:
        answer = {"refused": {"code": "too_costly", "facts": {}}}
    sys.stdout.write(json.dumps(answer))
    return 0


# The readers import after the limits on purpose: parsing libraries are part of what is limited.


def _calendar(header: dict, data: bytes) -> dict:
    from datetime import date

    from schools.ical import CannotReadCalendar, parse_calendar
    from schools.ical_json import pack_calendar, pack_refusal
    from schools.ical_rules import rules_from

    window = header["window"]
    days = (date.fromisoformat(window[0]), date.fromisoformat(window[1])) if window else None
    try:
        calendar = parse_calendar(data, zone=header["zone"], rules=rules_from(header["rules"]), window=days)
    except CannotReadCalendar as refusal:
        return {"refused": pack_refusal(refusal)}
    return {"read": pack_calendar(calendar)}


def _timetable(header: dict, data: bytes) -> dict:
    from schools.timetable_json import pack_timetable
    from schools.timetables import CannotReadTimetable, parse_timetable

    try:
        timetable = parse_timetable(data, format=header["format"], mapping=header["mapping"])
    except CannotReadTimetable as refusal:
        return {"refused": {"code": refusal.code, "facts": refusal.facts}}
    return {"read": pack_timetable(timetable)}


def _roster(header: dict, data: bytes) -> dict:
    from schools.oneroster import CannotReadRoster, parse_roster
    from schools.oneroster_types import pack_roster

    try:
        roster = parse_roster(data, names=header["names"])
    except CannotReadRoster as refusal:
        return {"refused": {"code": refusal.code, "facts": refusal.facts}}
    return {"read": pack_roster(roster)}


READERS: dict[str, Callable[[dict, bytes], dict]] = {"calendar": _calendar, "timetable": _timetable, "roster": _roster}


if __name__ == "__main__":
    sys.exit(main())
