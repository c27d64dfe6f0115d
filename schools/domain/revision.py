"""Saying that a school's calendar is no longer the one it was.

Everything that was worked out from a calendar (its compiled form in the memory of each process, what
was found to clash with it) remembers the revision it was worked out from, and compares.
"""

from __future__ import annotations

import secrets

from schools.models import School


def calendar_changed(school: School | int) -> None:
    """Call it in the transaction that changes a term, closure, protected period, week, bell schedule,
    lesson, group, year group or release rule of the school, or who sits in which group."""
    revision = secrets.token_hex(8)
    School.objects.filter(pk=school if isinstance(school, int) else school.pk).update(calendar_revision=revision)
    if isinstance(school, School):
        school.calendar_revision = revision
