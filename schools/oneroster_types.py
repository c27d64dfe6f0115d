"""What a OneRoster archive says of a school, as far as the product may know it: plain values and their JSON.

There is no place here for passwords, addresses, telephones, marks or dates of birth: what has no field cannot be kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

Fact = str | int | None
BULK, DELTA, ABSENT = "bulk", "delta", "absent"
#: Day first, month first, or years first throughout.
DAY_FIRST, MONTH_FIRST, YEAR_FIRST = "dmy", "mdy", "ymd"
ORDERS = (DAY_FIRST, MONTH_FIRST)


class CannotReadRoster(Exception):
    """The archive is refused as a whole. ``code`` and ``facts`` are enough for one sentence (see oneroster.py)."""

    def __init__(self, code: str, facts: Mapping[str, Fact] | None = None) -> None:
        self.code = code
        self.facts: dict[str, Fact] = dict(facts or {})
        super().__init__(f"{code} {self.facts}" if self.facts else code)


@dataclass(frozen=True, slots=True)
class Notice:
    code: str
    facts: dict[str, Fact] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RosterSchool:
    key: str
    name: str
    identifier: str = ""


@dataclass(frozen=True, slots=True)
class RosterTerm:
    """``starts`` and ``ends`` as the file writes them: see ``read_date``."""

    key: str
    title: str
    kind: str
    starts: str
    ends: str
    line: int


@dataclass(frozen=True, slots=True)
class RosterClass:
    """``homeroom``: a form or tutor group, not a taught class. ``year``: of its grades, when they name one."""

    key: str
    title: str
    code: str
    homeroom: bool
    year: int | None
    school: str


@dataclass(frozen=True, slots=True)
class RosterStudent:
    """``name`` only when the caller asked for names. ``schools``: keys of the organisations the student is of."""

    key: str
    name: str
    year: int | None
    schools: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ParsedRoster:
    """``modes``: file → bulk, delta or absent. ``gone_…``: what a delta takes away. ``enrolments``: (student, class,
    last day as written or ""). ``dates``: how the file writes them, one of the orders, or "" when somebody has to say;
    ``date_example`` is then one that could be either. ``problems``: rows set aside, by file and line."""

    version: str
    modes: dict[str, str]
    schools: tuple[RosterSchool, ...]
    terms: tuple[RosterTerm, ...]
    classes: tuple[RosterClass, ...]
    students: tuple[RosterStudent, ...]
    enrolments: tuple[tuple[str, str, str], ...]
    gone_students: tuple[str, ...]
    gone_classes: tuple[str, ...]
    gone_enrolments: tuple[tuple[str, str], ...]
    dates: str
    date_example: str
    rows: int
    problems: tuple[Notice, ...]
    problem_count: int
    warnings: tuple[Notice, ...]

    def is_bulk(self, file: str) -> bool:
        return self.modes.get(file) == BULK


def pack_roster(roster: ParsedRoster) -> dict[str, Any]:
    """JSON for the pipe between the reading process and its caller, and for keeping until confirmation."""
    simple = {
        name: getattr(roster, name)
        for name in (
            "version", "modes", "enrolments", "gone_students", "gone_classes", "gone_enrolments", "dates",
            "date_example", "rows", "problem_count",
        )
    }  # fmt: skip
    return {
        **simple,
        "schools": [[s.key, s.name, s.identifier] for s in roster.schools],
        "terms": [[t.key, t.title, t.kind, t.starts, t.ends, t.line] for t in roster.terms],
        "classes": [[c.key, c.title, c.code, c.homeroom, c.year, c.school] for c in roster.classes],
        "students": [[s.key, s.name, s.year, list(s.schools)] for s in roster.students],
        "problems": [asdict(notice) for notice in roster.problems],
        "warnings": [asdict(notice) for notice in roster.warnings],
    }


def unpack_roster(row: Mapping[str, Any]) -> ParsedRoster:
    """Raises KeyError, TypeError or ValueError on anything ``pack_roster`` did not write."""
    return ParsedRoster(
        version=row["version"],
        modes=dict(row["modes"]),
        schools=tuple(RosterSchool(*one) for one in row["schools"]),
        terms=tuple(RosterTerm(*one) for one in row["terms"]),
        classes=tuple(RosterClass(*one) for one in row["classes"]),
        students=tuple(RosterStudent(key, name, year, tuple(at)) for key, name, year, at in row["students"]),
        enrolments=tuple((student, group, until) for student, group, until in row["enrolments"]),
        gone_students=tuple(row["gone_students"]),
        gone_classes=tuple(row["gone_classes"]),
        gone_enrolments=tuple((student, group) for student, group in row["gone_enrolments"]),
        dates=row["dates"],
        date_example=row["date_example"],
        rows=row["rows"],
        problems=tuple(Notice(**one) for one in row["problems"]),
        problem_count=row["problem_count"],
        warnings=tuple(Notice(**one) for one in row["warnings"]),
    )


# ---- dates as people export them -----------------------------------------------

_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ].*)?$")
_SMALL = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})(?:[T ].*)?$")


def read_date(text: str, order: str) -> date | None:
    """A date as ``order`` reads it; ISO dates are read whatever the order. None when it is no date."""
    iso, small = _ISO.match(text), _SMALL.match(text)
    try:
        if iso:
            return date(int(iso[1]), int(iso[2]), int(iso[3]))
        if small:
            first, second = int(small[1]), int(small[3])
            day, month = (second, first) if order == MONTH_FIRST else (first, second)
            return date(int(small[4]), month, day)
    except ValueError:
        return None
    return None


def guess_order(texts: Iterable[str]) -> tuple[str, str]:
    """(order, example): "" and an example when ``1/05/2023`` could be either and nothing else in the file decides."""
    seen, example = set[str](), ""
    for text in texts:
        small = _SMALL.match(text)
        if small is None:
            continue
        first, second = int(small[1]), int(small[3])
        if small[2] == "." or first > 12:
            seen.add(DAY_FIRST)
        elif second > 12:
            seen.add(MONTH_FIRST)
        elif first != second:
            example = example or text
    if len(seen) == 1:
        return seen.pop(), ""
    if seen:  # the file contradicts itself: whoever answers sees which rows do not fit
        return "", example or next(text for text in texts if _SMALL.match(text))
    return ("", example) if example else (YEAR_FIRST, "")
