"""A table out of a stranger's file: text in whatever coding programs write, its rows with their line numbers, and the
plain form in which words are compared.

Pure. Knows no meaning of any column: that is the business of whoever asked for the table.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping

Fact = str | int | None
#: What programs put between cells.
MARKS = (",", ";", "\t", "|")


class CannotReadSheet(Exception):
    """The file is refused as a whole. ``code``: empty, too_large, not_text, bad_row, too_many_rows."""

    def __init__(self, code: str, facts: Mapping[str, Fact] | None = None) -> None:
        self.code = code
        self.facts: dict[str, Fact] = dict(facts or {})
        super().__init__(f"{code} {self.facts}" if self.facts else code)


def decode(data: bytes, most_bytes: int) -> tuple[str, bool]:
    """Text of a file in UTF-8, UTF-16 with a mark, or what old Windows programs write; whether it was the last."""
    if not data.strip():
        raise CannotReadSheet("empty")
    if len(data) > most_bytes:
        raise CannotReadSheet("too_large", {"bytes": len(data), "most": most_bytes})
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", errors="replace"), False
    try:
        text, guessed = data.decode("utf-8-sig"), False
    except UnicodeDecodeError:
        text, guessed = data.decode("cp1252", errors="replace"), True
    if "\0" in text:
        raise CannotReadSheet("not_text", {"line": text[: text.index("\0")].count("\n") + 1})
    return text, guessed


def table(text: str, delimiter: str, most_rows: int) -> Iterator[tuple[int, list[str]]]:
    """(line the row begins on, cells with single blanks inside and none around), empty rows left out."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    begins = 1
    count = 0
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise CannotReadSheet("bad_row", {"line": begins, "detail": str(error)[:120]}) from error
        if any(cell.strip() for cell in row):
            count += 1
            if count > most_rows:
                raise CannotReadSheet("too_many_rows", {"line": begins, "most": most_rows})
            yield begins, [clean(cell) for cell in row]
        begins = reader.line_num + 1


def clean(cell: str) -> str:
    """One line without what cannot be seen; a database takes no character 0."""
    return " ".join("".join(" " if unicodedata.category(c) == "Cc" else c for c in cell).split())


def guess_delimiter(text: str) -> str:
    """The separator that splits the first rows most, out of those programs write."""
    head = [line for line in text.splitlines()[:20] if line.strip()]
    return max(MARKS, key=lambda mark: sum(line.count(mark) for line in head))


def plain(text: str) -> str:
    """Lower case, no accents, single spaces, letters and digits only: what words are compared in."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return " ".join(re.sub(r"[^\w]+|_", " ", bare.casefold()).split())
