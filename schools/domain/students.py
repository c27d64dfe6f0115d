"""Single students: adding from a list, changing, leaving. The least that works is kept of each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hubs.actors import Actor
from hubs.errors import Refused
from hubs.log import record
from schools.domain.groups import year_groups_for
from schools.domain.imports import lock
from schools.domain.people import Ledger, sizes_of
from schools.domain.rights import needs_keeper
from schools.models import Enrolment, Group, School, Student
from schools.student_list import ListedStudent, ListProblem

#: What a person may change. `year`: a number or None; `groups`: rows of the same school.
FIELDS = ("alias", "name", "is_priority", "shared_needs")


def list_problem(problem: ListProblem) -> str:
    """Which line of a pasted list cannot be read, and how to mend it."""
    words = {
        "no_alias": _("Line %(line)s has nothing in its first column. Write what you call the student there."),
        "long_alias": _("Line %(line)s: “%(value)s…” is too long; 40 characters at most."),
        "twice": _("Line %(line)s: “%(value)s” is in the list twice. Give each student a name of their own."),
        "bad_year": _("Line %(line)s: “%(value)s” is no year group. Write a number from 1 to 13."),
        "too_many_lines": _("The list has more than %(value)s lines. Paste it in parts."),
        "bad_quote": _("Line %(line)s has a quotation mark that is never closed."),
    }
    return words[problem.code] % {"line": problem.line, "value": problem.value}


def unknown_groups(school: School, listed: Iterable[ListedStudent]) -> list[str]:
    """Groups of a list the school does not have, in the order they come."""
    known = _groups_by_name(school)
    names = dict.fromkeys(name for one in listed for name in one.groups)
    return [name for name in names if name.casefold() not in known]


def _groups_by_name(school: School) -> dict[str, Group]:
    rows = list(Group.objects.filter(school=school))
    return {row.key.casefold(): row for row in rows} | {row.name.casefold(): row for row in rows}


def add_listed(school: School, listed: Sequence[ListedStudent], *, by: Actor, now: dt.datetime) -> tuple[int, int]:
    """(added, changed). A student of the same alias is brought up to date, not doubled; groups are only joined.

    Raises `Refused` when a group is unknown.
    """
    needs_keeper(school, by)
    missing = unknown_groups(school, listed)
    if missing:
        raise Refused(
            ngettext("There is no group %(names)s.", "There are no groups %(names)s.", len(missing))
            % {"names": ", ".join(f"“{name}”" for name in missing[:6])}
        )
    with transaction.atomic():
        lock(school)
        groups = _groups_by_name(school)
        years = year_groups_for(school, {one.year for one in listed if one.year})
        stored = {row.alias.casefold(): row for row in Student.objects.filter(school=school)}
        ledger, fresh, changes = Ledger(), [], []
        for one in listed:
            values = _listed_values(one, {number: row.pk for number, row in years.items()})
            row = stored.get(one.alias.casefold())
            if row is None:
                row = Student(hub_id=school.hub_id, school=school, alias=one.alias, **values)
                stored[one.alias.casefold()] = row
                fresh.append(row)
            elif any(getattr(row, name) != value for name, value in values.items()):
                changes.append((row, {**values, "edited": True}))
        ledger.create_students(fresh)
        ledger.change_students(changes)
        joined = [groups[name.casefold()] for one in listed for name in one.groups]
        ledger.enrol(
            (stored[one.alias.casefold()].pk, groups[name.casefold()].pk) for one in listed for name in one.groups
        )
        ledger.count_groups({group.pk: group for group in joined}.values())
        record(school, "students_added", by=by, now=now, added=len(fresh), changed=len(changes))
    return len(fresh), len(changes)


def _listed_values(one: ListedStudent, years: Mapping[int, int]) -> dict[str, Any]:
    """Only what the list says: an empty cell takes nothing away."""
    values: dict[str, Any] = {"left_on": None}
    if one.year:
        values["year_group_id"] = years[one.year]
    if one.name:
        values["name"] = one.name
    if one.priority is not None:
        values["is_priority"] = one.priority
    if one.needs:
        values["shared_needs"] = one.needs
    return values


def save_student(
    school: School, values: Mapping[str, Any], *, by: Actor, now: dt.datetime, student: Student | None = None
) -> Student:
    """Add a student, or change one: FIELDS, `year` and `groups`, whichever are given.

    The log says that something changed, never to what. Raises `Refused` on an alias that is taken.
    """
    needs_keeper(student or school, by)
    try:
        with transaction.atomic():
            lock(school)
            row = student or Student(hub_id=school.hub_id, school=school)
            for name in FIELDS:
                if name in values:
                    setattr(row, name, values[name])
            if "year" in values:
                year = values["year"]
                row.year_group = year_groups_for(school, {year})[year] if year else None
            row.edited = student is not None
            row.save()
            if "groups" in values:
                _set_groups(row, values["groups"])
            record(row, "changed" if student else "added", by=by, now=now)
    except IntegrityError as clash:
        sentence = _("There is a student called “%(alias)s” already. Choose another alias.")
        raise Refused(sentence % {"alias": values.get("alias", "")}, code="alias_taken") from clash
    return row


def _set_groups(student: Student, groups: Iterable[Group]) -> None:
    wanted = {group.pk for group in groups if group.school_id == student.school_id}
    there = set(Enrolment.objects.filter(student=student).values_list("group_id", flat=True))
    Enrolment.objects.filter(student=student, group__in=there - wanted).delete()
    Enrolment.objects.bulk_create([Enrolment(student=student, group_id=pk) for pk in sorted(wanted - there)])
    _recount(there ^ wanted)


def _recount(groups: Iterable[int]) -> None:
    touched = sorted(groups)
    sizes = sizes_of(touched)
    for pk in touched:
        Group.objects.filter(pk=pk).update(size=min(sizes.get(pk, 0), 400))


def leave(student: Student, *, on: dt.date, by: Actor, now: dt.datetime) -> None:
    """The student has left. Nothing they are named for is called off: see `people.standing`."""
    _set_left(student, on, "left", by=by, now=now)


def come_back(student: Student, *, by: Actor, now: dt.datetime) -> None:
    _set_left(student, None, "came_back", by=by, now=now)


def _set_left(student: Student, on: dt.date | None, verb: str, *, by: Actor, now: dt.datetime) -> None:
    needs_keeper(student, by)
    with transaction.atomic():
        lock(student.school)
        was = Student.objects.filter(pk=student.pk, left_on__isnull=on is not None)
        if was.update(left_on=on, edited=True):
            student.left_on = on
            _recount(Enrolment.objects.filter(student=student).values_list("group_id", flat=True))
            record(student, verb, by=by, now=now)
