"""A new school year: everybody a year up, form groups by their name, the last year leaves. Shown first, and undone
with one button."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db import transaction
from django.utils.translation import gettext as _

from hubs.actors import Actor
from hubs.errors import Refused
from hubs.log import record
from hubs.words import days as days_of
from schools.domain.groups import HIGHEST_YEAR, guess_year, year_groups_for
from schools.domain.imports import lock
from schools.domain.people import Ledger
from schools.domain.rights import needs_keeper
from schools.models import Enrolment, Group, Import, School, Student, YearGroup

#: A second time within so many days is a mistake.
ONCE_IN_DAYS = 120


@dataclass(frozen=True)
class GroupMove:
    """`target`: name of the group its students go to, "" when they go to none. `exists`: it is there already."""

    group: Group
    students: int
    target: str
    exists: bool


@dataclass(frozen=True)
class RolloverPlan:
    """What a new year would do. `leaving_year`: number of the year group that leaves; None when nobody does."""

    school: School
    leaving_year: int | None
    years: tuple[tuple[YearGroup, int], ...]
    moves: tuple[GroupMove, ...]
    leavers: tuple[Student, ...]
    movers: tuple[Student, ...] = field(repr=False)
    earlier: Import | None = None

    @property
    def counts(self) -> dict[str, dict[str, int]]:
        new = sum(bool(move.target) and not move.exists for move in self.moves)
        return {
            "students": {"added": 0, "changed": len(self.movers), "removed": len(self.leavers)},
            "groups": {"added": new, "changed": sum(bool(move.target) for move in self.moves)},
        }


def next_name(name: str) -> str:
    """ "10A" → "11A", "Year 9 Red" → "Year 10 Red", "901" → "1001"; "" when it names no year."""
    year = guess_year(name)
    if year is None or year >= HIGHEST_YEAR:
        return ""
    hundreds = re.fullmatch(rf"(0?){year}(\d\d)", name)
    if hundreds:
        return f"{year + 1}{hundreds[2]}"
    return re.sub(rf"(?<!\d)0?{year}(?!\d)", str(year + 1), name, count=1) if str(year) in name else ""


def plan_rollover(
    school: School,
    *,
    now: dt.datetime,
    leaving_year: int | None = None,
    targets: Mapping[int, str] | None = None,
) -> RolloverPlan:
    """`leaving_year`: None takes the highest there is, 0 nobody. `targets`: id of a group → name of its next group, or
    ""; what is left out follows from the names. Writes nothing."""
    students = list(
        Student.objects.filter(school=school, left_on=None).exclude(year_group=None).select_related("year_group")
    )
    counted: dict[YearGroup, int] = {}
    for student in students:
        if student.year_group is not None:
            counted[student.year_group] = counted.get(student.year_group, 0) + 1
    numbers = [year.number for year in counted]
    last = (max(numbers, default=None) if leaving_year is None else leaving_year) or None
    leavers = tuple(s for s in students if s.year_group and last is not None and s.year_group.number >= last)
    gone = {student.pk for student in leavers}
    movers = tuple(s for s in students if s.pk not in gone and s.year_group and s.year_group.number < HIGHEST_YEAR)
    return RolloverPlan(
        school=school,
        leaving_year=last,
        years=tuple(sorted(counted.items(), key=lambda item: item[0].number)),
        moves=tuple(_moves(school, last, targets or {})),
        leavers=leavers,
        movers=movers,
        earlier=_earlier(school, now),
    )


def _earlier(school: School, now: dt.datetime) -> Import | None:
    since = now - dt.timedelta(days=ONCE_IN_DAYS)
    rows = Import.objects.filter(school=school, kind=Import.Kind.ROLLOVER, undone_at=None, imported_at__gte=since)
    return rows.defer("before").first()


def _moves(school: School, last: int | None, targets: Mapping[int, str]):
    groups = list(
        Group.objects.filter(school=school, is_active=True).exclude(year_group=None).select_related("year_group")
    )
    names = {group.key for group in groups}
    here = Enrolment.objects.filter(group__in=groups, student__left_on=None)
    sizes: dict[int, int] = {}
    for pk in here.values_list("group_id", flat=True):
        sizes[pk] = sizes.get(pk, 0) + 1
    for group in groups:
        if last is not None and group.year_group is not None and group.year_group.number >= last:
            continue
        guessed = next_name(group.key)
        # Option sets are chosen anew each year; only one that is there already is likely to be meant.
        usual = guessed if group.kind == Group.Kind.CLASS or guessed in names else ""
        target = " ".join(targets.get(group.pk, usual).split())[:60]
        if target == group.key:
            continue
        yield GroupMove(group, sizes.get(group.pk, 0), target, target in names)


def apply_rollover(plan: RolloverPlan, targets: Mapping[int, str], *, by: Actor, now: dt.datetime) -> Import:
    """Begin the new year, all of it or nothing. Raises `Refused` when it was begun lately already."""
    school = plan.school
    needs_keeper(school, by)
    with transaction.atomic():
        lock(school)
        plan = plan_rollover(school, now=now, leaving_year=plan.leaving_year or 0, targets=targets)
        if plan.earlier is not None:
            when = days_of(plan.earlier.imported_at)
            raise Refused(_("The new school year was begun on %(day)s already. Undo that first.") % {"day": when})
        done = Import.objects.create(
            hub_id=school.hub_id, school=school, kind=Import.Kind.ROLLOVER, format="rollover", sha256="",
            imported_by=by.user, imported_at=now, state=Import.State.DONE,
            mapping={"leaving_year": plan.leaving_year, "groups": {m.group.key: m.target for m in plan.moves}},
            summary={"counts": plan.counts},
        )  # fmt: skip
        done.before = _write(plan, today=now.astimezone(school.zone).date())
        done.save(update_fields=["before"])
        record(done, "imported", by=by, now=now, kind="rollover", counts=plan.counts)
    return done


def _write(plan: RolloverPlan, *, today: dt.date) -> dict:
    school, ledger = plan.school, Ledger()
    numbers = {year.number for year, _count in plan.years}
    known = set(YearGroup.objects.filter(school=school).values_list("number", flat=True))
    wanted = {n + 1 for n in numbers if n < HIGHEST_YEAR and (plan.leaving_year is None or n < plan.leaving_year)}
    years = year_groups_for(school, wanted)
    ledger.created["schools.yeargroup"] = [row.pk for number, row in years.items() if number not in known]
    going = {move.group.pk: move.target for move in plan.moves}
    left = {student.pk for student in plan.leavers}
    # The lists as they are before anything moves: 9A becomes 10A while 10A becomes 11A.
    rows = [
        (pk, student, group)
        for pk, student, group in Enrolment.objects.filter(group__school=school, student__left_on=None).values_list(
            "pk", "student_id", "group_id"
        )
        if group in going or student in left
    ]
    targets = _target_groups(plan, years, ledger)
    ledger.change_students((s, {"left_on": today}) for s in plan.leavers)
    ledger.change_students(
        (s, {"year_group_id": years[s.year_group.number + 1].pk}) for s in plan.movers if s.year_group
    )
    ledger.unenrol(rows)
    ledger.enrol((s, targets[going[g]].pk) for _pk, s, g in rows if s not in left and going.get(g))
    touched = {group for _pk, _student, group in rows} | {group.pk for group in targets.values()}
    ledger.count_groups(Group.objects.filter(pk__in=touched))
    return ledger.as_json()


def _target_groups(plan: RolloverPlan, years: Mapping[int, YearGroup], ledger: Ledger) -> dict[str, Group]:
    names = {move.target for move in plan.moves if move.target}
    there = {group.key: group for group in Group.objects.filter(school=plan.school, key__in=names)}
    fresh: dict[str, Group] = {}
    for move in plan.moves:
        if not move.target or move.target in there or move.target in fresh or move.group.year_group is None:
            continue
        number = guess_year(move.target) or move.group.year_group.number + 1
        fresh[move.target] = Group(
            hub_id=plan.school.hub_id, school=plan.school, key=move.target, name=move.target, kind=move.group.kind,
            year_group=years.get(number),
        )  # fmt: skip
    return {**there, **{group.key: group for group in ledger.create_groups(fresh.values())}}
