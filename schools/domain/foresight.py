"""What a file would hit: what is asked for or agreed and would no longer be allowed, said before anybody confirms."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache, singledispatch

from django.db import transaction

from hubs.actors import Actor
from hubs.errors import Refused
from schools.domain.calendar import CalendarPlan, apply_calendar_import
from schools.domain.compile import compile_rows, compile_school, read_rows
from schools.domain.roster import RosterPlan, apply_roster
from schools.domain.timetable import TimetablePlan, apply_timetable_import
from schools.fit import CompiledCalendar
from schools.models import Group, Import, School

Plan = CalendarPlan | TimetablePlan | RosterPlan


@dataclass(frozen=True)
class Hit:
    """One thing a school has coming that its calendar would not allow any more, in words. `kind`: whose page says
    more, with `pk`."""

    kind: str
    pk: int
    what: str
    when: str
    who: str
    state: str
    why: str

    @property
    def page(self) -> str:
        return f"school-{self.kind}"


@dataclass(frozen=True)
class Future:
    """A school as a file would leave it. `aside`: ids of the groups that only then are put aside."""

    compiled: CompiledCalendar
    aside: frozenset[int]


Foretell = Callable[[], Future | None]
#: Asked before a file is loaded: the school, what tells its future (None while that cannot be known), and now. Upper
#: floors add to it. To tell the future costs as much as loading the file: ask for it only when something is coming.
COMING: list[Callable[[School, Foretell, dt.datetime], Sequence[Hit]]] = []


def would_hit(plan: Plan, *, by: Actor, now: dt.datetime) -> list[Hit]:
    """What loading the file would hit; nothing while it still asks a question that decides it. Writes nothing."""
    foretell = cache(lambda: _future(plan, by, now))
    return [hit for asked in COMING for hit in asked(plan.school, foretell, now)]


def _future(plan: Plan, by: Actor, now: dt.datetime) -> Future | None:
    """The school after the file: loaded as it would be, looked at, and taken back. What was not said yet of single
    lines or events is taken to be "without them". Nobody waits here for class lists that a job is loading for
    minutes: the job that looks at changed calendars says it then."""
    school = School.objects.select_related("hub").get(pk=plan.school.pk)
    if Import.objects.filter(school=school, state__in=(Import.State.WAITING, Import.State.RUNNING)).exists():
        return None
    active = set(Group.objects.filter(school=school, is_active=True).values_list("pk", flat=True))
    if isinstance(plan, RosterPlan) and plan.is_large:
        # Minutes of writing; a list of students changes dates only where the school has none.
        return Future(compile_school(school), frozenset(group.pk for group in plan.classes.gone))
    try:
        with transaction.atomic():
            _load(plan, school, by, now)
            compiled = compile_rows(read_rows(school))
            still = set(Group.objects.filter(school=school, is_active=True).values_list("pk", flat=True))
            transaction.set_rollback(True)
    except Refused:
        return None
    return Future(compiled, frozenset(active - still))


@singledispatch
def _load(plan: Plan, school: School, by: Actor, now: dt.datetime) -> None:
    raise TypeError(plan)


@_load.register
def _(plan: CalendarPlan, school: School, by: Actor, now: dt.datetime) -> None:
    apply_calendar_import(replace(plan, school=school, without_problems=True), by=by, now=now)


@_load.register
def _(plan: TimetablePlan, school: School, by: Actor, now: dt.datetime) -> None:
    answers = replace(plan.answers, without_problems=True)
    apply_timetable_import(replace(plan, school=school, answers=answers), by=by, now=now)


@_load.register
def _(plan: RosterPlan, school: School, by: Actor, now: dt.datetime) -> None:
    apply_roster(replace(plan, school=school, choices=replace(plan.choices, without_problems=True)), by=by, now=now)
