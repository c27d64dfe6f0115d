"""How many groups could come on given days: asked before anything is published.

The schools' compiled calendars answer, by the same judge that later tells each school whether a session
fits. Counts and kinds of reason only: an employer may not know which school is closed when, so where few
schools are in reach even the kinds are kept back. Who is out already on a day is not counted here; places
are taken later, and by then the school sees its own sum.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from employers.models import Site
from hubs.actors import Actor
from hubs.errors import CannotAct, Refused
from hubs.models import EMPLOYER_ROLES, HUB_STAFF, Hub
from hubs.wallclock import is_public_holiday, named_public_holidays
from hubs.words import day as say
from opportunities.models import Opportunity
from schools.domain.compile import compile_schools, group_key
from schools.fit_reach import Asker, DayReach, best, candidates, reach
from schools.models import Group, School
from schools.travel import travel_minutes

Day = tuple[dt.date, dt.time, dt.time]

#: One way. Further than this is a day lost on the road: not "in reach".
MOST_TRAVEL_MINUTES = 60
FEWEST_SCHOOLS_FOR_REASONS = 3
MOST_REASONS = 3
BEST = 5
OUT_OF_TERM, CLOSED, HELD, NOTICE, RULES = "out_of_term", "closed", "held", "notice", "rules"
KINDS = {
    "closure": OUT_OF_TERM,
    "public_holiday": OUT_OF_TERM,
    "outside_term": OUT_OF_TERM,
    "weekend": OUT_OF_TERM,
    "staff_day": CLOSED,
    "short_day": CLOSED,
    "protected_blocked": HELD,
    "notice": NOTICE,
    "past": NOTICE,
}


@dataclass(frozen=True)
class Reach:
    """Groups of the right age in reach, how many of them could come, and what keeps the others."""

    groups: int
    able: int
    sentence: str
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True)
class Suggested:
    """`best`: the days most could come on. `every`: all that were looked at, in order. `nobody`: those
    of them on which none could."""

    best: tuple[DayReach, ...]
    every: tuple[DayReach, ...]

    @property
    def nobody(self) -> tuple[dt.date, ...]:
        return tuple(one.day for one in self.every if not one.able)


class Calendars:
    """The calendars of a hub's schools with classes between two ages (inclusive) near enough to `site`.

    Two queries, and ten more for all schools whose calendars this process does not hold, however many
    days are then asked. `now` is aware.
    """

    def __init__(self, hub: Hub, ages: tuple[int, int], *, now: dt.datetime, site: Site | None = None) -> None:
        self.zone, self.jurisdiction, self.now = hub.time_zone, hub.jurisdiction, now
        schools = {row.pk: row for row in School.objects.filter(hub=hub, is_active=True)}
        for row in schools.values():
            row.hub = hub
        away = {pk: travel_minutes(row, site) for pk, row in schools.items()}
        near = [pk for pk, minutes in away.items() if minutes <= MOST_TRAVEL_MINUTES]
        classes = _classes(near, ages)
        compiled = compile_schools([schools[pk] for pk in classes])
        self.askers = [
            Asker(compiled[pk], known, away[pk])
            for pk, rows in classes.items()
            if (known := tuple(one for one in rows if one[0] in compiled[pk].groups))
        ]

    def reach(self, days: Sequence[Day]) -> Reach | None:
        """The answer for these local days together; None while there is no such group."""
        if not self.askers or not days:
            return None
        (found,) = reach(self.askers, days, self.zone, [min(on for on, _start, _end in days)], now=self.now)
        reasons = tuple(_reasons(found.why)) if len(self.askers) >= FEWEST_SCHOOLS_FOR_REASONS else ()
        return Reach(found.groups, found.able, _sentence(found.able, found.groups), reasons)

    def doubt(self, days: Sequence[Day]) -> str:
        """What to ask about before a session is put on these days: a public holiday where the hub is, or that nobody
        could come. "" when neither is so, and while no school has said when its terms are then."""
        said, found = self.holidays(days), self.reach(days)
        if found is not None and not found.able and (said or self._know(days)):
            said.append(found.sentence)
        return " ".join(said)

    def holidays(self, days: Sequence[Day]) -> list[str]:
        """A sentence for each of these days that is a public holiday where the hub is."""
        return [
            _("%(day)s is a public holiday: %(name)s.") % {"day": say(on, self.now), "name": name}
            for on, _start, _end in days
            if is_public_holiday(on, self.jurisdiction)
            for _day, name in named_public_holidays(self.jurisdiction, on, on)
        ]

    def _know(self, days: Sequence[Day]) -> bool:
        """Whether some school's calendar reaches as far as these days."""
        first, last = min(on for on, _start, _end in days), max(on for on, _start, _end in days)
        known = [one.compiled for one in self.askers if one.compiled.has_terms]
        return any(one.first <= first and last <= one.last for one in known)

    def suggest(self, days: Sequence[Day], first: dt.date, count: int) -> Suggested | None:
        """When else the same days could begin: each weekday of `count` days from `first` on."""
        if not self.askers or not days:
            return None
        found = reach(self.askers, days, self.zone, candidates(first, count), now=self.now)
        return Suggested(tuple(best(found, BEST)), tuple(found))


def calendars_of(opportunity: Opportunity, *, now: dt.datetime) -> Calendars:
    """Those whom the opportunity is meant for and near enough to."""
    ages = (opportunity.min_age, opportunity.max_age)
    return Calendars(opportunity.hub, ages, now=now, site=opportunity.site)


def doubts(opportunity: Opportunity, turns: Sequence[Sequence[Day]], *, now: dt.datetime) -> dict[tuple[Day, ...], str]:
    """`Calendars.doubt` of each. Every school's calendar is read for it: not where nothing is asked about."""
    if not turns:
        return {}
    calendars = calendars_of(opportunity, now=now)
    return {tuple(days): calendars.doubt(days) for days in turns}


def suggestions(
    opportunity: Opportunity, days: Sequence[Day], first: dt.date, count: int, *, by: Actor, now: dt.datetime
) -> Suggested:
    """`Calendars.suggest` for one opportunity; empty while no school in reach has such a group.

    Raises `CannotAct` for people who do not offer it, `Refused` for a day that ends before it begins.
    """
    if not by.may(opportunity, EMPLOYER_ROLES | HUB_STAFF):
        raise CannotAct(_("Only people of the employer or the hub choose its dates."))
    if any(end <= start for _on, start, end in days):
        raise Refused(_("A day ends before it begins. Check its times."))
    return calendars_of(opportunity, now=now).suggest(days, first, count) or Suggested((), ())


def reach_of(opportunity: Opportunity, days: Sequence[Day], *, now: dt.datetime) -> Reach | None:
    """The answer for one session's days."""
    return calendars_of(opportunity, now=now).reach(days) if days else None


def _classes(schools: Iterable[int], ages: tuple[int, int]) -> dict[int, list[tuple[str, int]]]:
    """(key, students) of the classes of each school. Option sets are the same people once more; a group
    without a year has no age. A year group is too young only when even its oldest are (schools/fit.py)."""
    youngest, oldest = ages
    rows = Group.objects.filter(
        school__in=schools, is_active=True, kind=Group.Kind.CLASS, year_group__age__gte=youngest,
        year_group__age__lte=oldest + 1,
    )  # fmt: skip
    found: dict[int, list[tuple[str, int]]] = defaultdict(list)
    for pk, school, size in rows.order_by("school", "pk").values_list("pk", "school_id", "size"):
        found[school].append((group_key(pk), size or 1))
    return found


def _sentence(able: int, groups: int) -> str:
    if not able:
        return _("No group of this age could come.")
    return ngettext(
        "%(able)s of %(n)s group of this age could come.", "%(able)s of %(n)s groups of this age could come.", groups
    ) % {"able": able, "n": groups}


def _reasons(why: Mapping[str, int]) -> Iterable[str]:
    kinds: Counter[str] = Counter()
    for code, groups in why.items():
        kinds[KINDS.get(code, RULES)] += groups
    for kind, groups in kinds.most_common(MOST_REASONS):
        yield _reason(kind, groups)


def _reason(kind: str, n: int) -> str:
    words = {
        OUT_OF_TERM: ngettext(
            "%(n)s has no school then, or its term dates are not known.",
            "%(n)s have no school then, or their term dates are not known.",
            n,
        ),
        CLOSED: ngettext("%(n)s has a day without lessons.", "%(n)s have a day without lessons.", n),
        HELD: ngettext("%(n)s has exams or something like it.", "%(n)s have exams or something like it.", n),
        NOTICE: ngettext("%(n)s needs more notice.", "%(n)s need more notice.", n),
        RULES: ngettext("%(n)s may not be out then.", "%(n)s may not be out then.", n),
    }
    return words[kind] % {"n": n}
