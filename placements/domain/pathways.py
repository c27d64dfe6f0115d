"""Where the students of a school stand on a pathway, from what they really had."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from employers.models import Employer
from opportunities.models import Pathway
from opportunities.pathways import Had, Report, judge
from opportunities.rules_pathways import UNACCOMPANIED, rules_of, steps_of
from placements.models import Encounter
from schools.models import Student

#: Fewer than fifty staff.
SMALL = frozenset({Employer.Size.SOLE, Employer.Size.MICRO, Employer.Size.SMALL})


class Walking(NamedTuple):
    student: Student
    report: Report


def progress(pathway: Pathway, students: Iterable[Student], *, today: dt.date) -> list[Walking]:
    """The report of each student (with `year_group` at hand), in the order given; three statements.

    Whatever was attended counts, this year or before, brokered or not. A student without a year is late
    with nothing.
    """
    students = list(students)
    past = _past(students)
    steps, rules = steps_of(pathway), rules_of(pathway)
    return [Walking(one, judge(steps, past[one.pk], rules, year=_year(one), today=today)) for one in students]


def _year(student: Student) -> int | None:
    return student.year_group.number if student.year_group else None


def _past(students: list[Student]) -> dict[int, list[Had]]:
    rows = (
        Encounter.objects.filter(student__in=students, attended=True)
        .select_related("encounter_type", "employer", "placement__session__opportunity")
        .prefetch_related("employer__sectors", "placement__session__opportunity__sectors")
    )
    found: dict[int, list[Had]] = defaultdict(list)
    for row in rows.order_by("on", "pk"):
        found[row.student_id].append(_had(row))
    return found


def _had(row: Encounter) -> Had:
    kind, offer = row.encounter_type, row.placement.session.opportunity if row.placement else None
    sectors = offer.sectors.all() if offer else row.employer.sectors.all() if row.employer else ()
    return Had(
        on=row.on,
        type=kind.code,
        hours=float(row.hours or kind.hours),
        sectors=frozenset(one.code for one in sectors),
        opportunity=offer.pk if offer else None,
        small_employer=bool(row.employer and row.employer.size in SMALL),
        unaccompanied=kind.tier in UNACCOMPANIED,
    )
