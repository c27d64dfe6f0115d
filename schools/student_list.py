"""A list of students pasted out of a spreadsheet: one line each, with or without a header.

Pure. Columns: what the student is called, the year group, the groups ("10A + Football"), and, when a header names
them, name, priority and needs. Lines that cannot be read come back by number; the others are kept.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass

from schools.ical_rules import plain

MOST_LINES = 2_000
LONGEST_ALIAS = 40
LONGEST_NAME = 120
LONGEST_NEEDS = 500
HIGHEST_YEAR = 13
ORDER = ("alias", "year", "groups")
HEADERS = {
    "alias": "alias student students initials number id",
    "name": "name fullname full",
    "year": "year grade yeargroup klasse jahrgang ano",
    "groups": "group groups class classes form set tutor",
    "priority": "priority pp",
    "needs": "needs access adjustments",
}
YES = frozenset({"yes", "y", "true", "1", "x", "ja", "oui", "si", "sim"})


@dataclass(frozen=True, slots=True)
class ListedStudent:
    line: int
    alias: str
    year: int | None = None
    groups: tuple[str, ...] = ()
    name: str = ""
    priority: bool | None = None
    needs: str | None = None


@dataclass(frozen=True, slots=True)
class ListProblem:
    """``code``: no_alias, long_alias, twice (first: its line), bad_year, too_many_lines, bad_quote."""

    line: int
    code: str
    value: str = ""


def read_list(text: str) -> tuple[tuple[ListedStudent, ...], tuple[ListProblem, ...]]:
    """(students, problems), in the order of the text."""
    mark = next((mark for mark in "\t;," if mark in text), ",")
    rows = []
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True)
        for cells in reader:
            if any(cell.strip() for cell in cells):
                rows.append((reader.line_num, [" ".join(cell.split()) for cell in cells]))
            if len(rows) > MOST_LINES:
                return (), (ListProblem(reader.line_num, "too_many_lines", str(MOST_LINES)),)
    except csv.Error:
        return (), (ListProblem(reader.line_num, "bad_quote"),)
    columns: Sequence[str] = ORDER
    if rows and (named := _header(rows[0][1])):
        columns = named
        rows = rows[1:]
    found: dict[str, ListedStudent] = {}
    problems = []
    for line, cells in rows:
        row = dict(zip(columns, cells, strict=False))
        one, problem = _student(line, row, found)
        if problem is not None:
            problems.append(problem)
        elif one is not None:
            found[one.alias.casefold()] = one
    return tuple(found.values()), tuple(problems)


def _header(cells: Sequence[str]) -> list[str]:
    """The columns a first line names; empty when it is a student already."""
    known = {word: column for column, words in HEADERS.items() for word in words.split()}
    named = [next((known[word] for word in plain(cell).split() if word in known), "") for cell in cells]
    if "alias" not in named and "name" in named:  # "Name, Year, Class": what they are called is their name
        named[named.index("name")] = "alias"
    return named if "alias" in named and (len(cells) == 1 or sum(map(bool, named)) > 1) else []


def _student(
    line: int, row: dict[str, str], found: dict[str, ListedStudent]
) -> tuple[ListedStudent | None, ListProblem | None]:
    alias = row.get("alias", "")
    if not alias:
        return None, ListProblem(line, "no_alias")
    if len(alias) > LONGEST_ALIAS:
        return None, ListProblem(line, "long_alias", alias[:LONGEST_ALIAS])
    if alias.casefold() in found:
        return None, ListProblem(line, "twice", alias)
    year = row.get("year", "")
    number = re.fullmatch(r"(?:[^\d]*[^\d\s])?\s*(\d{1,2})", year)
    if year and (number is None or not 1 <= int(number[1]) <= HIGHEST_YEAR):
        return None, ListProblem(line, "bad_year", year[:20])
    groups = tuple(dict.fromkeys(g.strip()[:60] for g in re.split(r"[+|]", row.get("groups", "")) if g.strip()))
    priority = row["priority"].casefold() in YES if row.get("priority") else None
    return ListedStudent(
        line,
        alias,
        int(number[1]) if number and year else None,
        groups,
        row.get("name", "")[:LONGEST_NAME],
        priority,
        row.get("needs", "")[:LONGEST_NEEDS] if "needs" in row else None,
    ), None
