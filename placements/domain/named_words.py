"""Words that belong to no placement of a student and may still name them: what the hub noted of calls, why sessions
were to move, reasons in the log.

A first name may be anybody's there. So a text is a student's where two parts of the name stand in it, or the only
one there is with the alias, or in a note about their school the alias alone. One name in a note about the school, or
about an employer they were with, or about moving a session they were to come to, is for a person to read; anywhere
else it is nobody's.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from hubs.models import LogEntry, Note
from placements.domain import free_words
from placements.domain.free_words import Said, Words, mentions, names_of
from placements.models import PlacementStudent, SessionMove
from schools.models import Student


def _none(requests: QuerySet, placements: QuerySet) -> QuerySet:
    """They are found by name, and hang from no request."""
    return Note.objects.none()


def empty_notes(keys: list[int]) -> None:
    """That somebody was in touch, who and when, stays; so does the day to be in touch again."""
    Note.objects.filter(pk__in=keys).update(text="")


def empty_moves(keys: list[int]) -> None:
    SessionMove.objects.filter(pk__in=keys).update(reason="")


NOTES = Words(_("note of the hub"), _none, lambda row: row.text, empty_notes)
MOVES = Words(_("move of a session"), _none, lambda row: row.reason, empty_moves)
LOG = Words(_("log"), _none, lambda row: row.reason, free_words.empty_log)


def of_student(student: Student) -> list[Said]:
    """All that was said freely and is or may be about the student, wherever it stands."""
    found = free_words.of_student(student)
    known = {(one.words.empty, one.pk) for one in found}
    return found + [one for one in _beside(student) if (one.words.empty, one.pk) not in known]


def _beside(student: Student) -> Iterator[Said]:
    with_them = PlacementStudent.objects.filter(student=student).order_by()
    employers = set(with_them.values_list("placement__employer", flat=True))
    sessions = set(with_them.values_list("placement__session", flat=True))
    for row in _naming(Note.objects.filter(hub=student.hub_id), "text", student):
        own = row.organisation_id == student.school_id
        yield from _judged(NOTES, row, row.text, student, own=own, near=own or row.organisation_id in employers)
    for row in _naming(SessionMove.objects.filter(hub=student.hub_id), "reason", student):
        yield from _judged(MOVES, row, row.reason, student, near=row.session_id in sessions)
    for row in _naming(LogEntry.objects.filter(hub=student.hub_id), "reason", student):
        yield from _judged(LOG, row, row.reason, student, near=False)


def _naming(rows: QuerySet, column: str, student: Student) -> QuerySet:
    """Rows in which one of the names stands as letters; whether as a word is judged after."""
    wanted = Q(pk=None)
    for name in names_of(student):
        wanted |= Q(**{f"{column}__icontains": name})
    return rows.filter(wanted).order_by("pk")


def _judged(words: Words, row: Model, text: str, student: Student, *, own: bool = False, near: bool) -> Iterator[Said]:
    names = [one for one in names_of(student) if mentions(text, [one])]
    if len(names) > 1 or (own and student.alias in names):
        yield Said(words, row.pk, text, True)
    elif near and names and names != [student.alias]:
        yield Said(words, row.pk, text, False)
