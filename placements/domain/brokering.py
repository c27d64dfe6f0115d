"""The hub's verbs: hold places for a request, offer them to the employer, give them back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from employers.people import employer_people
from hubs.actors import Actor, system
from hubs.errors import CannotAct, Refused
from hubs.models import HUB_STAFF, Hub
from hubs.moves import lock_state, move
from hubs.outbox import occasion, queue
from hubs.wallclock import instant, working_days_from
from opportunities.models import Session
from placements.domain import capacity, ladder, waiting
from placements.domain.holding import OFFICE_CLOSES, end, hold_places
from placements.domain.people import asked_people, school_people
from placements.models import Placement, PlacementRequest
from placements.models.placement import PlacementQuerySet


def hold(
    request: PlacementRequest, session: Session, places: int | None = None, *, by: Actor, now: dt.datetime
) -> Placement:
    """Take places of `session` for the request while the rest is settled.

    Raises `capacity.CannotPlace`, `days.CannotAttendBoth`, `hours.CannotExceedHours`, `Refused`.
    """
    return hold_series(request, [session], places, by=by, now=now)[0]


def hold_series(
    request: PlacementRequest, sessions: Sequence[Session], places: int | None = None, *, by: Actor, now: dt.datetime
) -> list[Placement]:
    """Take `places` in every one of the sessions, or in none of them. Raises as `hold` does."""
    if not by.may(request, HUB_STAFF):
        raise CannotAct(_("Only the hub holds places."))
    if not sessions:
        raise Refused(_("Choose at least one session."))
    wanted = places or request.places
    try:
        return hold_places(request, sessions, wanted, by=by, now=now)
    except capacity.CannotPlace:
        # Holds that ran out are free from their stated time on, whether or not the job has come
        # round; whoever waits for the session is served before this one.
        if not release_run_out(Placement.objects.filter(session__in=sessions), now=now):
            raise
        return hold_places(request, sessions, wanted, by=by, now=now)


def release_run_out(rows: PlacementQuerySet, *, now: dt.datetime) -> int:
    """Give back the places of those among `rows` whose hold has run out; how many. Each is its own
    transaction and happens once: safe twice, at once and killed."""
    done = 0
    for placement in rows.hold_expired(now).select_related("hub").order_by("pk"):
        try:
            release(placement, by=system(placement.hub_id), now=now, because=Placement.Because.HOLD_EXPIRED)
        except Refused:
            continue  # somebody moved it a moment ago
        done += 1
    return done


def offer(
    placement: Placement, *, by: Actor, now: dt.datetime, message: str = "", days: int | None = None,
    several: bool = False,
) -> None:  # fmt: skip
    """Ask the employer, for an answer within so many working `days` or as many as the hub gives; `several`: others
    are asked for the same students, and it is told so. From here on the hold waits for the answer instead of running
    out."""
    steps = ladder.ladder_of(placement.hub)
    answer_by = min(closing(placement.hub, days or steps.answer_days, now), placement.session.starts_at)
    said: dict[str, Any] = {"message": message} | ({"several": True} if several else {})
    with transaction.atomic():
        move(placement, "offered", by=by, now=now, also={"offered_at": now, "answer_by": answer_by})
        for person in employer_people(placement.employer):
            queue("placement-offered", placement, person, now=now, not_after=placement.session.starts_at, **said)
        ladder.write(placement, steps, now=now)
        for person in school_people(placement.school):
            queue("request-offered", placement, person, now=now, not_after=placement.session.starts_at)


def closing(hub: Hub, days: int, now: dt.datetime) -> dt.datetime:
    """When the office closes, so many working days from now."""
    return instant(working_days_from(hub.today(now), days, hub.jurisdiction), OFFICE_CLOSES, hub.zone)


def release(placement: Placement, *, by: Actor, now: dt.datetime, reason: str = "", because: str = "") -> None:
    """Give held places back, for a `reason` somebody wrote or `because` of a code of `Placement.Because`."""
    _end(placement, "released", by=by, now=now, reason=reason, because=because)


def withdraw(placement: Placement, *, by: Actor, now: dt.datetime, reason: str = "", because: str = "") -> None:
    """The school no longer wants places that were held or offered; why, as for `release`."""
    was_offered = placement.state == "offered"
    with transaction.atomic():
        _end(placement, "withdrawn", by=by, now=now, reason=reason, because=because)
        if was_offered:
            for person in asked_people(placement):
                queue("placement-withdrawn", placement, person, now=now)


def refuse(request: PlacementRequest, reason: str, *, by: Actor, now: dt.datetime) -> None:
    """Say that nothing can be found, with a true reason; the school may send it again.

    Raises `Refused` without a reason or while places are held for it.
    """
    if not reason.strip():
        raise Refused(_("Say why: the school reads it."))
    with transaction.atomic():
        lock_state(request)
        if request.placements.live().exists():
            raise Refused(_("Give the held places back first."))
        move(request, "refused", by=by, now=now, reason=reason)
        for person in school_people(request.school):
            queue("request-refused", request, person, now=now, version=occasion(now), reason=reason)


@transaction.atomic
def _end(placement: Placement, state: str, *, by: Actor, now: dt.datetime, reason: str, because: str) -> None:
    end(placement, state, by=by, now=now, reason=reason, because=because)
    waiting.promote(placement.session_id, now=now)
