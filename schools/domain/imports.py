"""Writing a planned import, and remembering what was there before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db import models

from hubs.locks import lock_rows
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
    lock_rows(School.objects.filter(pk=school.pk))
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
    before["removed"] += _snapshots(model, rows)
    model._base_manager.filter(pk__in=[row.pk for row in rows]).delete()


def _change(model: type[Imported], changes: list[Change], done: Import, before: dict[str, Any]) -> None:
    known = [(change.row, change) for change in changes if change.row is not None]
    if not known:
        return
    rows = [row for row, _change in known]
    before["changed"] += _snapshots(model, rows)
    for row, change in known:
        # A row known by its days takes the file's key, so that the next file of this source knows it at once.
        for name, value in {**change.values, "key": change.key, "source": done, "edited": False}.items():
            setattr(row, name, value)
    names = {name for change in changes for name in change.values} | {"key", "source", "edited"}
    model._base_manager.bulk_update(rows, sorted(names), batch_size=ROWS_AT_ONCE)
    for field in model._meta.local_many_to_many:
        if field.name == "year_groups":
            through: Any = field.remote_field.through
            through._base_manager.filter(**{f"{field.m2m_field_name()}__in": rows}).delete()
    _set_years(model, done, {row.pk: change.years for row, change in known})


def _create(model: type[Imported], changes: list[Change], done: Import, before: dict[str, Any]) -> None:
    rows = [
        model(hub_id=done.hub_id, school_id=done.school_id, source=done, key=change.key, **change.values)
        for change in changes
    ]
    created = model._base_manager.bulk_create(rows, batch_size=ROWS_AT_ONCE)
    before["created"].setdefault(model._meta.label_lower, []).extend(row.pk for row in created)
    _set_years(model, done, {row.pk: change.years for row, change in zip(created, changes, strict=True)})


def _set_years(model: type[Imported], done: Import, numbers: dict[int, tuple[int, ...]]) -> None:
    """The year groups of rows that have none so far; a number the school does not know is left out."""
    if any(numbers.values()):
        years = dict(YearGroup.objects.filter(school_id=done.school_id).values_list("number", "pk"))
        found = {pk: [years[one] for one in sorted(set(mine)) if one in years] for pk, mine in numbers.items()}
        fill_lists(model, {pk: {"year_groups": keys} for pk, keys in found.items()})


def fill_lists(model: type[models.Model], many: dict[int, dict[str, list[int]]]) -> None:
    """Put ids into the many-to-many fields of rows whose lists are empty: {row: {field: ids}}."""
    for field in model._meta.local_many_to_many:
        through: Any = field.remote_field.through
        ours, theirs = f"{field.m2m_field_name()}_id", f"{field.m2m_reverse_field_name()}_id"
        pairs = [{ours: pk, theirs: key} for pk, lists in many.items() for key in lists.get(field.name, ())]
        through._base_manager.bulk_create((through(**pair) for pair in pairs), batch_size=ROWS_AT_ONCE)


def _snapshots(model: type[Imported], rows: list[Imported]) -> list[dict[str, Any]]:
    """The rows as they stand, lists and all, for `undo_import`."""
    lists = [field.name for field in model._meta.local_many_to_many]
    models.prefetch_related_objects(rows, *lists)
    return [
        {
            "model": model._meta.label_lower,
            "fields": {f.attname: plain(getattr(row, f.attname)) for f in model._meta.concrete_fields},
            "many": {name: sorted(one.pk for one in getattr(row, name).all()) for name in lists},
        }
        for row in rows
    ]


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
