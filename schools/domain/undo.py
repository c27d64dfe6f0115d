"""Taking an import back: what was there before is there again, and what people did since stays."""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable, Iterable
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext as _

from hubs.actors import Actor
from hubs.errors import Refused
from hubs.log import record
from hubs.models import LogEntry
from schools.domain.imports import ROWS_AT_ONCE, fill_lists, lock
from schools.domain.people import take_back
from schools.domain.rights import needs_keeper
from schools.models import BellSchedule, Closure, Group, Import, Lesson, ProtectedPeriod, School, WeekPattern, YearGroup
from schools.models.calendar import Imported, Term, WeekMark

#: By what a person would say that two rows are the same one.
_NAMES: dict[type[Imported], tuple[str, ...]] = {
    Term: ("starts_on",),
    Closure: ("kind", "starts_on", "ends_on"),
    ProtectedPeriod: ("name", "starts_on", "ends_on", "starts_at"),
    WeekMark: ("monday",),
    Lesson: ("group_id", "weekday", "week_letter", "starts_at", "subject"),
}

_PEOPLE = frozenset({Import.Kind.ROSTER, Import.Kind.ROLLOVER})


def undo_import(done: Import, *, by: Actor, now: dt.datetime) -> int:
    """Put everything back as it was before `done`, except what people changed by hand since.

    Returns how many rows were left as people made them. Raises `Refused` when it was undone
    already or a later import of the same kind stands on it.
    """
    needs_keeper(done, by)
    with transaction.atomic():
        lock(done.school)
        done.refresh_from_db()
        if done.undone_at:
            raise Refused(_("This import was undone already."))
        if done.state != Import.State.DONE:
            raise Refused(_("This was not loaded, so there is nothing to undo."))
        if not done.before:
            raise Refused(_("This was loaded more than a year ago. What was there before it is no longer kept."))
        if later_than(done).exists():
            raise Refused(_("A later import builds on this one. Undo the later one first."))
        left = _take_back(done)
        done.undone_at, done.summary = now, {**done.summary, "left": left}
        done.save(update_fields=["undone_at", "summary"])
        record(done, "undone", by=by, now=now, kind=done.kind, left=left)
    return left


def later_than(done: Import) -> models.QuerySet[Import]:
    """What was loaded after it and stands on it. Class lists and new school years both move students."""
    kinds = _PEOPLE if done.kind in _PEOPLE else {done.kind}
    later = Import.objects.filter(school=done.school_id, kind__in=kinds, undone_at=None, pk__gt=done.pk)
    return later.exclude(state=Import.State.FAILED)


def _take_back(done: Import) -> int:
    before, created = done.before, done.before.get("created", {})
    if "people" in before:
        take_back(done, before["people"], created.get("schools.student", []))
    left = _put_pattern_back(done) if "pattern" in before else 0
    left += sum(_put_rows_back(model, done) for model in _NAMES)
    taken_up = set(before.get("taken_up", []))
    Group.objects.filter(pk__in=taken_up - _by_hand(done, Group, taken_up)).update(is_active=False)
    left += _drop_unused(done, Group, created.get("schools.group", []))
    left += _drop_unused(done, YearGroup, created.get("schools.yeargroup", []))
    bells = set(created.get("schools.bellschedule", []))
    kept = _by_hand(done, BellSchedule, bells)
    BellSchedule.objects.filter(pk__in=bells - kept).delete()
    if "checked_at" in before:
        # Whoever confirmed the calendar since did it at another moment.
        school = School.objects.filter(pk=done.school_id, calendar_checked_at=done.imported_at)
        school.update(calendar_checked_at=before["checked_at"])
    return left + len(kept)


def _by_hand(done: Import, model: type[models.Model], keys: Iterable[int]) -> set[int]:
    """Which of the rows the log says something about since this import: an import logs itself alone."""
    own = LogEntry.objects.about(done).filter(verb="imported").order_by("pk").values_list("pk", flat=True).first()
    entries = LogEntry.objects.filter(subject_type=model._meta.label_lower, subject_id__in=keys, pk__gt=own or 0)
    return set(entries.values_list("subject_id", flat=True))


# ---- rows of the calendar and the timetable -----------------------------------


def _put_rows_back(model: type[Imported], done: Import) -> int:
    """Rows made go, rows changed and removed return, in a fixed number of statements."""
    label, rows = model._meta.label_lower, model._base_manager
    created = done.before.get("created", {}).get(label, [])
    changed, removed = _saved(done, "changed", label), _saved(done, "removed", label)
    if not (created or changed or removed):
        return 0
    rows.filter(pk__in=created, edited=False).delete()
    edited = dict(rows.filter(pk__in=[*created, *changed, *removed]).values_list("pk", "edited"))
    replaced = {pk for pk in changed if edited.get(pk) is False}
    wanted = {pk: changed[pk] for pk in replaced} | {pk: removed[pk] for pk in removed if pk not in edited}
    back = _without_clashes(model, done, {pk: _row(model, saved) for pk, saved in wanted.items()}, replaced)
    rows.filter(pk__in=replaced & set(back)).delete()  # and made again below, lists and all
    rows.bulk_create(back.values(), batch_size=ROWS_AT_ONCE)
    _put_lists_back(model, {pk: wanted[pk]["many"] for pk in back})
    return len(edited.keys() & set(created)) + len(changed) + len(removed) - len(back)


def _saved(done: Import, what: str, label: str) -> dict[int, dict[str, Any]]:
    return {one["fields"]["id"]: one for one in done.before.get(what, []) if one["model"] == label}


def _row(model: type[Imported], saved: dict[str, Any]) -> Imported:
    """A column that is younger than the import has its default."""
    fields = saved["fields"]
    return model(
        **{f.attname: f.to_python(fields[f.attname]) for f in model._meta.concrete_fields if f.attname in fields}
    )


def _without_clashes(
    model: type[Imported], done: Import, back: dict[int, Imported], replaced: set[int]
) -> dict[int, Imported]:
    """`back` without the rows whose place a person has filled since."""
    if model is Lesson:
        _rename_weeks(done, back.values())
        groups = set(Group.objects.filter(school_id=done.school_id).values_list("pk", flat=True))
        back = {pk: row for pk, row in back.items() if row.group_id in groups}  # type: ignore[attr-defined]  # lessons alone
    others = list(model._base_manager.filter(school_id=done.school_id).exclude(pk__in=replaced))
    taken = {name for row in others for name in _names(row)}
    fits = {pk: row for pk, row in back.items() if not taken & _names(row)}
    if model is Term:
        fits = {pk: row for pk, row in fits.items() if not any(_overlap(row, other) for other in others)}
    return fits


def _names(row: Imported) -> set[Hashable]:
    said: set[Hashable] = {tuple(getattr(row, name) for name in _NAMES[type(row)])}
    return said | {("key", getattr(row, "group_id", None), row.key)} if row.key else said


def _overlap(one: Any, other: Any) -> bool:
    return one.starts_on <= other.ends_on and other.starts_on <= one.ends_on


def _rename_weeks(done: Import, lessons: Iterable[Any]) -> None:
    """Lessons that return follow a pattern that was renamed since, as those that stayed did."""
    pattern = WeekPattern.objects.filter(school_id=done.school_id).first()
    names = dict(zip(done.before.get("letters", ()), pattern.letters if pattern else (), strict=False))
    for lesson in lessons:
        lesson.week_letter = names.get(lesson.week_letter, lesson.week_letter)


def _put_lists_back(model: type[Imported], many: dict[int, dict[str, list[int]]]) -> None:
    """As far as what stood in the lists is still there."""
    there = {}
    for field in model._meta.local_many_to_many:
        wanted = {key for lists in many.values() for key in lists[field.name]}
        target = field.remote_field.model
        there[field.name] = set(target._base_manager.filter(pk__in=wanted).values_list("pk", flat=True))
    fill_lists(
        model,
        {pk: {name: [k for k in lists[name] if k in there[name]] for name in there} for pk, lists in many.items()},
    )


# ---- what an import makes besides ----------------------------------------------


def _put_pattern_back(done: Import) -> int:
    saved = done.before["pattern"]
    pattern = WeekPattern.objects.filter(school_id=done.school_id).first()
    if pattern is None or _by_hand(done, WeekPattern, [pattern.pk]):
        return 1
    if saved is None:
        pattern.delete()
        return 0
    pattern.letters, pattern.holidays_advance = saved["letters"], saved["holidays_advance"]
    pattern.anchor_on = dt.date.fromisoformat(saved["anchor_on"])
    pattern.save(update_fields=["letters", "holidays_advance", "anchor_on"])
    return 0


def _drop_unused(done: Import, model: type[Group | YearGroup], created: Iterable[int]) -> int:
    """What something else has come to lean on stays; a group without lessons is then put aside.

    Returns how many stayed.
    """
    keys = set(created)
    kept = _by_hand(done, model, keys)
    for relation in model._meta.get_fields(include_hidden=True):
        if isinstance(relation, models.ManyToOneRel) and relation.auto_created:
            leaning: Any = relation.related_model
            rows_on = leaning._base_manager.filter(**{f"{relation.field.name}__in": keys})
            kept |= set(rows_on.values_list(relation.field.attname, flat=True))
    rows = model._base_manager.filter(pk__in=keys)
    rows.exclude(pk__in=kept).delete()
    if model is Group:
        Group.objects.filter(pk__in=keys, lessons=None).update(is_active=False)
    return rows.count()
