"""What a session would cost each student by what they have places for already: so that nobody misses Maths four times.

A group is judged by the group's own placements. Named students are not: three of a class who were out twice have
missed what the others have not. Here each is judged by the placements they themselves are named for, and by the
lessons of every group they sit in.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence

from opportunities.models import Session
from placements.domain.fitting import fit_session
from placements.models import Placement, PlacementStudent
from schools.domain.compile import compile_school, group_key
from schools.domain.words import sentence
from schools.fit import CompiledCalendar, FitSession, Reason, fit, missed_on
from schools.models import Enrolment, School
from schools.travel import travel_minutes

#: What is said of a student; the rest is said of the group.
OF_A_STUDENT = frozenset({"subject_again", "subject_too_often", "times_this_term"})


def student_costs(
    school: School, students: Sequence[int], session: Session, *, now: dt.datetime, besides: Placement | None = None
) -> dict[int, list[str]]:
    """By student id, a sentence for each subject the session would take out once more in its term, and for a term
    that is full. Students without any are left out. `besides`: a placement that does not count, as it is the one
    being named for. Three statements, and the calendar's while it is not at hand, however many students.
    """
    compiled = compile_school(school).alone()  # a classmate's options are not this student's
    groups, placements = _groups(students, compiled), _placements(students, besides)
    travel = travel_minutes(school, session.opportunity.site)
    asked = fit_session(session, 1, travel)
    lessons = _Lessons(school, compiled)
    found = {}
    for student in students:
        keys = groups.get(student, ())
        reasons = _reasons(compiled, keys, asked, placements.get(student, []), lessons, now=now)
        if reasons:
            found[student] = [sentence(reason) for reason in reasons]
    return found


def _groups(students: Sequence[int], compiled: CompiledCalendar) -> dict[int, tuple[str, ...]]:
    """Keys of the groups each sits in, classes first."""
    rows = Enrolment.objects.filter(student__in=students, group__is_active=True)
    found: dict[int, tuple[str, ...]] = {}
    for student, group in rows.order_by("group__kind", "group").values_list("student", "group"):
        if group_key(group) in compiled.groups:
            found[student] = (*found.get(student, ()), group_key(group))
    return found


def _placements(students: Sequence[int], besides: Placement | None) -> dict[int, list[Placement]]:
    taking = Placement.objects.taking().exclude(pk=besides.pk if besides else None)
    rows = PlacementStudent.objects.filter(student__in=students, placement__in=taking.values("pk"))
    found: dict[int, list[Placement]] = {}
    rows = rows.select_related("placement__session__opportunity__site").prefetch_related("placement__session__days")
    for row in rows.order_by("pk"):
        found.setdefault(row.student_id, []).append(row.placement)
    return found


class _Lessons:
    """Lessons missed by placements, each worked out once for each set of groups."""

    def __init__(self, school: School, compiled: CompiledCalendar) -> None:
        self.school, self.compiled = school, compiled
        self._known: dict[tuple[int, tuple[str, ...]], Counter[str]] = {}

    def missed(self, placement: Placement, keys: tuple[str, ...]) -> Counter[str]:
        """By subject. A lesson listed for a class and for its set as well is one lesson."""
        known = self._known.get((placement.pk, keys))
        if known is None:
            session = placement.session
            away = fit_session(session, 1, travel_minutes(self.school, session.opportunity.site))
            known = Counter()
            for key in keys:
                for one in missed_on(self.compiled, key, away):
                    known[one.subject] = max(known[one.subject], one.count)
            self._known[placement.pk, keys] = known
        return known


def _reasons(
    compiled: CompiledCalendar, keys: tuple[str, ...], asked: FitSession, placements: Iterable[Placement],
    lessons: _Lessons, *, now: dt.datetime,
) -> list[Reason]:  # fmt: skip
    first = min(day for day, _start, _end in asked.days)
    term = next((term for term in compiled.year.terms if term.start <= first <= term.end), None)
    if term is None:
        return []
    zone = lessons.school.zone
    here = [one for one in placements if term.start <= one.session.starts_at.astimezone(zone).date() <= term.end]
    before: Counter[str] = sum((lessons.missed(one, keys) for one in here), Counter())
    found: dict[tuple[str, str], Reason] = {}
    for key in keys:
        judged = fit(compiled, key, asked, now=now, times_this_term=len(here), missed_before=before)
        for reason in judged.reasons:
            if reason.code in OF_A_STUDENT:
                found.setdefault((reason.code, str(reason.facts.get("subject", ""))), reason)
    return list(found.values())
