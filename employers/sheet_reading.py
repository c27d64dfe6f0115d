"""A hub's list of employers as a table: CSV as programs write it, or the first sheet of an Excel workbook.

Pure; run in a child process (`sheet_child`). Of a workbook only the values of cells are read: no formula is worked
out, and nothing but the strings and the sheet is unpacked.
"""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass

from openpyxl import load_workbook

from employers.sheet_rows import HEADINGS
from hubs.sheets import CannotReadSheet, clean, decode, guess_delimiter, plain, table

MOST_BYTES = 2 * 1024 * 1024
MOST_LINES = 1_000
MOST_COLUMNS = 60
MOST_CELL = 2_000
MOST_MEMBERS = 400
MOST_UNPACKED = 60 * 1024 * 1024
ZIP, OLD_OFFICE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
ENCRYPTED = 0x1
#: Two filled cells make a line of headings; a title above the table has one.
FEWEST_HEADINGS = 2
#: A table of one column has its heading among so many lines; what people call the name of an employer.
TITLES = 5
NAMES = frozenset(plain(word) for word in HEADINGS["name"].split("|"))

Line = tuple[int, list[str]]


@dataclass(frozen=True, slots=True)
class Sheet:
    """`lines`: (its number in the file, as many cells as there are headings). `notes`: codes of what was met."""

    header: list[str]
    lines: list[Line]
    notes: list[str]


def read_sheet(data: bytes) -> Sheet:
    """Raises CannotReadSheet; beyond those of hubs.sheets: old_excel, locked, bomb, damaged, no_rows, too_wide."""
    if len(data) > MOST_BYTES:
        raise CannotReadSheet("too_large", {"bytes": len(data), "most": MOST_BYTES})
    if data.startswith(OLD_OFFICE):
        raise CannotReadSheet("old_excel")
    notes: list[str] = []
    rows = _workbook(data, notes) if data.startswith(ZIP) else _text(data, notes)
    return _sheet(rows, notes)


def _text(data: bytes, notes: list[str]) -> Iterator[Line]:
    text, guessed = decode(data, MOST_BYTES)
    if guessed:
        notes.append("not_utf8")
    yield from table(text, guess_delimiter(text), MOST_LINES + 10)


def _workbook(data: bytes, notes: list[str]) -> Iterator[Line]:
    _check_archive(data)
    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        sheets = book.worksheets
        if len(sheets) > 1:
            notes.append("other_sheets")
        # What a workbook says of its own size may be wrong, and some programs leave it out.
        sheets[0].reset_dimensions()
        for number, cells in enumerate(sheets[0].iter_rows(values_only=True, max_col=MOST_COLUMNS + 1), start=1):
            row = [_said(cell) for cell in cells]
            if any(row):
                yield number, row
    except (MemoryError, CannotReadSheet):
        raise
    except Exception as error:  # the library raises whatever the damaged part makes it stumble over
        raise CannotReadSheet("damaged") from error


def _check_archive(data: bytes) -> None:
    """By its directory, before a byte is unpacked."""
    try:
        members = zipfile.ZipFile(io.BytesIO(data)).infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise CannotReadSheet("damaged") from error
    if any(one.flag_bits & ENCRYPTED for one in members):
        raise CannotReadSheet("locked")
    if len(members) > MOST_MEMBERS or sum(one.file_size for one in members) > MOST_UNPACKED:
        raise CannotReadSheet("bomb")
    if "xl/workbook.xml" not in {one.filename for one in members}:
        raise CannotReadSheet("wrong_type")


def _said(cell: object) -> str:
    """A cell as its reader sees it: 12.0 is 12, a day is a day."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    if isinstance(cell, dt.datetime):
        cell = cell.date()
    return clean(str(cell))


def _sheet(rows: Iterator[Line], notes: list[str]) -> Sheet:
    header: list[str] = []
    lines: list[Line] = []
    narrow: list[Line] = []  # with one filled cell, before any line of headings
    for number, cells in rows:
        if not header and sum(map(bool, cells)) >= FEWEST_HEADINGS:
            header = _without_end(cells)
            continue
        kept = lines if header else narrow
        if len(kept) > MOST_LINES or (header and len(kept) == MOST_LINES):
            raise CannotReadSheet("too_many_rows", {"line": number, "most": MOST_LINES})
        kept.append((number, [cell[:MOST_CELL] for cell in _without_end(cells)]))
    if not header:
        header, lines = _one_column(narrow)
    if not header or not lines:
        raise CannotReadSheet("no_rows")
    if len(header) > MOST_COLUMNS:
        raise CannotReadSheet("too_wide", {"found": len(header), "most": MOST_COLUMNS})
    return Sheet([heading[:120] for heading in header], lines, notes)


def _one_column(narrow: list[Line]) -> tuple[list[str], list[Line]]:
    """A list of names and nothing else: below the heading that is known, else below its first line."""
    known = (place for place, (_number, cells) in enumerate(narrow[:TITLES]) if plain("".join(cells)) in NAMES)
    place = next(known, 0)
    return (narrow[place][1], narrow[place + 1 :]) if narrow else ([], [])


def _without_end(cells: list[str]) -> list[str]:
    while cells and not cells[-1]:
        cells = cells[:-1]
    return cells
