"""Several employers asked for one request: as soon as one binds, the places nobody needs any more are let go.

Sessions held in one step are a series: the same students in each, so its places count once.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict

from django.utils.translation import gettext as _

from hubs.actors import system
from hubs.errors import CannotMove
from hubs.locks import lock_rows
from hubs.moves import lock_state
from placements.domain import brokering, capacity
from placements.domain.sequences import series_of
from placements.models import Placement, PlacementRequest

OPEN = ("held", "offered")


def lock_others(placement: Placement) -> list[Placement]:
    """What else is held or asked for the placement's request, so locked that nobody binds it or adds to it.

    In the order of all locks: sessions, placements, request. Inside the caller's transaction.
    Raises `CannotMove` when something was held for the request between two of them.
    """
    if placement.request is None:
        return []
    return lock_open(placement.request, but=placement.pk)


def lock_open(request: PlacementRequest, *, but: int = 0) -> list[Placement]:
    """The same for all that is held or asked for a request, the placement `but` apart."""
    rows = request.placements.filter(state__in=OPEN).exclude(pk=but)
    locked = capacity.lock(rows.values_list("session_id", flat=True))
    lock_rows(request.placements.filter(state__in=OPEN))
    lock_state(request)
    found = list(rows.select_related("hub", "session", "school", "employer").order_by("pk"))
    if not {row.session_id for row in found} <= locked.keys():
        raise CannotMove(_("Somebody else changed this a moment ago. Look again before you go on."))
    return found


def let_go(placement: Placement, others: list[Placement], *, now: dt.datetime) -> None:
    """`placement` is binding now: give back those `others` (of `lock_others`) its request has no students left for."""
    request = placement.request
    if request is None or not others:
        return
    bound = list(request.placements.taking().exclude(state__in=OPEN))
    series = series_of([*bound, *others])
    taken: dict[int, int] = defaultdict(int)
    for row in bound:
        taken[series[row.pk]] = max(taken[series[row.pk]], row.places)
    left = request.places - sum(taken.values())
    by = system(placement.hub_id)
    for row in others:
        if series[row.pk] in taken or row.places <= left:
            continue
        if row.state == "held":
            brokering.release(row, by=by, now=now, because=Placement.Because.FOUND_ELSEWHERE)
        else:
            brokering.withdraw(row, by=by, now=now, because=Placement.Because.FOUND_ELSEWHERE)
