"""One student's ledger, and what a school's groups have had."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from opportunities.models import FLAGS
from opportunities.models.types import Stage
from placements.entitlements import HOURS, Entitlement, Had, Standing, rules_of, standings
from placements.models import Encounter
from schools.models import Enrolment, Group, School, Student


@dataclass(frozen=True)
class Ledger:
    """`encounters` newest first; `hours` of those attended; the counts are of those attended."""

    student: Student
    encounters: list[Encounter]
    hours: Decimal
    types: list[tuple[str, int]]
    sectors: list[tuple[str, int]]
    flags: list[tuple[str, int]]
    standings: list[Standing]


def ledger_of(student: Student, *, now: dt.datetime) -> Ledger:
    """Everything one student had, and what is missing of what they are entitled to."""
    rows = list(
        Encounter.objects.filter(student=student, school_id=student.school_id)
        .select_related("encounter_type", "employer", "placement__session__opportunity")
        .prefetch_related("employer__sectors")
        .order_by("-on", "-pk")
    )
    attended = [row for row in rows if row.attended]
    return Ledger(
        student=student,
        encounters=rows,
        hours=sum((row.hours for row in attended), Decimal(0)),
        types=Counter(row.encounter_type.name for row in attended).most_common(),
        sectors=_sectors(attended),
        flags=[(str(words), sum(bool(getattr(row, name)) for row in attended)) for name, words in FLAGS.items()],
        standings=_standings(student.school, attended, _turns(student), now),
    )


def stages(ledger: Ledger) -> list[dict]:
    """The columns of portal/pieces/ledger.html."""
    by_stage = defaultdict(list)
    for row in reversed(ledger.encounters):
        if row.attended:
            by_stage[row.encounter_type.stage].append(
                {"title": _title(row), "when": row.on, "meaningful": row.meaningful, "words": _lacking(row)}
            )
    return [{"name": stage.label, "encounters": by_stage[stage.value], "gaps": []} for stage in Stage]


def _title(row: Encounter) -> str:
    return f"{row.encounter_type.name}, {row.employer.name}" if row.employer else row.encounter_type.name


def _lacking(row: Encounter) -> str:
    """Which of the flags its type asks for is not known to be true."""
    missing = [name for name in row.encounter_type.required_flags if not getattr(row, name)]
    if not missing:
        return ""
    return _("Not known: %(flags)s") % {"flags": "; ".join(str(FLAGS[name]) for name in missing if name in FLAGS)}


def _sectors(rows: Iterable[Encounter]) -> list[tuple[str, int]]:
    return Counter(sector.name for row in rows if row.employer for sector in row.employer.sectors.all()).most_common()


def _turns(student: Student) -> int | None:
    return student.year_group.age if student.year_group else None


#: What `Had` is made of, in its order.
HAD = ("on", "hours", "meaningful", "encounter_type__is_workplace")


def _had(row: Encounter) -> Had:
    return Had(row.on, row.hours, row.meaningful, row.encounter_type.is_workplace)


def _standings(school: School, rows: Iterable[Encounter], turns: int | None, now: dt.datetime) -> list[Standing]:
    hub = school.hub
    today = hub.today(now)
    rules = rules_of(hub.jurisdiction, today)
    return standings(rules, [_had(row) for row in rows], turns=turns, year=hub.academic_year_of(today))


def missing_words(standing: Standing) -> str:
    """ "12 hours are missing"; "" when it is met."""
    if standing.met:
        return ""
    number = standing.missing.normalize()
    shown = f"{number:f}"
    if standing.entitlement.kind == HOURS:
        return ngettext("%(n)s hour is missing", "%(n)s hours are missing", 1 if number == 1 else 2) % {"n": shown}
    return ngettext("%(n)s is missing", "%(n)s are missing", int(number)) % {"n": shown}


# ---- Groups ----------------------------------------------------------------------------


@dataclass
class GroupCoverage:
    """A class, and for each rule how many of its students have met it."""

    group: Group
    students: list[Student] = field(default_factory=list)
    nothing: list[Student] = field(default_factory=list)
    hours: Decimal = Decimal(0)
    met: dict[str, int] = field(default_factory=dict)

    @property
    def mean_hours(self) -> Decimal:
        return (self.hours / len(self.students)).quantize(Decimal("0.1")) if self.students else Decimal(0)


def coverage_of(school: School, *, now: dt.datetime) -> tuple[list[Entitlement], list[GroupCoverage]]:
    """The rules in force, and every class in use with those who have had nothing this year; two
    statements, however many students there are."""
    today = school.hub.today(now)
    rules, year = rules_of(school.hub.jurisdiction, today), school.hub.academic_year_of(today)
    had: dict[int, list[Had]] = defaultdict(list)
    attended = Encounter.objects.filter(school=school, attended=True).order_by("pk")
    for student, *what in attended.values_list("student_id", *HAD):  # a school has thousands: no rows are made of them
        had[student].append(Had(*what))
    found: dict[int, GroupCoverage] = {}
    for enrolment in _enrolled(school):
        one = found.setdefault(enrolment.group_id, GroupCoverage(enrolment.group, met={rule.code: 0 for rule in rules}))
        _count(one, enrolment.student, had[enrolment.student_id], rules, year)
    return rules, list(found.values())


def _enrolled(school: School):
    rows = Enrolment.objects.filter(group__school=school, group__is_active=True, group__kind="class")
    rows = rows.filter(student__left_on__isnull=True).select_related("group__year_group", "student__year_group")
    return rows.order_by("group__year_group__number", "group__name", "group_id", "student__alias", "pk")


def _count(
    one: GroupCoverage,
    student: Student,
    had: Sequence[Had],
    rules: Sequence[Entitlement],
    year: tuple[dt.date, dt.date],
) -> None:
    one.students.append(student)
    first, last = year
    if not any(first <= each.on <= last for each in had):
        one.nothing.append(student)
    one.hours += sum((each.hours for each in had), Decimal(0))
    for standing in standings(rules, had, turns=_turns(student), year=year):
        one.met[standing.entitlement.code] += standing.met
