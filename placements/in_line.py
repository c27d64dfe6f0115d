"""The line of a request as the desk shows it: who waits, and before whom each could be put."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import NamedTuple

from placements.models import Placement


class InLine(NamedTuple):
    """One that waits. `earlier` and `later` say before which placement it would be put ("" as the last), or are None
    where it cannot be; `together`: others have the same number."""

    placement: Placement
    rank: int
    together: bool
    earlier: int | str | None
    later: int | str | None


def waiting(placements: Iterable[Placement]) -> list[InLine]:
    """Those of a request that wait, in the order of their turns; each with its `turn` at hand."""
    rows = [row for row in placements if row.state == "held" and hasattr(row, "turn")]
    rows.sort(key=lambda row: (row.turn.rank, row.pk))
    groups = [list(group) for _rank, group in groupby(rows, key=lambda row: row.turn.rank)]
    # Each number, and whoever has it first; behind the last stands nobody.
    firsts: list[int | str] = [*(group[0].pk for group in groups), ""]
    found = []
    for n, group in enumerate(groups):
        for row in group:
            others = [one.pk for one in group if one is not row]
            if others:
                earlier, later = others[0], firsts[n + 1]
            else:
                earlier = firsts[n - 1] if n else None
                later = firsts[n + 2] if n + 1 < len(groups) else None
            found.append(InLine(row, row.turn.rank, bool(others), earlier, later))
    return found
