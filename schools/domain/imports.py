"""Writing a planned import, remembering what was there before, and taking it back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.db import models, transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from hubs.actors import Actor
from hubs.errors import Refused
from hubs.log import record
from schools.domain.diff import ADDED, CHANGED, REMOVED, Change, plain
from schools.domain.rights import needs_keeper
from schools.models import Group, Import, School, WeekPattern, YearGroup
from schools.models.calendar import Imported

#: Without a source that shares one of these, a file is another source, and removes nothing.
MOST_MARKS_OF_A_FILE = 2_000
ROWS_AT_ONCE = 500


def lock(school: School) -> None:
    """One import of a school at a time; call it inside the transaction that writes."""
    # Evaluated for the lock alone. SQLite's own write lock was taken at BEGIN.
    list(School.objects.select_for_update(of=("self",), no_key=True).filter(pk=school.pk).values_list("pk"))


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


def pattern_before(school: School) -> dict[str, Any] | None:
    pattern = WeekPattern.objects.filter(school=school).first()
    if pattern is None:
        return None
    return {
        "letters": pattern.letters,
        "anchor_on": plain(pattern.anchor_on),
        "holidays_advance": pattern.holidays_advance,
    }


def undo_import(done: Import, *, by: Actor, now: dt.datetime) -> None:
    """Put everything back as it was before `done`, except what people changed by hand since.

    Raises `Refused` when it was undone already or a later import of the same kind stands on it.
    """
    needs_keeper(done, by)
    with transaction.atomic():
        lock(done.school)
        done.refresh_from_db()
        if done.undone_at:
            raise Refused(_("This import was undone already."))
        later = Import.objects.filter(school=done.school, kind=done.kind, undone_at=None, pk__gt=done.pk)
        if later.exists():
            raise Refused(_("A later import builds on this one. Undo the later one first."))
        _take_back(done)
        done.undone_at = now
        done.save(update_fields=["undone_at"])
        record(done, "undone", by=by, now=now, kind=done.kind)


def _take_back(done: Import) -> None:
    before = done.before
    for label, keys in before.get("created", {}).items():
        model = apps.get_model(label)
        if issubclass(model, Imported):
            model._base_manager.filter(pk__in=keys, edited=False).delete()
    for saved in before.get("changed", []):
        _restore(saved, only_when_present=True)
    for saved in before.get("removed", []):
        _restore(saved, only_when_present=False)
    if "pattern" in before:
        _restore_pattern(done, before["pattern"])
    _drop_unused(Group, before.get("created", {}).get("schools.group", []))
    _drop_unused(YearGroup, before.get("created", {}).get("schools.yeargroup", []))
    schedules = before.get("created", {}).get("schools.bellschedule", [])
    apps.get_model("schools.BellSchedule")._base_manager.filter(pk__in=schedules).delete()


def _restore(saved: dict[str, Any], *, only_when_present: bool) -> None:
    model = apps.get_model(saved["model"])
    fields = {f.attname: f.to_python(saved["fields"][f.attname]) for f in _concrete(model)}
    now_there = model._base_manager.filter(pk=fields["id"])
    current = now_there.first()
    if (current is None) == only_when_present or (current is not None and current.edited):
        return
    if current is None and _taken(model, fields):
        return  # a person has put the same row back by hand
    row = model(**fields)
    row.save(force_update=current is not None, force_insert=current is None)
    for name, keys in saved["many"].items():
        related = getattr(row, name)
        related.set(related.model._base_manager.filter(pk__in=keys))


def _concrete(model: type[models.Model]) -> Iterable[Any]:
    return model._meta.concrete_fields


def _taken(model: type[models.Model], fields: dict[str, Any]) -> bool:
    same = {"closure": ("kind", "starts_on", "ends_on"), "term": ("starts_on",), "weekmark": ("monday",)}
    names = same.get(model._meta.model_name or "")
    if not names:
        return False
    return model._base_manager.filter(school_id=fields["school_id"], **{name: fields[name] for name in names}).exists()


def _restore_pattern(done: Import, saved: dict[str, Any] | None) -> None:
    WeekPattern.objects.filter(school=done.school).delete()
    if saved is not None:
        WeekPattern.objects.create(
            hub_id=done.hub_id,
            school=done.school,
            letters=saved["letters"],
            anchor_on=dt.date.fromisoformat(saved["anchor_on"]),
            holidays_advance=saved["holidays_advance"],
        )


def _drop_unused(model: type[Group | YearGroup], keys: Iterable[int]) -> None:
    """What something else has come to lean on stays; a group is then put aside instead."""
    for row in model._base_manager.filter(pk__in=list(keys)):
        try:
            with transaction.atomic():
                if model is Group:
                    row.students.filter(groups=row, name="").delete()
                row.delete()
        except ProtectedError:
            if model is Group:
                model._base_manager.filter(pk=row.pk).update(is_active=False)
