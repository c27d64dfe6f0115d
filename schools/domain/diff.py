"""What an import would change, before it changes it: rows wanted by a file against rows stored."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from schools.models.calendar import Imported

ADDED, CHANGED, SAME, REMOVED, KEPT = "added", "changed", "same", "removed", "kept"
LONGEST_KEY = 200


@dataclass(frozen=True)
class Wanted:
    """A row the file asks for. `values` are concrete fields; `years` are numbers of year groups."""

    key: str
    values: dict[str, Any]
    years: tuple[int, ...] = ()


@dataclass(frozen=True)
class Change:
    """One row's fate. `kept`: a person changed it by hand, so the file does not."""

    model: type[Imported]
    what: str
    key: str
    values: dict[str, Any]
    row: Imported | None = None
    years: tuple[int, ...] = ()
    old: dict[str, Any] = field(default_factory=dict)


#: Which rows changed by hand a file may replace: all (True), none (False), or those whose `token` is in it.
Overwrite = bool | Collection[str]
ALL = "all"


def token(row: Imported) -> str:
    """How a row is named in a choice of rows."""
    return f"{row._meta.model_name}-{row.pk}"


def overwrite_from(tokens: Collection[str]) -> Overwrite:
    return ALL in tokens or tuple(tokens)


def is_firm(row: Imported, overwrite: Overwrite) -> bool:
    """A person changed it, and nobody said that the file may replace it."""
    if not row.edited or overwrite is True:
        return False
    return not overwrite or token(row) not in overwrite


def stable_key(text: str) -> str:
    """A key as the database holds it: long ones keep their beginning and are told apart by a digest."""
    if len(text) <= LONGEST_KEY:
        return text
    return f"{text[:150]}#{hashlib.sha256(text.encode()).hexdigest()[:40]}"


def differs(row: Imported, wanted: Wanted) -> bool:
    if any(getattr(row, name) != value for name, value in wanted.values.items()):
        return True
    known = getattr(row, "known_years", None)
    return known is not None and wanted.years != known


def diff(
    model: type[Imported],
    stored: Sequence[Imported],
    wanted: Iterable[Wanted],
    *,
    find: Callable[[Wanted], Imported | None],
    gone: Callable[[Imported], bool],
    overwrite: Overwrite = False,
) -> list[Change]:
    """One `Change` for each wanted row and for each stored row the file no longer has.

    `find` gives the stored row a wanted one means; `gone` says whether a stored row that was not
    found should go. Rows edited by hand stay as they are unless `overwrite`.
    """
    changes: list[Change] = []
    met: set[int] = set()
    for one in wanted:
        row = find(one)
        if row is None or row.pk in met:
            changes.append(Change(model, ADDED, one.key, one.values, years=one.years))
            continue
        met.add(row.pk)
        old = {name: getattr(row, name) for name in one.values}
        if not differs(row, one):
            what = SAME
        elif is_firm(row, overwrite):
            what = KEPT
        else:
            what = CHANGED
        changes.append(Change(model, what, one.key, one.values, row, one.years, old))
    for row in stored:
        if row.pk not in met and gone(row):
            what = KEPT if is_firm(row, overwrite) else REMOVED
            changes.append(Change(model, what, row.key, {}, row))
    return changes


def index(rows: Iterable[Imported], name: Callable[[Any], Hashable]) -> dict[Hashable, Imported]:
    found: dict[Hashable, Imported] = {}
    for row in rows:
        found.setdefault(name(row), row)
    return found


def by_hand(changes: Iterable[Change]) -> list[Imported]:
    """The rows a person changed that the file would change too, whatever was said of them."""
    rows = {change.row.pk: change.row for change in changes if change.row and change.row.edited and change.what != SAME}
    return list(rows.values())


def tally(changes: Iterable[Change]) -> dict[str, int]:
    counted = Counter(change.what for change in changes)
    return {what: counted.get(what, 0) for what in (ADDED, CHANGED, SAME, REMOVED, KEPT)}


def plain(value: Any) -> Any:
    """A field's value as JSON: dates and times as ISO text."""
    return value.isoformat() if isinstance(value, (dt.date, dt.time)) else value
