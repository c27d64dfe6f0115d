"""Who has had nothing yet: the question the whole hub turns on."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from placements.models import Encounter
from schools.models import Enrolment, Group, School


class Coverage(NamedTuple):
    """`without` of `students` in the group have attended nothing this academic year."""

    group: Group
    students: int
    without: int


def without_encounter(school: School, *, now: dt.datetime) -> list[Coverage]:
    """Classes with somebody left out, those with most first; two statements."""
    rows = (
        Enrolment.objects.filter(group__school=school, group__is_active=True, group__kind="class")
        .filter(student__left_on__isnull=True)
        .values("group")
        .annotate(students=Count("pk"), without=Count("pk", filter=~Q(had_one(school, now, "student"))))
        .filter(without__gt=0)
    )
    counted = {row["group"]: row for row in rows}
    groups = Group.objects.filter(pk__in=counted)
    found = [Coverage(g, counted[g.pk]["students"], counted[g.pk]["without"]) for g in groups]
    return sorted(found, key=lambda one: (-one.without, one.group.name))


def had_one(school: School, now: dt.datetime, student: str = "pk") -> Exists:
    """Whether the student at the path `student` has attended something this academic year."""
    first, last = school.hub.academic_year_of(school.hub.today(now))
    return Exists(
        Encounter.objects.filter(student=OuterRef(student), school=school, attended=True, on__range=(first, last))
    )


def class_list(group: Group, *, now: dt.datetime) -> QuerySet:
    """The group's students in the order of their aliases, each with `had_one`."""
    present = group.students.filter(left_on__isnull=True)
    return present.annotate(had_one=had_one(group.school, now)).order_by("alias", "pk")
