"""Employers of one request asked one after the other: the next when the one before says no or does not answer in time.

The places of everybody in line are held, so that nobody is promised what somebody else has by then. Nothing happens at
a certain moment: whoever comes round, however late or often, asks whom it is the turn of.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from itertools import groupby

from django.db import transaction
from django.db.models import Exists, Max, OuterRef, Q
from django.utils.translation import gettext as _

from hubs.actors import Actor, system
from hubs.errors import CannotAct, Refused
from hubs.log import record
from hubs.models import HUB_STAFF
from hubs.moves import check
from hubs.outbox import queue
from hubs.recipients import hub_people
from placements.domain import asking, brokering, surplus
from placements.domain.ladder import ladder_of
from placements.models import Placement, PlacementRequest, Turn

#: Working days a hold outlasts the day by which its turn has come, so that a job that stood still costs nobody places.
SLACK = 2
#: A request that has some of its places may still have a line for the rest.
OPEN = ("submitted", "placed")
AT_ONCE = 200  # requests looked at in one run


def ask_in_turn(
    ranked: Sequence[tuple[int, Placement]], message: str, *, even_so: bool = False,
    days: int | None = None, by: Actor, now: dt.datetime,
) -> None:  # fmt: skip
    """Put held placements of one request in line, (rank, placement) each, and ask whoever is first, unless somebody
    asked before has still time to answer. Those of one rank are asked together. A line made before is replaced.

    Every hold lasts until its turn has come at the latest. Raises `Refused` when a session begins before that, or
    nothing is in line; `asking.CannotAsk` when the first cannot be asked; and as `asking.offer_all` does.
    """
    if not ranked:
        raise Refused(_("Tick at least one of the held places."))
    request = ranked[0][1].request
    if request is None or any(placement.request_id != request.pk for _rank, placement in ranked):
        raise Refused(_("Employers are asked in turn for one request."))
    days = days or ladder_of(request.hub).answer_days
    for _rank, placement in ranked:
        check(placement, "offered", by=by, now=now)
    with transaction.atomic():
        _lock(request, {placement.employer_id for _rank, placement in ranked})
        Turn.objects.waiting().filter(request=request).delete()
        said = {"words": message, "even_so": even_so, "days": days, "set_by": by.user, "set_at": now}
        Turn.objects.bulk_create(
            Turn(hub=request.hub, request=request, placement=placement, rank=rank, **said)
            for rank, placement in _in_line(request, ranked, days, now)
        )
        record(request, "put_in_line", by=by, now=now, placements=[placement.pk for _rank, placement in ranked])
        if not _still_asked(request, now):
            _ask(_first(request), by=by, now=now)


def _in_line(
    request: PlacementRequest, ranked: Sequence[tuple[int, Placement]], days: int, now: dt.datetime
) -> list[tuple[int, Placement]]:
    """Ranks from one on without gaps; holds are made to last. Raises `Refused` when one cannot.

    The line begins once somebody who was asked before, and still has time, may answer no more.
    """
    hub, found, asked_until = request.hub, [], _asked_until(request, now)
    known = {rank: number for number, rank in enumerate(sorted({rank for rank, _placement in ranked}))}
    for rank, placement in ranked:
        before = known[rank]
        starts = placement.session.starts_at
        waits, begins = bool(before or asked_until), asked_until or now
        if waits and brokering.closing(hub, days * before, begins) >= starts:
            raise Refused(
                _("“%(title)s” (%(employer)s) may have begun before its turn comes. Ask it earlier, give the others "
                  "less time to answer, or ask all at once.")
                % {"title": placement.session.opportunity.title, "employer": placement.employer.name}
            )  # fmt: skip
        until = min(brokering.closing(hub, days * before + SLACK, begins), starts)
        held = Placement.objects.filter(pk=placement.pk, state="held").first()
        if held is None:
            raise Refused(_("Something changed meanwhile. Look at the held places and tick them again."))
        if waits and (held.held_until is None or held.held_until < until):
            Placement.objects.filter(pk=placement.pk).update(held_until=until)
        found.append((before + 1, placement))
    return found


def put_before(placement: Placement, before: Placement | None, *, by: Actor, now: dt.datetime) -> int:
    """Let somebody who waits in line be asked right before another who waits there (None: as the last), alone. Whoever
    was to be asked together with it is asked without it. Twice is as once. Its number in line then.

    Raises `CannotAct` for all but the hub's staff; `Refused` when one of the two waits no more, or a session might have
    begun before its new turn: then nothing changes.
    """
    request = _request_of(placement, by)
    with transaction.atomic():
        _lock(request, ())
        groups = _waiting(request)
        mine, start = _turn_of(placement, groups), groups[0][0].rank
        if before is not None and _turn_of(before, groups) is mine:
            return mine.rank
        groups = [[turn for turn in group if turn is not mine] for group in groups]
        at = len(groups)
        if before is not None:
            at = next(n for n, group in enumerate(groups) for turn in group if turn.placement_id == before.pk)
        groups.insert(at, [mine])
        _renumber(request, groups, start, now)
        order = [turn.placement_id for group in groups for turn in group]
        record(request, "line_changed", by=by, now=now, placements=order)
        mine.refresh_from_db(fields=["rank"])
    return mine.rank


def leave_line(placement: Placement, *, by: Actor, now: dt.datetime) -> None:
    """Ask somebody who waits in line not by itself any more. The places stay held until their hold ends.

    Raises `CannotAct` for all but the hub's staff; `Refused` when it waits no more.
    """
    request = _request_of(placement, by)
    with transaction.atomic():
        _lock(request, ())
        groups = _waiting(request)
        mine, start = _turn_of(placement, groups), groups[0][0].rank
        mine.delete()
        rest = [[turn for turn in group if turn is not mine] for group in groups]
        _renumber(request, rest, start, now, check=False)
        record(request, "left_line", by=by, now=now, placement=placement.pk)


def line_of(request: PlacementRequest) -> list[Placement]:
    """Who is asked now and who waits in line, in the order of their turns; each with its `turn`, if it has one."""
    rows = request.placements.filter(Q(state="offered") | Q(state="held", turn__isnull=False))
    rows = rows.select_related("turn", "employer", "hub", "session__opportunity")
    return sorted(rows, key=lambda row: (row.state == "held", row.turn.rank if hasattr(row, "turn") else 0, row.pk))


def _request_of(placement: Placement, by: Actor) -> PlacementRequest:
    if not by.may(placement, HUB_STAFF):
        raise CannotAct(_("Only the hub decides who is asked when."))
    if placement.request is None:
        raise _no_more()
    return placement.request


def _no_more() -> Refused:
    """Asked, answered or given back a moment ago, or never in line."""
    return Refused(_("This employer waits in line no more. Look at the line again."))


def _waiting(request: PlacementRequest) -> list[list[Turn]]:
    """Those in line, each list asked together, in order."""
    rows = Turn.objects.waiting().filter(request=request).order_by("rank", "pk")
    rows = rows.select_related("placement__session__opportunity", "placement__employer", "placement__hub")
    return [list(turns) for _rank, turns in groupby(rows, key=lambda turn: turn.rank)]


def _turn_of(placement: Placement, groups: Sequence[Sequence[Turn]]) -> Turn:
    found = next((turn for group in groups for turn in group if turn.placement_id == placement.pk), None)
    if found is None:
        raise _no_more()
    return found


def _renumber(
    request: PlacementRequest, groups: list[list[Turn]], start: int, now: dt.datetime, *, check: bool = True
) -> None:
    """Ranks without gaps from `start`, the number of the next; where somebody may be asked later than before, holds
    are made to last."""
    groups = [group for group in groups if group]
    for rank, group in enumerate(groups, start):
        Turn.objects.filter(pk__in=[turn.pk for turn in group]).update(rank=rank)
    if check:
        ranked = [(rank, turn.placement) for rank, group in enumerate(groups, 1) for turn in group]
        _in_line(request, ranked, groups[0][0].days, now)


def go_on_due(now: dt.datetime) -> int:
    """Ask whoever's turn has come, in every hub; how many placements were offered or passed over."""
    asked = Placement.objects.filter(request=OuterRef("request"), state="offered", answer_by__gt=now)
    due = Turn.objects.waiting().filter(~Exists(asked), request__state__in=OPEN).order_by("request")
    done = 0
    for pk in due.values_list("request", flat=True).distinct()[:AT_ONCE]:
        try:
            done += go_on(PlacementRequest.objects.select_related("hub").get(pk=pk), now=now)
        except Refused:
            continue  # somebody answers or holds this moment: the next run looks again
    return done


@transaction.atomic
def go_on(request: PlacementRequest, *, now: dt.datetime) -> int:
    """Ask the next in line unless somebody asked still has time; whoever was asked in turn and let it pass is told
    that it is over. Those that cannot be asked are passed over. How many placements were asked or passed over.

    Without a next one nothing is taken back: a late yes is better than none, and the desk shows it.
    """
    by = system(request.hub_id)
    _lock(request, set(Turn.objects.waiting().filter(request=request).values_list("placement__employer", flat=True)))
    if request.state not in OPEN or _still_asked(request, now):
        return 0
    late = list(_placements(request).filter(state="offered", turn__isnull=False))
    done = 0
    while turns := _first(request):
        done += len(turns)
        try:
            with transaction.atomic():
                _ask(turns, by=by, now=now)
        except Refused as refusal:
            _pass_over(turns, refusal, by=by, now=now)
            continue
        for placement in late:
            brokering.withdraw(placement, by=by, now=now, because=Placement.Because.NO_ANSWER)
        break
    return done


def _lock(request: PlacementRequest, employers: Collection[int]) -> None:
    """The employers first, as everywhere employers are asked; then as all locks go. What is read from here on is true
    until the transaction ends."""
    asking.hold_employers(employers)
    surplus.lock_open(request)


def _still_asked(request: PlacementRequest, now: dt.datetime) -> bool:
    return _asked_until(request, now) is not None


def _asked_until(request: PlacementRequest, now: dt.datetime) -> dt.datetime | None:
    """When the last of those who still have time to answer has to have answered."""
    asked = request.placements.filter(state="offered", answer_by__gt=now)
    return asked.aggregate(last=Max("answer_by"))["last"]


def _placements(request: PlacementRequest):
    return request.placements.select_related(
        "hub", "employer__hub", "school__hub", "session__opportunity", "request"
    ).order_by("pk")


def _first(request: PlacementRequest) -> list[Turn]:
    """Whoever is next: one turn, or all of the same rank."""
    rows = Turn.objects.waiting().filter(request=request).order_by("rank", "pk")
    for _rank, turns in groupby(rows, key=lambda turn: turn.rank):
        first = list(turns)
        found = {row.pk: row for row in _placements(request).filter(turn__in=first)}
        for turn in first:
            turn.placement = found[turn.placement_id]
        return first
    return []


def _ask(turns: Sequence[Turn], *, by: Actor, now: dt.datetime) -> None:
    if not turns:
        return
    one = turns[0]
    asking.offer_all([turn.placement for turn in turns], one.words, even_so=one.even_so, days=one.days, by=by, now=now)
    Turn.objects.filter(pk__in=[turn.pk for turn in turns]).update(words="")


def _pass_over(turns: Sequence[Turn], refusal: Refused, *, by: Actor, now: dt.datetime) -> None:
    """Their places are free again, and the hub reads why."""
    for turn in turns:
        placement = turn.placement
        brokering.release(placement, by=by, now=now, because=Placement.Because.PASSED_OVER)
        for person in hub_people(placement.hub, placement.school):
            queue("turn-passed-over", placement, person, now=now, refusal=refusal.code)
