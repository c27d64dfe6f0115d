"""The checked-in table of permissions: tests/permissions.csv.

One row for each address and method, one column for each persona; a cell is the status of the
answer when the row named is the persona's own: `200`, `403`, `404`, `302`, and `302:in` for the
way to the sign-in page. For anybody else's row the answer is 404, which needs no table.

A new address: say in tests/isolation/rows.py which rows its arguments name (a kind the world
lacks is added in tests/isolation/world.py), then write its rows and read the difference:

    LONG=1 PERMISSIONS=write ROUTES='^school/new-thing/' python -m pytest tests/isolation/test_walk.py

ROUTES is a regular expression, searched for in the addresses as the table spells them. Writing
walks those and the ones the table lacks, drops the rows of addresses that are gone, and leaves
the rest as it stands; without ROUTES it writes every row (some minutes). Without PERMISSIONS,
ROUTES only restricts the walk.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Container, Iterable, Mapping, Sequence
from pathlib import Path

from tests.isolation.personas import PERSONAS
from tests.isolation.routes import Route

PATH = Path(__file__).parent.parent / "permissions.csv"
COLUMNS = ("address", "method", *(persona.name for persona in PERSONAS))

Key = tuple[str, str]
Cells = Mapping[Key, Mapping[str, str]]


def read(path: Path = PATH) -> dict[Key, dict[str, str]]:
    """{(address, method): {persona: cell}}. A row given twice is a ValueError."""
    if not path.exists():
        return {}
    with path.open(encoding="utf-8", newline="") as lines:
        rows = [[cell.strip() for cell in row] for row in csv.reader(lines, skipinitialspace=True)]
    if tuple(rows[0]) != COLUMNS:
        raise ValueError(f"The columns of {path.name} are {', '.join(rows[0])}; they should be {', '.join(COLUMNS)}.")
    table: dict[Key, dict[str, str]] = {}
    for number, row in enumerate(rows[1:], start=2):
        if len(row) != len(COLUMNS):
            raise ValueError(f"Line {number} of {path.name} has {len(row)} cells and should have {len(COLUMNS)}.")
        key = (row[0], row[1])
        if key in table:
            raise ValueError(f"{path.name} has two rows for {key[1]} {key[0]}. Keep one.")
        table[key] = dict(zip(COLUMNS[2:], row[2:], strict=True))
    return table


def chosen(routes: Sequence[Route], expression: str, known: Container[Key] | None = None) -> list[Route]:
    """The routes whose address the expression finds and, given the rows `known`, those without one.

    Raises ValueError when the expression is none, or finds nothing.
    """
    try:
        wanted = re.compile(expression)
    except re.error as error:
        raise ValueError(f"ROUTES={expression} is no regular expression: {error}.") from error
    found = [route for route in routes if wanted.search(route.pattern)]
    if not found:
        raise ValueError(
            f"ROUTES={expression} finds no address. They are written as in tests/permissions.csv, without a first "
            "slash: ROUTES='^school/requests/'."
        )
    if known is not None:
        found += [one for one in routes if one not in found and any((one.pattern, m) not in known for m in one.methods)]
    return found


def merged(old: Cells, new: Cells, order: Iterable[Key]) -> dict[Key, dict[str, str]]:
    """What was walked, over what stood; rows that are not in `order` are dropped.

    Raises ValueError when a row would have empty cells.
    """
    rows = {key: {**old.get(key, {}), **new.get(key, {})} for key in order}
    for (pattern, method), cells in rows.items():
        missing = [persona.name for persona in PERSONAS if persona.name not in cells]
        if missing:
            raise ValueError(
                f"Nobody walked {method} {pattern} as {', '.join(missing)}, so the table is left as it is. Walk with "
                "LONG=1, in one process (no -n), and without choosing personas for an address that is new."
            )
    return rows


def write(cells: Cells, path: Path = PATH) -> None:
    """Aligned, so that a column can be read from top to bottom."""
    rows = [COLUMNS, *((*key, *(row[persona.name] for persona in PERSONAS)) for key, row in cells.items())]
    widths = [max(len(_quoted(row[n])) for row in rows) for n in range(len(COLUMNS))]
    lines = [", ".join(_quoted(cell).ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
    path.write_text("\n".join(line.rstrip() for line in lines) + "\n", encoding="utf-8")


def _quoted(cell: str) -> str:
    return f'"{cell}"' if "," in cell or '"' in cell else cell
