"""Taking places for a request: the one way a placement begins, whoever asked for it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from hubs.actors import Actor
from hubs.errors import Refused
from hubs.links import revoke_links
from hubs.log import record
from hubs.moves import lock_state, move
from hubs.outbox import queue
from hubs.wallclock import instant, working_days_from
from opportunities.models import Session
from placements.domain import calendar, capacity, days, hours
from placements.domain.people import school_people
from placements.models import Placement, PlacementRequest
from placements.rules import begun, not_offered

#: Why a hold ended by itself; a word of the log, in no language.
RUN_OUT = "hold expired"
HOLD_DAYS = 5  # working days a hold waits before it is released by itself
OFFICE_CLOSES = dt.time(17)


def hold_places(
    request: PlacementRequest, sessions: Sequence[Session], places: int, *, by: Actor, now: dt.datetime
) -> list[Placement]:
    """`places` in each of the sessions for a request that waits with the hub: all of them, or none.

    Raises `capacity.CannotPlace`, `days.CannotAttendBoth`, `hours.CannotExceedHours`, `Refused`.
    """
    named = list(request.students.select_related("year_group").order_by("pk"))
    for session in sessions:
        if session.hub_id != request.hub_id:
            raise Refused(_("This session is no longer offered."))
        if sentence := not_offered(session):
            raise Refused(sentence, code="session_gone")
        if sentence := begun(session, now):
            raise Refused(sentence, code="begun")
        hours.refuse_broken(hours.broken(session, request.school, group=request.group, students=named, now=now), now)
    wanted = {session.pk: places for session in sessions}
    try:
        with transaction.atomic():
            capacity.take(wanted)
            # After the sessions' locks, as everywhere: sessions first, then the request.
            lock_state(request, "is_provisional")
            if request.state != "submitted":
                raise Refused(_("This request is not waiting for the hub any more."))
            made = [_placement(request, session, places, now=now) for session in sessions]
            for placement in made:
                record(placement, "held", by=by, now=now, to_state="held", places=places, series=made[0].pk)
                if request.is_provisional:
                    for person in school_people(request.school):
                        queue("firm-asked", placement, person, now=now, not_after=placement.held_until)
            return made
    except IntegrityError as error:
        raise Refused(_("Places of this session are held for this request already.")) from error


def end(placement: Placement, state: str, *, by: Actor, now: dt.datetime, reason: str) -> None:
    """Move a placement that nobody agreed to out of the way; its places are free again.

    Inside the caller's transaction, which goes on to offer them to whoever waits.
    """
    capacity.lock([placement.session_id])
    also = {"closed_at": now, "reason": reason, "sequence": placement.sequence + 1}
    move(placement, state, by=by, now=now, reason=reason, also=also)
    capacity.give_back({placement.session_id: placement.places})
    days.free(placement)
    calendar.tell(placement, now=now)
    revoke_links(placement, now=now)


def _placement(request: PlacementRequest, session: Session, places: int, *, now: dt.datetime) -> Placement:
    placement = Placement.objects.create(
        hub=request.hub,
        request=request,
        session=session,
        employer_id=session.employer_id,
        school=request.school,
        group=request.group,
        places=places,
        held_until=_end_of_hold(request, now),
        supervisor=session.opportunity.supervisor,
        created_at=now,
    )
    if students := _students(request, places):
        days.place(placement, students, now=now, new=True)
    calendar.tell(placement, now=now)
    return placement


def _end_of_hold(request: PlacementRequest, now: dt.datetime) -> dt.datetime:
    hub = request.hub
    return instant(working_days_from(hub.today(now), HOLD_DAYS, hub.jurisdiction), OFFICE_CLOSES, hub.zone)


def _students(request: PlacementRequest, places: int) -> list:
    """Those named; or the whole group when places are asked for all of it; or nobody yet."""
    named = list(request.students.filter(left_on__isnull=True).order_by("pk"))
    if named or request.group is None:
        return named
    everyone = list(request.group.students.filter(left_on__isnull=True).order_by("pk"))
    return everyone if len(everyone) == places else []
