"""Best matches for a request, each with the facts a broker weighs."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, replace

from django.db.models import Count, F, Q, QuerySet, Value, prefetch_related_objects
from django.db.models.functions import Coalesce

from opportunities.models import Opportunity, Session
from opportunities.release import Release
from placements.domain import hours, windows
from placements.domain.fitting import Ranked, SessionFit, ranked_for_group, with_rows
from placements.models import Encounter, Placement, PlacementRequest

LATELY = dt.timedelta(days=30)


@dataclass(frozen=True)
class Match:
    """`wish_rank` is the school's own order, None when it did not wish for this one.
    `asked_lately` counts requests to the employer in 30 days; `had_already` how often the
    school has been with it. `hours` are limits its days break, what blocks first; `prepared`
    how many of those who would come had something of an earlier stage, None at the first stage;
    `new_sectors` those the school has not met this academic year; `opens_on` the day from which the school may ask
    for it itself, None when it may by now: the hub may give it before."""

    session_fit: SessionFit
    wish_rank: int | None
    left: int
    enough: bool
    asked_lately: int
    asked_too_often: bool
    had_already: int
    hours: tuple[str, ...] = ()
    hours_block: bool = False
    prepared: tuple[int, int] | None = None
    new_sectors: tuple[str, ...] = ()
    opens_on: dt.date | None = None


def matches(request: PlacementRequest, *, now: dt.datetime, limit: int = 8) -> list[Match]:
    """Wishes first in their order, then the best of the rest that can be and have places. A wish for a kind of
    encounter, or for a step of a pathway, is met by every session of it that can be, inside the request's windows and
    not too far. What was not wished for by name, and is not for this school yet, comes after all that is: the employer
    put others first."""
    wishes = {w.session_id: w.rank for w in request.wishes.all() if w.session_id}
    found = _ranked(request, wishes, now=now)
    if not found:
        return []
    history = History(request, now)
    order = _Order(history, _of_wished_kinds(request, found) | wishes, named=wishes.keys())
    near = [one for one in found if _near_enough(one, request, wishes)]
    rows = [one for one in near if one.session.pk in wishes or (one.session.left >= request.places and one.can)]
    best = sorted(rows, key=order)[: max(limit, len(wishes))]
    return _explained(history, [history.match(one, order.wishes) for one in with_rows(best)])


class History:
    """What a hub weighs of the past: one statement, however many sessions there are.

    `asked`: how often an employer was asked lately; `been`: how often the school was there; `met`: the sectors it met
    this academic year; `had`: (student, stage) of what those who would come had already; `first`: offers that are not
    for all yet and name the school among those that may ask first.
    """

    def __init__(self, request: PlacementRequest, now: dt.datetime) -> None:
        self.request, self.now, self.today = request, now, request.hub.today(now)
        self.students = list(request.students.select_related("year_group").order_by("pk"))
        in_group = request.group.students.filter(left_on__isnull=True) if request.group else []
        self.who = self.students or list(in_group)
        self.asked: dict[int, int] = {}
        self.been: dict[int, int] = {}
        self.met: set[int] = set()
        self.had: set[tuple[int, int]] = set()
        self.first: set[int] = set()
        for what, key, number in self._rows():
            if what in ("met", "first"):
                (self.met if what == "met" else self.first).add(key)
            elif what == "had":
                self.had.add((key, number))
            else:
                (self.asked if what == "asked" else self.been)[key] = number

    def _rows(self) -> QuerySet:
        """(what, id, number) of all five."""
        asked = Placement.objects.filter(hub=self.request.hub, offered_at__gte=self.now - LATELY).order_by()
        been = Encounter.objects.filter(school=self.request.school).order_by()
        first, last = self.request.hub.academic_year_of(self.today)
        met = been.filter(attended=True, on__range=(first, last))
        had = Encounter.objects.filter(student__in=self.who, attended=True).order_by()
        first_of = Opportunity.objects.filter(first_schools=self.request.school_id, all_from__gt=self.today).order_by()
        times = Count(Coalesce("placement", 0), distinct=True)  # each placement once, however many students it was for
        return (
            asked.values("employer").annotate(what=Value("asked"), number=Count("pk"))
            .values_list("what", "employer", "number")
            .union(
                been.values("employer").annotate(what=Value("been"), number=times)
                .values_list("what", "employer", "number"),
                met.values("employer__sectors").annotate(what=Value("met"), number=Count("pk"))
                .values_list("what", "employer__sectors", "number"),
                had.values("student", "encounter_type__stage").annotate(what=Value("had"))
                .values_list("what", "student", "encounter_type__stage").distinct(),
                first_of.annotate(what=Value("first"), number=Value(1)).values_list("what", "pk", "number"),
                all=True,
            )
        )  # fmt: skip

    def match(self, one: SessionFit, wishes: dict[int, int]) -> Match:
        session, asked = one.session, self.asked.get(one.session.employer_id, 0)
        return Match(
            session_fit=one,
            wish_rank=wishes.get(session.pk),
            left=session.left,
            enough=session.left >= self.request.places,
            asked_lately=asked,
            asked_too_often=asked >= session.opportunity.employer.wants_asking_per_month,
            had_already=self.been.get(session.employer_id, 0),
            opens_on=self.opens_on(session.opportunity_id, session.opportunity.release),
        )

    def opens_on(self, opportunity: int, release: Release) -> dt.date | None:
        """The day from which the school may ask for it itself, None when it may by now."""
        return release.waits_until(
            self.today, named=opportunity in self.first, priority=self.request.school.is_priority
        )  # fmt: skip


@dataclass(frozen=True)
class _Order:
    """What comes first. `wishes`: session id → the school's own order; `named`: those wished for by name."""

    history: History
    wishes: dict[int, int]
    named: Collection[int]

    def __call__(self, one: Ranked) -> tuple:
        session = one.session
        waits = self.history.opens_on(session.opportunity_id, session.release) is not None
        return (
            waits and session.pk not in self.named,
            self.wishes.get(session.pk) or 1000,
            one.fit.rank[:3],
            self.history.been.get(session.employer_id, 0),
            self.history.asked.get(session.employer_id, 0),
            one.travel_minutes,
            session.starts_at,
            session.pk,
        )


def _explained(history: History, rows: list[Match]) -> list[Match]:
    """What a broker weighs besides fit; the same few statements for one match and for eight."""
    if not rows:
        return rows
    request, now, students, who = history.request, history.now, history.students, history.who
    prefetch_related_objects([row.session_fit.session.opportunity for row in rows], "sectors", "employer__sectors")
    limits = hours.limits_by_tier(request.hub, now)
    found = []
    for row in rows:
        session = row.session_fit.session
        kind, offer = session.opportunity.encounter_type, session.opportunity
        broken = hours.broken(
            session, request.school, group=request.group, students=students, limits=limits[kind.tier], now=now
        )
        before = {student for student, stage in history.had if stage < kind.stage}
        sectors = list(offer.sectors.all()) or list(offer.employer.sectors.all())
        found.append(
            replace(
                row,
                hours=tuple(hours.sentence(one, now) for one in broken),
                hours_block=any(one.blocks for one in broken),
                prepared=(len(before), len(who)) if kind.stage > 1 and who else None,
                new_sectors=tuple(sector.name for sector in sectors if sector.pk not in history.met),
            )
        )
    return found


def _near_enough(one: Ranked, request: PlacementRequest, wishes: dict[int, int]) -> bool:
    """Whether the way is within the request's own limit; what was wished for by name is always shown."""
    return one.session.pk in wishes or request.max_travel is None or one.travel_minutes <= request.max_travel


def _of_wished_kinds(request: PlacementRequest, found: list[Ranked]) -> dict[int, int]:
    """Session id → rank of the first wish for its kind, with the sector, and the opportunity of the step, if named."""
    kinds = [wish for wish in request.wishes.all() if wish.encounter_type_id]
    if not kinds:
        return {}
    offers = {one.session.opportunity_id for one in found}
    through = Opportunity.sectors.through.objects.filter(opportunity__in=offers)
    tagged = set(through.values_list("opportunity", "sector"))
    ranks: dict[int, int] = {}
    for wish in sorted(kinds, key=lambda wish: wish.rank):
        for one in found:
            if one.session.encounter_type_id != wish.encounter_type_id:
                continue
            if wish.sector_id and (one.session.opportunity_id, wish.sector_id) not in tagged:
                continue
            if wish.step and wish.step.opportunity_id not in (None, one.session.opportunity_id):
                continue
            ranks.setdefault(one.session.pk, wish.rank)
    return ranks


def _ranked(request: PlacementRequest, wishes: dict[int, int], *, now: dt.datetime) -> list[Ranked]:
    offered = Session.objects.offered_to_schools(request.hub, now)
    asked_for = offered.filter(places__gte=F("taken") + request.places).order_by()
    asked_for = windows.inside(asked_for, windows.of(request))
    either = Q(pk__in=asked_for.values("pk")) | Q(pk__in=list(wishes))
    group = request.group or _group_of_students(request)
    if group is None:
        return []
    return ranked_for_group(group, now=now, sessions=Session.objects.filter(either), students=request.places)


def _group_of_students(request: PlacementRequest):
    """The group most of the named students share, so that lessons missed can be told."""
    groups = Counter(
        enrolment.group
        for student in request.students.prefetch_related("enrolments__group__school__hub")
        for enrolment in student.enrolments.all()
    )
    return groups.most_common(1)[0][0] if groups else None
