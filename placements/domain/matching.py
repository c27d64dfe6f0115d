"""Best matches for a request, each with the facts a broker weighs."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, prefetch_related_objects
from django.db.models.functions import Coalesce

from opportunities.models import Opportunity, Session
from placements.domain import hours, windows
from placements.domain.fitting import SessionFit, fits_for_group, open_sessions
from placements.models import Encounter, Placement, PlacementRequest

LATELY = dt.timedelta(days=30)


@dataclass(frozen=True)
class Match:
    """`wish_rank` is the school's own order, None when it did not wish for this one.
    `asked_lately` counts requests to the employer in 30 days; `had_already` how often the
    school has been with it. `hours` are limits its days break, what blocks first; `prepared`
    how many of those who would come had something of an earlier stage, None at the first stage;
    `new_sectors` those the school has not met this academic year."""

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


def matches(request: PlacementRequest, *, now: dt.datetime, limit: int = 8) -> list[Match]:
    """Wishes first in their order, then the best of the rest that can be and have places. A wish for a kind of
    encounter, or for a step of a pathway, is met by every session of it that can be, inside the request's windows and
    not too far."""
    wishes = {w.session_id: w.rank for w in request.wishes.all() if w.session_id}
    found = _fits(request, wishes, now=now)
    kinds = _of_wished_kinds(request, found)
    rows = [_match(one, request, wishes, kinds) for one in found if _near_enough(one, request, wishes)]
    rows = [row for row in rows if row.session_fit.session.pk in wishes or (row.enough and row.session_fit.can)]
    return _explained(request, sorted(rows, key=_order)[: max(limit, len(wishes))], now)


def _explained(request: PlacementRequest, rows: list[Match], now: dt.datetime) -> list[Match]:
    """What a broker weighs besides fit; the same few statements for one match and for eight."""
    if not rows:
        return rows
    students = list(request.students.select_related("year_group").order_by("pk"))
    who = students or (list(request.group.students.filter(left_on__isnull=True)) if request.group else [])
    stages = Encounter.objects.filter(student__in=who, attended=True).order_by()
    had = set(stages.values_list("student", "encounter_type__stage").distinct())
    met = _sectors_met(request, now)
    prefetch_related_objects([row.session_fit.session.opportunity for row in rows], "sectors", "employer__sectors")
    limits = hours.limits_by_tier(request.hub, now)
    found = []
    for row in rows:
        session = row.session_fit.session
        kind, offer = session.opportunity.encounter_type, session.opportunity
        broken = hours.broken(
            session, request.school, group=request.group, students=students, limits=limits[kind.tier], now=now
        )
        before = {student for student, stage in had if stage < kind.stage}
        sectors = list(offer.sectors.all()) or list(offer.employer.sectors.all())
        found.append(
            replace(
                row,
                hours=tuple(hours.sentence(one, now) for one in broken),
                hours_block=any(one.blocks for one in broken),
                prepared=(len(before), len(who)) if kind.stage > 1 and who else None,
                new_sectors=tuple(sector.name for sector in sectors if sector.pk not in met),
            )
        )
    return found


def _sectors_met(request: PlacementRequest, now: dt.datetime) -> set[int]:
    first, last = request.hub.academic_year_of(request.hub.today(now))
    rows = Encounter.objects.filter(school=request.school, attended=True, on__range=(first, last))
    return set(rows.order_by().values_list("employer__sectors", flat=True).distinct())


def _near_enough(one: SessionFit, request: PlacementRequest, wishes: dict[int, int]) -> bool:
    """Whether the way is within the request's own limit; what was wished for by name is always shown."""
    return one.session.pk in wishes or request.max_travel is None or one.travel_minutes <= request.max_travel


def _of_wished_kinds(request: PlacementRequest, found: list[SessionFit]) -> dict[int, int]:
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
            offer = one.session.opportunity
            if offer.encounter_type_id != wish.encounter_type_id:
                continue
            if wish.sector_id and (offer.pk, wish.sector_id) not in tagged:
                continue
            if wish.step and wish.step.opportunity_id not in (None, offer.pk):
                continue
            ranks.setdefault(one.session.pk, wish.rank)
    return ranks


def _match(one: SessionFit, request: PlacementRequest, wishes: dict[int, int], kinds: dict[int, int]) -> Match:
    session: Any = one.session  # as `_with_history` gives it
    return Match(
        session_fit=one,
        wish_rank=wishes.get(session.pk) or kinds.get(session.pk),
        left=session.left,
        enough=session.left >= request.places,
        asked_lately=session.asked_lately,
        asked_too_often=session.asked_lately >= session.opportunity.employer.wants_asking_per_month,
        had_already=session.had_already,
    )


def _order(match: Match) -> tuple:
    return (
        match.wish_rank or 1000,
        match.session_fit.fit.rank[:3],
        match.had_already,
        match.asked_lately,
        match.session_fit.travel_minutes,
        match.session_fit.session.starts_at,
        match.session_fit.session.pk,
    )


def _fits(request: PlacementRequest, wishes: dict[int, int], *, now: dt.datetime) -> list[SessionFit]:
    asked_for = open_sessions(request.school, now=now).filter(places__gte=request.places).order_by()
    asked_for = windows.inside(asked_for, windows.of(request))
    either = Q(pk__in=asked_for.values("pk")) | Q(pk__in=list(wishes))
    sessions = list(_with_history(Session.objects.with_all().filter(either), request, now))
    group = request.group or _group_of_students(request)
    if group is None:
        return []
    return fits_for_group(group, now=now, sessions=sessions, students=request.places)


def _with_history(sessions: QuerySet[Session], request: PlacementRequest, now: dt.datetime) -> QuerySet[Session]:
    """Adds to each session what its employer was asked lately, and how often the school was there:
    each placement once, however many students it counted for."""
    mine = {"employer": OuterRef("employer")}
    asked = Placement.objects.filter(hub=request.hub, offered_at__gte=now - LATELY, **mine)
    been = Encounter.objects.filter(school=request.school, **mine)
    return sessions.annotate(
        asked_lately=_number(asked, Count("pk")),
        had_already=_number(been, Count(Coalesce("placement", 0), distinct=True)),
    )


def _number(rows: QuerySet, count: Count) -> Coalesce:
    counted = rows.order_by().values("employer").annotate(number=count).values("number")
    return Coalesce(Subquery(counted), 0)


def _group_of_students(request: PlacementRequest):
    """The group most of the named students share, so that lessons missed can be told."""
    groups = Counter(
        enrolment.group
        for student in request.students.prefetch_related("enrolments__group__school__hub")
        for enrolment in student.enrolments.all()
    )
    return groups.most_common(1)[0][0] if groups else None
