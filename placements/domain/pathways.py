"""Where the students of a school stand on a pathway, from what they really had."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from employers.models import Employer
from hubs.models import Hub
from opportunities.models import Pathway, PathwayStep, Session
from opportunities.pathways import Had, Report, assign, judge, reasons
from opportunities.pathways_words import sentence
from opportunities.rules_pathways import UNACCOMPANIED, names_of, rules_of, steps_of
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


class Prerequisites:
    """What the hub's published pathways ask to come first, and what these students had; read once.

    A session is a step of a pathway when it is of the step's kind, sector and opportunity, by an employer who
    offers the pathway. One that no employer offers is the hub's guide to a whole school life: it keeps nobody from
    a day, save from an opportunity it names. Who may take the step in one pathway may come: pathways are several roads.
    """

    def __init__(self, hub: Hub, students: Iterable[Student]) -> None:
        self.students = list(students)
        self._pathways = list(Pathway.objects.filter(hub=hub, state="published").with_all()) if self.students else []
        self._past = _past(self.students) if self._pathways else {}

    def keep(self, session: Session) -> dict[Student, str]:
        """Students who cannot come on the session's first day yet, each with why, in a sentence."""
        roads = [(row, number) for row in self._pathways for number in steps_done_by(row, session)]
        found: dict[Student, str] = {}
        for student in self.students if roads else ():
            past = [one for one in self._past[student.pk] if one.on < session.first_on]
            why = [_why(row, number, past, session.first_on) for row, number in roads]
            if all(why):
                found[student] = why[0]
        return found

    def keep_from(self, step: PathwayStep) -> dict[Student, str]:
        """Students who cannot take the step, however long they wait, each with why: something has to come first."""
        for row in self._pathways:
            numbers = [number for number, one in enumerate(row.steps.all()) if one.pk == step.pk]
            if numbers and (row.employers.all() or step.opportunity_id):
                why = {one: _why(row, numbers[0], self._past[one.pk], dt.date.max) for one in self.students}
                return {one: sentence for one, sentence in why.items() if sentence}
        return {}


def _why(pathway: Pathway, number: int, past: list[Had], today: dt.date) -> str:
    """What keeps somebody with this past from the step on that day, in sentences."""
    steps, rules, names = steps_of(pathway), rules_of(pathway), names_of(pathway)
    by = assign(steps, past)
    before = past[by[number - 1]] if number - 1 in by else None
    found = reasons(steps[number], past, rules, before=before, today=today)
    return " ".join(sentence(one, names) for one in found)


def steps_done_by(pathway: Pathway, session: Session, *, guide: bool = False) -> list[int]:
    """The numbers of the steps, from 0, that the session does. With `guide`, those of a pathway no employer offers,
    which binds nobody, as well."""
    offer, employers = session.opportunity, pathway.employers.all()
    offered = session.employer_id in {one.pk for one in employers}
    if employers and not offered:
        return []
    sectors, any_offer = {one.pk for one in offer.sectors.all()}, offered or (guide and not employers)
    return [
        number
        for number, step in enumerate(pathway.steps.all())
        if step.encounter_type_id == offer.encounter_type_id
        and (step.opportunity_id == offer.pk or (any_offer and step.opportunity_id is None))
        and (step.sector_id is None or step.sector_id in sectors)
    ]


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
