"""The hours of a placement held against the limits of its jurisdiction, and how that is said.

Birth dates are not held: somebody of a year group counts as both ages they may have in it.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from fractions import Fraction

from django.db.models import OuterRef, Subquery
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hubs.errors import Refused
from hubs.models import Hub, HubRequirement, Requirement
from hubs.words import day as say
from hubs.words import times
from opportunities.models import Session
from placements.hours import Breach, Limit, Stretch, breaches, limit_of
from placements.models import Placement, StudentDay
from placements.models.placement import LIVE
from schools.models import Group, ProtectedPeriod, School, Student, Term

WEEK = dt.timedelta(days=7)


class CannotExceedHours(Refused):
    """The schedule breaks a verified limit on hours; the sentence names the day and the rule."""

    code = "hours"


def limits_for(hub: Hub, tier: str, now: dt.datetime) -> list[Limit]:
    return limits_by_tier(hub, now)[tier]


def limits_by_tier(hub: Hub, now: dt.datetime) -> dict[str, list[Limit]]:
    """Limits in force today, in one statement. Unverified ones do not block unless the hub
    decided so; a hub may also relax one."""
    found: dict[str, list[Limit]] = defaultdict(list)
    decided = HubRequirement.objects.filter(hub=hub, requirement=OuterRef("pk")).values("blocks")
    rows = Requirement.objects.of_hub(hub).on(hub.today(now)).filter(kind=Requirement.Kind.LIMIT)
    rows = rows.only("code", "title", "source", "tiers", "limits", "blocks", "verified", "max_age")
    for row in rows.annotate(decided=Subquery(decided)).order_by("code", "-valid_from"):
        if not row.limits:
            continue
        blocks = (row.decided or (row.blocks if row.verified else "none")) != "none"
        limit = limit_of(
            row.limits, code=row.code, title=row.title, source=row.source, blocks=blocks, max_age=row.max_age
        )
        for tier in row.tiers:
            found[tier].append(limit)
    return found


def broken(
    session: Session,
    school: School,
    *,
    group: Group | None = None,
    students: Sequence[Student] = (),
    but: Placement | None = None,
    limits: list[Limit] | None = None,
    now: dt.datetime,
) -> list[Breach]:
    """What the session would break for these students, what blocks first.

    Days the students already have elsewhere in those weeks count with it, except those of the
    placement `but`. `limits` spares reading them again for many sessions of one hub and tier.
    """
    if limits is None:
        limits = limits_for(session.hub, session.opportunity.encounter_type.tier, now)
    if not limits:
        return []
    marks = _Marks(school, group, session, limits)
    days = [Stretch(d.on, d.starts_at, d.ends_at, session.break_minutes, marks.of(d.on)) for d in session.days.all()]
    found = [breach for age in ages(session, group, students) for breach in breaches(days, age, limits)]
    for student, elsewhere in _elsewhere(students, days, but, marks).items():
        for age in ages(session, group, [student]):
            alone = {(one.limit.code, one.what) for one in breaches(elsewhere, age, limits)}
            both = breaches([*days, *elsewhere], age, limits)
            found += [one for one in both if (one.limit.code, one.what) not in alone]
    return _each_once(found)


def of_placement(placement: Placement, now: dt.datetime) -> list[Breach]:
    """What a placement's days break, for its named students or its group."""
    rows = placement.students.select_related("student__year_group").order_by("pk")
    return broken(
        placement.session,
        placement.school,
        group=placement.group,
        students=[row.student for row in rows],
        but=placement,
        now=now,
    )


def refuse_broken(found: Iterable[Breach], now: dt.datetime) -> None:
    """Raise `CannotExceedHours` with the first day and rule that block; what only warns passes."""
    blocking = [one for one in found if one.blocks]
    if blocking:
        raise CannotExceedHours(sentence(blocking[0], now), day=blocking[0].on.isoformat(), rule=blocking[0].limit.code)


def shown(placement: Placement, now: dt.datetime) -> list[dict]:
    """{blocks, text} of each breach, for a page; nothing once it is over or called off."""
    if placement.state not in LIVE:
        return []
    return [{"blocks": one.blocks, "text": sentence(one, now)} for one in of_placement(placement, now)]


def sentence(breach: Breach, now: dt.datetime) -> str:
    """ "Tue 20 October: 8 hours, and the most is 7. Rule: Hours under 16 (source)"."""
    return _("%(day)s: %(what)s Rule: %(rule)s (%(source)s).") % {
        "day": say(breach.on, now),
        "what": _what(breach),
        "rule": _(breach.limit.title),
        "source": breach.limit.source,
    }


def _what(breach: Breach) -> str:
    found, most = breach.found, breach.most
    if breach.what == "day":
        return _("%(found)s at work that day, and the most is %(most)s.") % {
            "found": _hours(found),
            "most": _hours(most),
        }
    if breach.what == "week":
        return _("%(found)s at work that week, and the most is %(most)s.") % {
            "found": _hours(found), "most": _hours(most),
        }  # fmt: skip
    if breach.what == "days":
        return _("%(found)s days at work that week, and the most is %(most)s.") % {"found": found, "most": most}
    if breach.what == "early":
        return _("it begins at %(found)s, and not before %(most)s is allowed.") % {
            "found": times(found), "most": times(most),
        }  # fmt: skip
    if breach.what == "late":
        return _("it ends at %(found)s, and not after %(most)s is allowed.") % {
            "found": times(found), "most": times(most),
        }  # fmt: skip
    if breach.what == "break":
        return _("a break of %(found)s minutes, and %(most)s minutes are the least.") % {"found": found, "most": most}
    if breach.what == "break_unknown":
        return _("no break is written down, and %(most)s minutes are the least.") % {"most": most}
    if breach.what == "sunday":
        return _("it is a Sunday, and Sundays are free.")
    return _("Saturday and Monday are both at work, and one day beside Sunday is free.")


def _hours(number: Fraction) -> str:
    shown = number_format(int(number) if number.denominator == 1 else round(float(number), 2))
    return ngettext("%(n)s hour", "%(n)s hours", 1 if number == 1 else 2) % {"n": shown}


def ages(session: Session, group: Group | None, students: Sequence[Student]) -> list[int]:
    """Every age somebody may have; a year group's pupils turn its age in the year."""
    turned = {student.year_group.age for student in students if student.year_group}
    if not turned and group is not None and group.year_group is not None:
        turned = {group.year_group.age}
    if not turned:
        return [session.opportunity.min_age]
    return sorted({age - 1 for age in turned} | turned)


class _Marks:
    """Which days of the school are term, holidays or exams; read only when a limit asks."""

    def __init__(self, school: School, group: Group | None, session: Session, limits: list[Limit]) -> None:
        self.terms: list[tuple[dt.date, dt.date]] = []
        self.exams: list[tuple[dt.date, dt.date]] = []
        asked = {limit.when for limit in limits}
        first, last = session.first_on - WEEK, session.ends_at.astimezone(session.zone).date() + WEEK
        during = {"school": school, "starts_on__lte": last, "ends_on__gte": first}
        if asked & {"term", "holidays"}:
            self.terms = list(Term.objects.filter(**during).values_list("starts_on", "ends_on"))
        if "exams" in asked:
            periods = ProtectedPeriod.objects.filter(**during).prefetch_related("year_groups", "groups")
            self.exams = [(row.starts_on, row.ends_on) for row in periods if _concerns(row, group)]

    def of(self, on: dt.date) -> frozenset[str]:
        found = {"term" if any(a <= on <= b for a, b in self.terms) else "holidays"}
        if any(a <= on <= b for a, b in self.exams):
            found.add("exams")
        return frozenset(found)


def _concerns(period: ProtectedPeriod, group: Group | None) -> bool:
    years, groups = list(period.year_groups.all()), list(period.groups.all())
    return not (years or groups) or group is None or group in groups or group.year_group in years


def _elsewhere(
    students: Sequence[Student], days: Sequence[Stretch], but: Placement | None, marks: _Marks
) -> dict[Student, list[Stretch]]:
    """What students with other live placements do in the same weeks."""
    if not students:
        return {}
    monday = days[0].on - dt.timedelta(days=days[0].on.weekday())
    sunday = days[-1].on + dt.timedelta(days=6 - days[-1].on.weekday())
    rows = StudentDay.objects.filter(
        student__in=[student.pk for student in students], live=True, starts_at__date__range=(monday, sunday)
    ).select_related("placement__session")
    if but is not None:
        rows = rows.exclude(placement=but)
    known = {student.pk: student for student in students}
    found: dict[Student, list[Stretch]] = {}
    for row in rows.order_by("starts_at", "pk"):
        session = row.placement.session
        start, end = row.starts_at.astimezone(session.zone), row.ends_at.astimezone(session.zone)
        stretch = Stretch(start.date(), start.time(), end.time(), session.break_minutes, marks.of(start.date()))
        found.setdefault(known[row.student_id], []).append(stretch)
    return found


def _each_once(found: Iterable[Breach]) -> list[Breach]:
    first: dict[tuple[str, str], Breach] = {}
    for one in sorted(found, key=lambda one: one.on):
        first.setdefault((one.limit.code, one.what), one)
    return sorted(first.values(), key=lambda one: (not one.blocks, one.on, one.limit.code, one.what))
