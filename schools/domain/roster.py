"""Importing class lists from a OneRoster archive: compare, ask, write, remember; a large one by a job."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from django.db import transaction

from hubs.actors import Actor
from hubs.log import record
from schools.domain import words_roster
from schools.domain.diff import Change, tally
from schools.domain.groups import guess_year, year_groups_for
from schools.domain.imports import lock, write
from schools.domain.people import Ledger
from schools.domain.rights import CannotApplyYet, CannotImport, needs_keeper
from schools.domain.roster_rows import (
    Classes,
    Lists,
    People,
    RosterChoices,
    compare_classes,
    compare_lists,
    compare_people,
    compare_terms,
    current_pairs,
    nothing_in,
    of_school,
)
from schools.models import Group, Import, School, Student, YearGroup
from schools.oneroster_types import Notice, ParsedRoster, pack_roster, unpack_roster
from schools.sandbox import CannotReadRoster, parse_roster_safely

#: So many rows are written while the person waits; more are a job's work.
DIRECT_ROWS = 5_000
MOST_GROUP = 400


@dataclass(frozen=True)
class RosterPlan:
    """What an archive would do to a school. Nothing is written until `apply_roster`.

    `asks_school`, `asks_order` and `asks_problems` must be answered first: which organisation of the file is this
    school, how it writes dates, and whether the rest may be loaded without the rows set aside. `unnamed`: students
    known by a number only, in groups whose list the file now gives.
    """

    school: School
    parsed: ParsedRoster
    file_name: str
    sha256: str
    choices: RosterChoices
    asks_school: bool
    asks_order: bool
    terms: tuple[Change, ...]
    classes: Classes
    people: People
    lists: Lists
    unnamed: tuple[Student, ...]
    problems: tuple[Notice, ...]
    problem_count: int
    warnings: tuple[str, ...] = field(default=())

    @property
    def asks_problems(self) -> bool:
        return bool(self.problem_count) and not self.choices.without_problems

    @property
    def is_settled(self) -> bool:
        return not self.asks_school and not self.asks_order and not self.asks_problems

    @property
    def is_large(self) -> bool:
        return self.parsed.rows > DIRECT_ROWS

    @property
    def nothing_in_it(self) -> bool:
        return not self.unnamed and nothing_in(
            self.terms, self.classes, self.people, self.lists, leavers=self.choices.leavers
        )

    @property
    def counts(self) -> dict[str, dict[str, int]]:
        people, classes, lists = self.people, self.classes, self.lists
        left = len(people.leavers) if self.choices.leavers else 0
        return {
            "students": {
                "added": len(people.new), "changed": len(people.changed), "same": people.same, "removed": left,
                "kept": len(people.kept),
            },
            "groups": {
                "added": len(classes.new), "changed": len(classes.matched), "same": classes.same,
                "removed": len(classes.gone), "kept": 0,
            },
            "lists": {
                "added": len(lists.add), "changed": 0, "same": lists.same, "removed": len(lists.remove), "kept": 0,
            },
            "terms": tally(self.terms),
        }  # fmt: skip


def read_roster(data: bytes, *, names: bool = False) -> ParsedRoster:
    """Read an archive in a process of its own. Raises `CannotImport`. `names`: take students' names along."""
    try:
        return parse_roster_safely(data, names=names)
    except CannotReadRoster as refusal:
        raise CannotImport(words_roster.roster_refusal(refusal), code=refusal.code) from refusal


def packed(parsed: ParsedRoster) -> bytes:
    """What is kept until confirmation: what was read, not the archive it was read from."""
    return zlib.compress(json.dumps(pack_roster(parsed), separators=(",", ":")).encode(), 6)


def unpacked(data: bytes) -> ParsedRoster:
    return unpack_roster(json.loads(zlib.decompress(data)))


def choices_from(saved: Mapping[str, Any]) -> RosterChoices:
    known = {name: saved[name] for name in RosterChoices.__dataclass_fields__ if name in saved}
    return RosterChoices(**{**known, "overwrite": tuple(saved.get("overwrite", ()))})


def digest_of(parsed: ParsedRoster) -> str:
    return hashlib.sha256(packed(parsed)).hexdigest()


def plan_roster(
    school: School,
    parsed: ParsedRoster,
    *,
    now: dt.datetime,
    choices: RosterChoices | None = None,
    file_name: str = "",
    sha256: str = "",
) -> RosterPlan:
    """Compare a roster with what is stored; writes nothing."""
    choices = choices or RosterChoices()
    key = choices.school or _own_key(school, parsed)
    order = parsed.dates or choices.order
    asks_school = len(parsed.schools) > 1 and not key
    mine = of_school(parsed, key) if not asks_school else parsed
    problems = list(parsed.problems)
    today = now.astimezone(school.zone).date()
    pairs = current_pairs(mine, order, today)
    terms = compare_terms(school, mine, order, problems)
    classes = compare_classes(school, mine, pairs, choices.classes)
    people = compare_people(school, mine, choices, _years_by_form(mine, pairs))
    lists = compare_lists(school, mine, pairs, classes)
    return RosterPlan(
        school=school,
        parsed=parsed,
        file_name=file_name[:160],
        sha256=sha256,
        choices=replace(choices, school=key),
        asks_school=asks_school,
        asks_order=not order,
        terms=terms,
        classes=classes,
        people=people,
        lists=lists,
        unnamed=_unnamed(classes, {group for _student, group in pairs}),
        problems=tuple(problems),
        problem_count=parsed.problem_count + len(problems) - len(parsed.problems),
        warnings=tuple(words_roster.roster_notice(notice) for notice in parsed.warnings),
    )


def _own_key(school: School, parsed: ParsedRoster) -> str:
    """The one organisation of the file with the school's number, or else with its name."""
    if len(parsed.schools) == 1:
        return parsed.schools[0].key
    by_number = [one.key for one in parsed.schools if school.number and one.identifier == school.number]
    by_name = [one.key for one in parsed.schools if one.name.casefold() == school.name.casefold()]
    found = by_number or by_name
    return found[0] if len(found) == 1 else ""


def _years_by_form(parsed: ParsedRoster, pairs: list[tuple[str, str]]) -> dict[str, int]:
    forms = {c.key: c.year or guess_year(c.title) for c in parsed.classes if c.homeroom}
    return {student: year for student, group in pairs if (year := forms.get(group))}


def _unnamed(classes: Classes, attended: set[str]) -> tuple[Student, ...]:
    """ "10A-01" and so on: the number typed for a group whose list is now known."""
    fresh = [group.pk for group, one in classes.matched if one.key in attended and not group.roster_key]
    return tuple(Student.objects.filter(groups__in=fresh, key="", name="", left_on=None).distinct().order_by("pk"))


# ---- writing ------------------------------------------------------------------


def apply_roster(plan: RosterPlan, *, by: Actor, now: dt.datetime) -> Import:
    """Write a plan, all of it or nothing. Raises `CannotApplyYet` while something must be said first."""
    needs_keeper(plan.school, by)
    if not plan.is_settled:
        raise CannotApplyYet(words_roster.roster_unsettled(plan.asks_school, plan.asks_order, plan.problem_count))
    with transaction.atomic():
        done = new_import(plan, by=by, now=now)
        done.state = Import.State.DONE
        done.save()
        carry_out(done, plan, by=by, now=now)
    return done


def new_import(plan: RosterPlan, *, by: Actor, now: dt.datetime) -> Import:
    """Not saved yet."""
    return Import(
        hub_id=plan.school.hub_id, school=plan.school, kind=Import.Kind.ROSTER,
        format=f"oneroster {plan.parsed.version}".strip()[:20], file_name=plan.file_name,
        sha256=plan.sha256 or digest_of(plan.parsed), imported_by=by.user, imported_at=now,
        mapping=asdict(plan.choices), summary={"counts": plan.counts, "rows": plan.parsed.rows},
    )  # fmt: skip


def carry_out(done: Import, plan: RosterPlan, *, by: Actor, now: dt.datetime) -> None:
    """In the caller's transaction: compares again under the lock, since somebody may have edited meanwhile."""
    lock(plan.school)
    plan = plan_roster(
        plan.school, plan.parsed, now=now, choices=plan.choices, file_name=plan.file_name, sha256=plan.sha256
    )
    ledger = Ledger()
    written = write(done, plan.terms)
    years = _years(plan, ledger)
    groups = _write_groups(plan, years, ledger)
    _write_students(plan, years, ledger, today=now.astimezone(plan.school.zone).date())
    _write_lists(plan, groups, ledger)
    people = ledger.as_json()
    done.before = {**written, "created": {**written["created"], **people["created"]}, "people": people["people"]}
    done.summary = {"counts": plan.counts, "rows": plan.parsed.rows}
    done.save(update_fields=["before", "summary"])
    record(done, "imported", by=by, now=now, kind="roster", counts=plan.counts)


def _years(plan: RosterPlan, ledger: Ledger) -> dict[int, YearGroup]:
    numbers = {year for _key, _name, year in plan.people.new if year}
    numbers |= {values["year"] for _row, values in plan.people.changed if "year" in values}
    numbers |= {year for _one, year in plan.classes.new if year}
    known = set(YearGroup.objects.filter(school=plan.school).values_list("number", flat=True))
    years = year_groups_for(plan.school, numbers)
    ledger.created["schools.yeargroup"] = [row.pk for number, row in years.items() if number not in known]
    return years


def _write_groups(plan: RosterPlan, years: Mapping[int, YearGroup], ledger: Ledger) -> dict[str, Group]:
    """Every group the file knows, by the key of its class."""
    taken = set(Group.objects.filter(school=plan.school).values_list("key", flat=True))
    fresh = []
    for one, year in plan.classes.new:
        key = next(key for key in _keys(one.title, one.code, one.key) if key not in taken)
        taken.add(key)
        fresh.append(
            Group(
                hub_id=plan.school.hub_id, school=plan.school, name=one.title[:60], key=key, roster_key=one.key[:120],
                kind=Group.Kind.CLASS if one.homeroom else Group.Kind.SET,
                year_group=years.get(year) if year else None,
            )
        )  # fmt: skip
    groups = {group.roster_key: group for group in ledger.create_groups(fresh)}
    for group, one in plan.classes.matched:
        ledger.change_group(group, roster_key=one.key[:120], is_active=True)
    for group in plan.classes.gone:
        ledger.change_group(group, is_active=False)
    return {**plan.classes.known, **groups}


def _keys(title: str, code: str, key: str):
    """Names for a new group, until one is free: its title, its code behind it, its number behind it."""
    yield title[:120]
    if code and code != title:
        yield f"{title[:80]} ({code[:36]})"
    yield f"{title[:60]} [{key[:56]}]"
    number = 1
    while True:
        number += 1
        yield f"{title[:100]} ({number})"


def _write_students(plan: RosterPlan, years: Mapping[int, YearGroup], ledger: Ledger, *, today: dt.date) -> None:
    school = plan.school
    aliases = _aliases(school)
    ledger.create_students(
        Student(
            hub_id=school.hub_id, school=school, alias=next(aliases), key=key, name=name,
            year_group=years.get(year) if year else None,
        )
        for key, name, year in plan.people.new
    )  # fmt: skip
    ledger.change_students((row, _fields(values, years)) for row, values in plan.people.changed)
    leaving = [*plan.unnamed, *(plan.people.leavers if plan.choices.leavers else ())]
    ledger.change_students((row, {"left_on": today}) for row in leaving)


def _fields(values: Mapping[str, Any], years: Mapping[int, YearGroup]) -> dict[str, Any]:
    found = {name: value for name, value in values.items() if name != "year"}
    return {**found, "year_group_id": years[values["year"]].pk} if "year" in values else found


def _aliases(school: School):
    """ "S-0001" and on: says nothing of the student and stays when the year changes."""
    taken = set(Student.objects.filter(school=school, alias__startswith="S-").values_list("alias", flat=True))
    number = 0
    while True:
        number += 1
        alias = f"S-{number:04}"
        if alias not in taken:
            yield alias


def _write_lists(plan: RosterPlan, groups: Mapping[str, Group], ledger: Ledger) -> None:
    ids = dict(Student.objects.filter(school=plan.school).exclude(key="").values_list("key", "pk"))
    pairs = [
        (ids[student], groups[group].pk) for student, group in plan.lists.add if student in ids and group in groups
    ]
    ledger.enrol(pairs)
    ledger.unenrol(plan.lists.remove)
    ledger.count_groups(groups.values())
