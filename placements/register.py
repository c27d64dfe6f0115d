"""Who comes, and who was there: the same on the employer's page and on the page of the day."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from placements.forms_employer import PresenceForm
from placements.models import Placement
from placements.models.placement import NAMES_KNOWN

#: How long after the last day the employer's side still sees who came. Source: what hubs
#: agree for shared needs, 30 days; names need no longer than the feedback does.
KNOWN_FOR = dt.timedelta(days=30)
MARKABLE = ("ready", "under_way")


@dataclass(frozen=True)
class Guest:
    """One student as the employer may know them. `needs` is worded by the school for it."""

    pk: int
    name: str
    needs: str


@dataclass(frozen=True)
class RegisterDay:
    """One day of the register, in the session's wall-clock time; `form` when it may be marked
    now. `here` counts once marked."""

    on: dt.date
    starts: dt.time
    ends: dt.time
    guests: list[Guest]
    form: PresenceForm | None
    marked: bool
    here: int


def may_know(placement: Placement, now: dt.datetime) -> bool:
    """Whether the employer's side sees names: from acceptance to the end of `KNOWN_FOR`."""
    return placement.state in NAMES_KNOWN and now < placement.session.ends_at + KNOWN_FOR


def is_over(placement: Placement, now: dt.datetime) -> bool:
    """Whether it took place and the last day has ended: time to ask how it was."""
    return placement.state == "completed" or (placement.state == "under_way" and placement.ends_at <= now)


def guests(placement: Placement, now: dt.datetime) -> list[Guest]:
    """The students by name, or alias where the school gave none; nobody before acceptance."""
    if not may_know(placement, now):
        return []
    rows = placement.students.select_related("student").order_by("student__name", "student__alias", "pk")
    return [_guest(row.student) for row in rows]


def _guest(student) -> Guest:
    return Guest(student.pk, student.name or student.alias, student.shared_needs)


def register(placement: Placement, now: dt.datetime, data=None) -> list[RegisterDay]:
    """The days in order; `data` is what was posted, bound to the day it names."""
    if not may_know(placement, now):
        return []
    zone = placement.session.zone
    days: dict[dt.date, list] = {}
    rows = placement.student_days.select_related("student").order_by("starts_at", "student__name", "student__alias")
    if placement.state in MARKABLE:
        rows = rows.filter(live=True)  # days after an early end are nobody's
    for row in rows:
        days.setdefault(row.starts_at.astimezone(zone).date(), []).append(row)
    return [_day(placement, on, days[on], now, data) for on in sorted(days)]


def _day(placement: Placement, on: dt.date, rows: list, now: dt.datetime, data) -> RegisterDay:
    zone = placement.session.zone
    here = [row.student_id for row in rows if row.present]
    expected = [_guest(row.student) for row in rows]
    form = None
    if placement.state in MARKABLE and min(row.starts_at for row in rows) <= now:
        bound = data if data is not None and data.get("day") == on.isoformat() else None
        choices = [(guest.pk, guest.name) for guest in expected]
        form = PresenceForm(bound, students=choices, initial={"day": on, "present": here}, auto_id=f"id_{on}_%s")
    return RegisterDay(
        on=on,
        starts=min(row.starts_at for row in rows).astimezone(zone).time(),
        ends=max(row.ends_at for row in rows).astimezone(zone).time(),
        guests=expected,
        form=form,
        marked=all(row.present is not None for row in rows),
        here=len(here),
    )


def posted_day(days: list[RegisterDay]) -> RegisterDay | None:
    """The day whose form was sent, or None when it is not one that may be marked."""
    return next((day for day in days if day.form is not None and day.form.is_bound), None)
