"""How many groups could come on given days, read from the schools' own calendars.

The calendars say whether a group is at school and not held fast by exams; which lessons a
session would cost is each school's own sum (see schools/fit.py) and is left out here.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hubs.models import Hub
from opportunities.models import Opportunity
from schools.models import Closure, Group, ProtectedPeriod, Term

Day = tuple[dt.date, dt.time, dt.time]
OUT_OF_TERM, CLOSED, HELD = "out_of_term", "closed", "held"


@dataclass(frozen=True)
class Reach:
    """Groups of the hub that fit the ages, how many of them could come, and why others not."""

    groups: int
    able: int
    sentence: str
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Held:
    """A protected time that blocks, with the ids of the year groups and groups it is for."""

    period: ProtectedPeriod
    years: set[int]
    groups: set[int]

    def holds(self, group: int, year: int | None, on: dt.date, start: dt.time, end: dt.time) -> bool:
        """Without year groups or groups named, it holds for the whole school."""
        period = self.period
        if not period.starts_on <= on <= period.ends_on or (period.weekdays and on.weekday() not in period.weekdays):
            return False
        if period.starts_at and period.ends_at and not (period.starts_at < end and start < period.ends_at):
            return False
        return not (self.years or self.groups) or year in self.years or group in self.groups


class Calendars:
    """The calendars of a hub's schools from `first` to `last` (local dates, inclusive), for
    the groups between two ages. Four queries, however many days are then asked."""

    def __init__(self, hub: Hub, ages: tuple[int, int], first: dt.date, last: dt.date) -> None:
        youngest, oldest = ages
        within = Q(hub=hub, starts_on__lte=last, ends_on__gte=first)
        # A year group is too young only when even its oldest are (schools/fit.py).
        of_age = Q(year_group__age__gte=youngest, year_group__age__lte=oldest + 1)
        classes = Group.objects.filter(of_age, hub=hub, is_active=True, kind=Group.Kind.CLASS, school__is_active=True)
        self.groups = list(classes.order_by().values_list("pk", "school_id", "year_group_id"))
        self.terms = _spans(Term.objects.filter(within))
        self.closures = _spans(Closure.objects.filter(within))
        blocked = ProtectedPeriod.objects.filter(within, hardness=ProtectedPeriod.Hardness.BLOCKED)
        self.held: dict[int, list[_Held]] = defaultdict(list)
        for period in blocked.prefetch_related("year_groups", "groups") if self.groups else ():
            years = {one.pk for one in period.year_groups.all()}
            self.held[period.school_id].append(_Held(period, years, {one.pk for one in period.groups.all()}))

    def reach(self, days: Sequence[Day]) -> Reach | None:
        """The answer for these local days together; None while the hub has no such group."""
        if not self.groups or not days:
            return None
        why = [self._why_not(group, days) for group in self.groups]
        kept = Counter(code for code in why if code)
        able = len(why) - kept.total()
        reasons = tuple(_reason(code, n) for code, n in sorted(kept.items()))
        return Reach(len(why), able, _sentence(able, len(why)), reasons)

    def _why_not(self, group: tuple[int, int, int | None], days: Sequence[Day]) -> str | None:
        pk, school, year = group
        for on, start, end in days:
            if on.weekday() > 4 or not _covers(self.terms[school], on):
                return OUT_OF_TERM
            if _covers(self.closures[school], on):
                return CLOSED
            if any(held.holds(pk, year, on, start, end) for held in self.held[school]):
                return HELD
        return None


def ages_of(opportunity: Opportunity) -> tuple[int, int]:
    """Whom it is meant for: the youngest and the oldest."""
    return opportunity.min_age, opportunity.max_age


def reach_of(opportunity: Opportunity, days: Sequence[Day]) -> Reach | None:
    """The answer for one session's days."""
    if not days:
        return None
    dates = [on for on, _start, _end in days]
    return Calendars(opportunity.hub, ages_of(opportunity), min(dates), max(dates)).reach(days)


def _spans(rows: Iterable) -> dict[int, list[tuple[dt.date, dt.date]]]:
    found: dict[int, list[tuple[dt.date, dt.date]]] = defaultdict(list)
    for school, first, last in rows.order_by().values_list("school_id", "starts_on", "ends_on"):  # type: ignore[attr-defined]
        found[school].append((first, last))
    return found


def _covers(spans: Iterable[tuple[dt.date, dt.date]], on: dt.date) -> bool:
    return any(first <= on <= last for first, last in spans)


def _sentence(able: int, groups: int) -> str:
    if not able:
        return _("No group of this age could come.")
    return ngettext(
        "%(able)s of %(n)s group of this age could come.", "%(able)s of %(n)s groups of this age could come.", groups
    ) % {"able": able, "n": groups}


def _reason(code: str, n: int) -> str:
    words = {
        OUT_OF_TERM: ngettext(
            "%(n)s has no school then, or its term dates are not known.",
            "%(n)s have no school then, or their term dates are not known.",
            n,
        ),
        CLOSED: ngettext("%(n)s has a day without lessons.", "%(n)s have a day without lessons.", n),
        HELD: ngettext("%(n)s has exams or something like it.", "%(n)s have exams or something like it.", n),
    }
    return words[code] % {"n": n}
