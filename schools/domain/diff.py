"""What an import would change, before it changes it: rows wanted by a file against rows stored."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from schools.models.calendar import Imported
from schools.models.sources import TakenOut

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
    """One row's fate. `kept`: a person changed it by hand, or took it out, so the file does not."""

    model: type[Imported]
    what: str
    key: str
    values: dict[str, Any]
    row: Imported | None = None
    years: tuple[int, ...] = ()
    old: dict[str, Any] = field(default_factory=dict)
    taken: TakenOut | None = None


#: Which rows changed by hand a file may replace: all (True), none (False), or those whose `token` is in it.
Overwrite = bool | Collection[str]
ALL = "all"


def token(row: Imported | TakenOut) -> str:
    """How a row is named in a choice of rows."""
    return f"{row._meta.model_name}-{row.pk}"


def overwrite_from(tokens: Collection[str]) -> Overwrite:
    return True if ALL in tokens else tuple(tokens)


def is_firm(row: Imported, overwrite: Overwrite) -> bool:
    """A person changed it, and nobody said that the file may replace it."""
    return row.edited and not _may_replace(row, overwrite)


def _may_replace(row: Imported | TakenOut, overwrite: Overwrite) -> bool:
    if isinstance(overwrite, bool):
        return overwrite
    return token(row) in overwrite


class Alike(NamedTuple):
    """What makes a stored and a wanted row the same thing whatever their keys."""

    of_row: Callable[[Any], Hashable]
    of_wanted: Callable[[Wanted], Hashable]


def alike_by(*names: str) -> Alike:
    return Alike(
        lambda row: tuple(getattr(row, name) for name in names), lambda one: tuple(one.values[name] for name in names)
    )


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
    alike: Alike | None = None,
    taken: Callable[[Wanted], TakenOut | None] = lambda one: None,
    overwrite: Overwrite = False,
) -> list[Change]:
    """One `Change` for each wanted row and for each stored row the file no longer has.

    `find` gives the stored row of the same key; `alike` those that say the same under another key, for wanted
    rows that no key finds. `gone` says whether a stored row that was not found should go, `taken` which a person
    took out. Rows edited or taken out by hand stay so unless `overwrite`.
    """
    changes: list[Change] = []
    wanted = list(wanted)
    pairs = _pairs(stored, wanted, find, alike)
    for number, one in enumerate(wanted):
        row = pairs.get(number)
        changes.append(_new(model, one, taken(one), overwrite) if row is None else _met(model, one, row, overwrite))
    met = {row.pk for row in pairs.values()}
    for row in stored:
        if row.pk not in met and gone(row):
            what = KEPT if is_firm(row, overwrite) else REMOVED
            changes.append(Change(model, what, row.key, {}, row))
    return changes


def _pairs(
    stored: Sequence[Imported],
    wanted: Sequence[Wanted],
    find: Callable[[Wanted], Imported | None],
    alike: Alike | None,
) -> dict[int, Imported]:
    """The stored row of each wanted one, by its number. Every key is served before anything is matched by what it
    says: an exporter that deals its keys anew may give a holiday the key that another had."""
    found: dict[int, Imported] = {}
    met: set[int] = set()
    for number, one in enumerate(wanted):
        row = find(one)
        if row is not None and row.pk not in met:
            met.add(row.pk)
            found[number] = row
    if alike is not None:
        free: dict[Hashable, list[Imported]] = {}
        for row in stored:
            if row.pk not in met:
                free.setdefault(alike.of_row(row), []).append(row)
        for number, one in enumerate(wanted):
            same = free.get(alike.of_wanted(one)) if number not in found else None
            if same:
                found[number] = same.pop(0)
    return found


def _new(model: type[Imported], one: Wanted, taken: TakenOut | None, overwrite: Overwrite) -> Change:
    what = ADDED if taken is None or _may_replace(taken, overwrite) else KEPT
    return Change(model, what, one.key, one.values, years=one.years, taken=taken)


def _met(model: type[Imported], one: Wanted, row: Imported, overwrite: Overwrite) -> Change:
    old = {name: getattr(row, name) for name in one.values}
    mine = KEPT if is_firm(row, overwrite) else CHANGED
    return Change(model, mine if differs(row, one) else SAME, one.key, one.values, row, one.years, old)


def index(rows: Iterable[Imported], name: Callable[[Any], Hashable]) -> dict[Hashable, Imported]:
    found: dict[Hashable, Imported] = {}
    for row in rows:
        found.setdefault(name(row), row)
    return found


def by_hand(changes: Iterable[Change]) -> list[Imported | TakenOut]:
    """The rows a person changed or took out that the file would change too, whatever was said of them."""
    found: dict[str, Imported | TakenOut] = {}
    for change in changes:
        if change.taken is not None:
            found[token(change.taken)] = change.taken
        elif change.row and change.row.edited and change.what != SAME:
            found[token(change.row)] = change.row
    return list(found.values())


def tally(changes: Iterable[Change]) -> dict[str, int]:
    counted = Counter(change.what for change in changes)
    return {what: counted.get(what, 0) for what in (ADDED, CHANGED, SAME, REMOVED, KEPT)}


def plain(value: Any) -> Any:
    """A field's value as JSON: dates and times as ISO text."""
    return value.isoformat() if isinstance(value, (dt.date, dt.time)) else value
