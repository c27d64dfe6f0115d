"""What reading files really takes: `python -m tests.schools.peak FOLDER` reads each file of a folder as the pages do,
in a process of its own, and prints the largest resident memory (MB) and the most processor time (s) of any of them.

By itself, because the operating system tells such a peak of all children of a process together.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from hubs.sandbox import PROJECT
from schools.ical import CannotReadCalendar
from schools.sandbox import parse_calendar_safely, parse_timetable_safely
from schools.timetables import CannotReadTimetable


def _read(path: Path) -> str:
    try:
        if path.suffix == ".ics":
            parse_calendar_safely(path.read_bytes(), zone="Europe/London")
        else:
            parse_timetable_safely(path.read_bytes())
    except (CannotReadCalendar, CannotReadTimetable) as refusal:
        return refusal.code
    return "read"


def main(folder: Path) -> None:
    seconds, outcomes, spent = 0.0, [], 0.0
    for path in sorted(folder.iterdir()):
        outcomes.append(_read(path))
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds, spent = max(seconds, used.ru_utime + used.ru_stime - spent), used.ru_utime + used.ru_stime
    megabytes = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    sys.stdout.write(json.dumps({"megabytes": megabytes, "seconds": seconds, "outcomes": outcomes}))


def peak(folder: Path, files: Iterable[tuple[str, bytes]]) -> dict:
    """`files`: (ending, content). Writes them into `folder` and measures them."""
    for number, (ending, data) in enumerate(files):
        (folder / f"{number:05}{ending}").write_bytes(data)
    done = subprocess.run(
        [sys.executable, "-m", "tests.schools.peak", str(folder)], cwd=PROJECT, capture_output=True, check=True
    )
    return json.loads(done.stdout)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
