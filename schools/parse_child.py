"""The other end of sandbox.py: reads a request on standard input, limits itself, parses, writes JSON.

Run as ``python -m schools.parse_child``. First line of input: a JSON header; the rest: the file. Never imports Django,
so that it starts fast and holds no secrets.
"""

from __future__ import annotations

import contextlib
import json
import sys


def limit_self(cpu_seconds: int, memory_bytes: int) -> None:
    """Hard limits of the operating system. Where it has none (memory on macOS) the caller's timeout stays."""
    try:
        import resource
    except ImportError:
        return
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + 1))
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main() -> int:
    header = json.loads(sys.stdin.buffer.readline())
    data = sys.stdin.buffer.read()
    limit_self(int(header["cpu_seconds"]), int(header["memory_bytes"]))
    try:
        answer = _answer(header, data)
    except MemoryError:
        answer = {"refused": {"code": "too_costly", "facts": {}}}
    sys.stdout.write(json.dumps(answer))
    return 0


def _answer(header: dict, data: bytes) -> dict:
    # After the limits on purpose: parsing libraries are part of what is limited.
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
    return {"calendar": pack_calendar(calendar)}


if __name__ == "__main__":
    sys.exit(main())
