"""What a person took out of the calendar: a later file shows it as such and does not bring it back unasked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from typing import Any

from django.utils.dates import WEEKDAYS

from schools.domain.diff import Wanted, stable_key
from schools.models import Lesson, School, TakenOut
from schools.models.calendar import Imported


def take_out(rows: Iterable[Imported], *, now: dt.datetime) -> None:
    """Remember rows of a file that go by hand; call it in the transaction that deletes them."""
    for row in rows:
        if row.key:
            TakenOut.objects.update_or_create(
                school_id=row.school_id,
                kind=row._meta.label_lower,
                key=_key(type(row), row.key, getattr(row, "group_id", None)),
                defaults={"hub_id": row.hub_id, "what": what_it_was(row)[:160], "taken_at": now},
            )


def taken_out(school: School, model: type[Imported]) -> Callable[[Wanted], TakenOut | None]:
    """Which of the rows a file asks for somebody took out; one query."""
    rows = {row.key: row for row in TakenOut.objects.filter(school=school, kind=model._meta.label_lower)}
    return lambda one: rows.get(_key(model, one.key, one.values.get("group_id")))


def _key(model: type[Imported], key: str, group: int | None) -> str:
    return stable_key(f"{group}/{key}") if issubclass(model, Lesson) else key


def what_it_was(row: Any) -> str:
    if isinstance(row, Lesson):
        when = f"{WEEKDAYS[row.weekday]} {row.starts_at:%H:%M} {row.week_letter}"
        return f"{row.subject}, {row.group}, {when}".strip()
    return f"{row}, {row.starts_on.isoformat()}" if hasattr(row, "starts_on") else str(row)
