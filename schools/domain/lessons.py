"""A group's lessons, changed by hand. What a person typed, a later file shows as theirs and leaves alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from django.db import transaction
from django.utils.translation import gettext as _

from hubs.actors import Actor
from hubs.errors import Refused
from hubs.log import record
from schools.domain.imports import lock
from schools.domain.removals import take_out
from schools.domain.revision import calendar_changed
from schools.domain.rights import needs_keeper
from schools.models import Group, Lesson, WeekPattern

LONGEST_SUBJECT = 120
MOST_AT_ONCE = 6


class Cell(NamedTuple):
    """A place in the week: weekday (0 is Monday) and local times."""

    weekday: int
    starts: dt.time
    ends: dt.time


def set_lessons(group: Group, letter: str, cells: Mapping[Cell, Sequence[str]], *, by: Actor, now: dt.datetime) -> int:
    """Make these places of the week hold these subjects and no other; how many lessons changed.

    `letter`: a week of the pattern, "" for what is taught every week. An empty list frees the place.
    Places that are not named stay as they are. All of it or nothing.
    """
    needs_keeper(group, by)
    _check(group, letter, cells)
    with transaction.atomic():
        lock(group.school)
        changed = sum(_set(group, letter, cell, list(subjects), now) for cell, subjects in cells.items())
        if changed:
            record(group, "lessons_changed", by=by, now=now, lessons=changed, week=letter)
            calendar_changed(group.school_id)
    return changed


def _check(group: Group, letter: str, cells: Mapping[Cell, Sequence[str]]) -> None:
    pattern = WeekPattern.objects.filter(school=group.school_id).first()
    if letter and letter not in (pattern.letters if pattern else ()):
        raise Refused(_("Week %(letter)s is not in the school's pattern.") % {"letter": letter})
    for cell, subjects in cells.items():
        if cell.ends <= cell.starts:
            raise Refused(_("A lesson ends after it begins. Check the times."))
        if len(subjects) > MOST_AT_ONCE:
            raise Refused(_("At most %(n)s lessons at the same time.") % {"n": MOST_AT_ONCE})
        if len(set(subjects)) != len(subjects):
            raise Refused(_("Write each subject once at a time of the week."))
        if any(not subject or len(subject) > LONGEST_SUBJECT for subject in subjects):
            raise Refused(_("A subject has 1 to %(n)s characters.") % {"n": LONGEST_SUBJECT})


def _set(group: Group, letter: str, cell: Cell, subjects: list[str], now: dt.datetime) -> int:
    """One place. A lesson that is merely called something else keeps its room and its key in the file."""
    rows = Lesson.objects.filter(
        group=group, week_letter=letter, weekday=cell.weekday, starts_at=cell.starts, ends_at=cell.ends
    )
    kept, spare = set(), []
    for row in rows.order_by("pk"):
        if row.subject in subjects and row.subject not in kept:
            kept.add(row.subject)
        else:
            spare.append(row)
    new = [subject for subject in subjects if subject not in kept]
    for row, subject in zip(spare, new, strict=False):
        row.subject, row.edited = subject, True
        row.save(update_fields=["subject", "edited"])
    take_out(spare[len(new) :], now=now)
    Lesson.objects.filter(pk__in=[row.pk for row in spare[len(new) :]]).delete()
    Lesson.objects.bulk_create(
        Lesson(
            hub_id=group.hub_id, school_id=group.school_id, group=group, subject=subject, weekday=cell.weekday,
            week_letter=letter, starts_at=cell.starts, ends_at=cell.ends, edited=True,
        )
        for subject in new[len(spare) :]
    )  # fmt: skip
    return max(len(new), len(spare))
