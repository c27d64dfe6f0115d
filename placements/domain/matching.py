"""Best matches for a request, each with the facts a broker weighs."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass, replace

from django.db.models import Count, F, Q, Value, prefetch_related_objects
from django.db.models.functions import Coalesce

from opportunities.models import Opportunity, Session
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
    not too far."""
    wishes = {w.session_id: w.rank for w in request.wishes.all() if w.session_id}
    found = _ranked(request, wishes, now=now)
    history = History(request, now)
    order = _Order(history, _of_wished_kinds(request, found) | wishes)
    near = [one for one in found if _near_enough(one, request, wishes)]
    rows = [one for one in near if one.session.pk in wishes or (one.session.left >= request.places and one.can)]
    best = sorted(rows, key=order)[: max(limit, len(wishes))]
    shown = with_rows(best)
    found_out = _explained(request, [history.match(one, order.wishes) for one in shown], now)
    # What was not wished for, and is not for this school yet, stands last: the employer put others first.
    return sorted(found_out, key=lambda match: match.wish_rank is None and match.opens_on is not None)


class History:
    """What a hub weighs of the past, by employer: one statement, however many sessions there are.

    `asked`: how often it was asked lately; `been`: how often the school was there.
    """

    def __init__(self, request: PlacementRequest, now: dt.datetime) -> None:
        self.request = request
        asked = Placement.objects.filter(hub=request.hub, offered_at__gte=now - LATELY).order_by()
        been = Encounter.objects.filter(school=request.school).order_by()
        times = Count(Coalesce("placement", 0), distinct=True)  # each placement once, however many students it was for
        rows = asked.values("employer", what=Value("asked")).annotate(number=Count("pk"))
        rows = rows.union(been.values("employer", what=Value("been")).annotate(number=times), all=True)
        self.asked: dict[int, int] = {}
        self.been: dict[int, int] = {}
        for row in rows:
            (self.asked if row["what"] == "asked" else self.been)[row["employer"]] = row["number"]

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
        )


@dataclass(frozen=True)
class _Order:
    """What comes first. `wishes`: session id → the school's own order."""

    history: History
    wishes: dict[int, int]

    def __call__(self, one: Ranked) -> tuple:
        session = one.session
        return (
            self.wishes.get(session.pk) or 1000,
            one.fit.rank[:3],
            self.history.been.get(session.employer_id, 0),
            self.history.asked.get(session.employer_id, 0),
            one.travel_minutes,
            session.starts_at,
            session.pk,
        )


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
                opens_on=offer.opens_to(request.school, now),
            )
        )
    return found


def _sectors_met(request: PlacementRequest, now: dt.datetime) -> set[int]:
    first, last = request.hub.academic_year_of(request.hub.today(now))
    rows = Encounter.objects.filter(school=request.school, attended=True, on__range=(first, last))
    return set(rows.order_by().values_list("employer__sectors", flat=True).distinct())


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
