"""Writing a planned import, and remembering what was there before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from schools.domain.diff import ADDED, CHANGED, REMOVED, Change, plain
from schools.domain.groups import year_groups_for
from schools.domain.revision import calendar_changed
from schools.models import Import, School, WeekPattern, YearGroup
from schools.models.calendar import Imported

#: Without a source that shares one of these, a file is another source, and removes nothing.
MOST_MARKS_OF_A_FILE = 2_000
ROWS_AT_ONCE = 500


def lock(school: School) -> None:
    """One change of a school's calendar at a time; call it in the transaction that writes, and
    check in a statement after it. From here on the calendar has another revision."""
    # Evaluated for the lock alone. SQLite's own write lock was taken at BEGIN.
    rows = School.objects.select_for_update(of=("self",), no_key=True)
    list(rows.filter(pk=school.pk).order_by("pk").values_list("pk"))
    calendar_changed(school)


def write(done: Import, changes: Iterable[Change]) -> dict[str, Any]:
    """Carry the changes out, in the caller's transaction; returns `before`, for `undo_import`."""
    before: dict[str, Any] = {"created": {}, "changed": [], "removed": []}
    by_model: dict[type[Imported], list[Change]] = {}
    for change in changes:
        by_model.setdefault(change.model, []).append(change)
    for model, mine in by_model.items():
        _remove(model, [c for c in mine if c.what == REMOVED], before)
        _change(model, [c for c in mine if c.what == CHANGED], done, before)
        _create(model, [c for c in mine if c.what == ADDED], done, before)
    return before


def _remove(model: type[Imported], changes: list[Change], before: dict[str, Any]) -> None:
    rows = [change.row for change in changes if change.row is not None]
    before["removed"] += [_snapshot(row) for row in rows]
    model._base_manager.filter(pk__in=[row.pk for row in rows]).delete()


def _change(model: type[Imported], changes: list[Change], done: Import, before: dict[str, Any]) -> None:
    rows = []
    for change in changes:
        row = change.row
        if row is None:
            continue
        before["changed"].append(_snapshot(row))
        # A row known by its days takes the file's key, so that the next file of this source knows it at once.
        for name, value in {**change.values, "key": change.key, "source": done, "edited": False}.items():
            setattr(row, name, value)
        rows.append(row)
        _set_years(row, change.years)
    if rows:
        names = {name for change in changes for name in change.values} | {"key", "source", "edited"}
        model._base_manager.bulk_update(rows, sorted(names), batch_size=ROWS_AT_ONCE)


def _create(model: type[Imported], changes: list[Change], done: Import, before: dict[str, Any]) -> None:
    rows = [
        model(hub_id=done.hub_id, school_id=done.school_id, source=done, key=change.key, **change.values)
        for change in changes
    ]
    created = model._base_manager.bulk_create(rows, batch_size=ROWS_AT_ONCE)
    before["created"].setdefault(model._meta.label_lower, []).extend(row.pk for row in created)
    for row, change in zip(created, changes, strict=True):
        _set_years(row, change.years)


def _set_years(row: Imported, numbers: tuple[int, ...]) -> None:
    if hasattr(row, "year_groups") and (numbers or row.year_groups.exists()):
        row.year_groups.set(YearGroup.objects.filter(school_id=row.school_id, number__in=numbers))


def _snapshot(row: Imported) -> dict[str, Any]:
    fields = {f.attname: plain(getattr(row, f.attname)) for f in row._meta.concrete_fields}
    many = {f.name: sorted(getattr(row, f.name).values_list("pk", flat=True)) for f in row._meta.local_many_to_many}
    return {"model": row._meta.label_lower, "fields": fields, "many": many}


def set_pattern(school: School, letters: tuple[str, ...], anchor: dt.date) -> dict[str, Any] | None:
    """The week pattern a file brings; returns the one before, for `undo_import`."""
    old = WeekPattern.objects.filter(school=school).first()
    fields = ("letters", "anchor_on", "holidays_advance")
    before = {name: plain(getattr(old, name)) for name in fields} if old else None
    WeekPattern.objects.update_or_create(
        school=school, defaults={"hub_id": school.hub_id, "letters": list(letters), "anchor_on": anchor}
    )
    return before


def year_groups_made(school: School, numbers: set[int]) -> list[int]:
    """Make the year groups that are missing; returns their ids, for `undo_import`."""
    known = set(YearGroup.objects.filter(school=school).values_list("pk", flat=True))
    return sorted({year.pk for year in year_groups_for(school, numbers).values()} - known)
