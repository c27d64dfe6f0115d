"""The checked-in table of permissions: tests/permissions.csv.

One row for each address and method, one column for each persona; a cell is the status of the
answer when the row named is the persona's own: `200`, `403`, `404`, `302`, and `302:in` for the
way to the sign-in page. For anybody else's row the answer is 404, which needs no table.

After a change that is meant, write the table anew and read the difference before committing:
    PERMISSIONS=write make test ARGS=tests/isolation
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path

from tests.isolation.personas import PERSONAS

PATH = Path(__file__).parent.parent / "permissions.csv"
COLUMNS = ("address", "method", *(persona.name for persona in PERSONAS))

Key = tuple[str, str]


def read(path: Path = PATH) -> dict[Key, dict[str, str]]:
    """{(address, method): {persona: cell}}. A row given twice is a ValueError."""
    if not path.exists():
        return {}
    with path.open(encoding="utf-8", newline="") as lines:
        rows = [[cell.strip() for cell in row] for row in csv.reader(lines, skipinitialspace=True)]
    if tuple(rows[0]) != COLUMNS:
        raise ValueError(f"The columns of {path.name} are {', '.join(rows[0])}; they should be {', '.join(COLUMNS)}.")
    table: dict[Key, dict[str, str]] = {}
    for row in rows[1:]:
        key = (row[0], row[1])
        if key in table:
            raise ValueError(f"{path.name} has two rows for {key[1]} {key[0]}. Keep one.")
        table[key] = dict(zip(COLUMNS[2:], row[2:], strict=True))
    return table


def write(cells: Mapping[Key, Mapping[str, str]], order: Iterable[Key], path: Path = PATH) -> None:
    """Aligned, so that a column can be read from top to bottom."""
    rows = [COLUMNS, *((*key, *(cells[key][persona.name] for persona in PERSONAS)) for key in order)]
    widths = [max(len(_quoted(row[n])) for row in rows) for n in range(len(COLUMNS))]
    lines = [", ".join(_quoted(cell).ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
    path.write_text("\n".join(line.rstrip() for line in lines) + "\n", encoding="utf-8")


def _quoted(cell: str) -> str:
    return f'"{cell}"' if "," in cell or '"' in cell else cell
