"""Rows of one CSV file of a OneRoster archive: headers as they are really written, only the columns that are wanted.

A row is a list for as long as the wanted cells are picked out of it. Columns nobody asked for, a password among them,
are in no dictionary, no error and no log.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from schools.oneroster_types import CannotReadRoster, Notice
from schools.oneroster_zip import Archive

MOST_ROWS = 500_000
MOST_PROBLEMS = 100
LONGEST_CELL = 300
#: Headers of the standard: never a misspelling of another.
_STANDARD = """
    sourcedid status datelastmodified title type startdate enddate parentsourcedid schoolyear name identifier grades
    coursesourcedid classcode classtype location schoolsourcedid termsourcedids subjects subjectcodes periods
    enableduser orgsourcedids role username userids givenname familyname middlename email sms phone agentsourcedids
    password classsourcedid usersourcedid primary begindate orgsourcedid schoolyearsourcedid coursecode roletype
    userprofilesourcedid usermasteridentifier resourcesourcedids preferredgivenname preferredmiddlename
    preferredfamilyname primaryorgsourcedid pronouns propertyname value birthdate sex
"""
STANDARD = frozenset(_STANDARD.split())


@dataclass
class Findings:
    """What reading one archive turned up, file after file."""

    rows: int = 0
    problems: list[Notice] = field(default_factory=list)
    problem_count: int = 0
    warnings: list[Notice] = field(default_factory=list)

    def set_aside(self, code: str, file: str, line: int, **facts: str | int) -> None:
        self.problem_count += 1
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(Notice(code, {"file": file, "line": line, **facts}))


Row = dict[str, str]


def each_row(
    archive: Archive,
    name: str,
    needed: Sequence[str],
    wanted: Sequence[str],
    found: Findings,
    take: Callable[[int, Row], None],
) -> None:
    """Call ``take(line, cells)`` for every usable row of the file ``name``; others go to ``found``.

    Raises CannotReadRoster: missing_columns, bad_row, too_many_rows, not_text.
    """
    encoding = _encoding(archive, name)
    if encoding != "utf-8-sig":
        found.warnings.append(Notice("not_utf8", {"file": name}))
    with archive.text(name, encoding) as lines:
        rows = _rows(csv.reader(lines, delimiter=_delimiter(archive, name, encoding), strict=True), name)
        line, header = next(rows, (1, []))
        places = _places(header, name, line, needed, wanted, found)
        for line, row in rows:
            found.rows += 1
            if found.rows > MOST_ROWS:
                raise CannotReadRoster("too_many_rows", {"file": name, "line": line, "most": MOST_ROWS})
            if len(row) > len(header) and any(cell.strip() for cell in row[len(header) :]):
                found.set_aside("too_many_columns", name, line, found=len(row), needed=len(header))
                continue
            cells = {column: _cell(row, place) for column, place in places.items()}
            empty = next((column for column in needed if not cells[column]), None)
            if empty is not None:
                found.set_aside("missing_value", name, line, column=empty)
                continue
            take(line, cells)


def _cell(row: list[str], place: int) -> str:
    return " ".join(row[place].split())[:LONGEST_CELL] if 0 <= place < len(row) else ""


def _encoding(archive: Archive, name: str) -> str:
    """UTF-8 if all of it is; else what old Windows programs write."""
    try:
        with archive.text(name, "utf-8-sig") as lines:
            while lines.read(1 << 20):
                pass
    except UnicodeDecodeError:
        return "cp1252" if not _has_wide_mark(archive, name) else "utf-16"
    return "utf-8-sig"


def _has_wide_mark(archive: Archive, name: str) -> bool:
    with archive.text(name, "latin-1") as lines:
        return lines.read(2) in ("\xff\xfe", "\xfe\xff")


def _delimiter(archive: Archive, name: str, encoding: str) -> str:
    with archive.text(name, encoding) as lines:
        try:
            head = lines.readline(10_000)
        except UnicodeDecodeError as error:  # cp1252 has five bytes that mean nothing
            raise CannotReadRoster("not_text", {"file": name, "line": 1}) from error
    return max((",", ";", "\t"), key=head.count)


def _rows(reader, name: str) -> Iterator[tuple[int, list[str]]]:
    """(line the row begins on, its cells); blank rows left out."""
    begins = 1
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise CannotReadRoster("bad_row", {"file": name, "line": begins, "detail": str(error)[:80]}) from error
        except UnicodeDecodeError as error:
            raise CannotReadRoster("not_text", {"file": name, "line": begins}) from error
        if any(cell.strip() for cell in row):
            yield begins, row
        begins = reader.line_num + 1


def _places(
    header: list[str], name: str, line: int, needed: Sequence[str], wanted: Sequence[str], found: Findings
) -> dict[str, int]:
    """Column → its place; -1 for one that is not there and not needed."""
    plain = [re.sub(r"[^a-z0-9]", "", cell.casefold()) for cell in header]
    places: dict[str, int] = {}
    for column in (*needed, *wanted):
        exact = column.casefold()
        if exact in plain:
            places[column] = plain.index(exact)
    odd = [cell for cell in plain if cell and cell not in STANDARD]
    for column in (*needed, *wanted):
        if column in places:
            continue
        near = get_close_matches(column.casefold(), odd, n=1, cutoff=0.82)
        places[column] = plain.index(near[0]) if near else -1
        if near:
            odd.remove(near[0])
            facts: dict[str, str | int | None] = {"file": name, "column": column}
            found.warnings.append(Notice("column_guessed", {**facts, "found": header[places[column]].strip()[:60]}))
    missing = [column for column in needed if places[column] < 0]
    if missing:
        # A file without a header begins with somebody's row: only names of columns are said.
        shown = ", ".join(cell.strip() for cell, word in zip(header, plain, strict=True) if word in STANDARD)[:160]
        facts = {"file": name, "line": line, "missing": ", ".join(missing), "found": shown}
        raise CannotReadRoster("missing_columns", facts)
    return places
