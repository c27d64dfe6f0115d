"""Taking places for a request: the one way a placement begins, whoever asked for it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from functools import partial

from django.db import IntegrityError, transaction
from django.db.models import prefetch_related_objects
from django.utils.translation import gettext as _

from hubs.actors import Actor
from hubs.errors import Refused
from hubs.links import revoke_links
from hubs.locks import lock_and_read, lock_rows
from hubs.log import record
from hubs.moves import lock_state, move
from hubs.outbox import queue
from hubs.wallclock import instant, working_days_from
from opportunities.models import Session
from placements.domain import calendar, capacity, days, hours
from placements.domain.people import school_people
from placements.hours import Limit
from placements.models import Placement, PlacementRequest
from placements.rules import begun, not_offered
from schools.models import Student

HOLD_DAYS = 5  # working days a hold waits before it is released by itself
OFFICE_CLOSES = dt.time(17)


def hold_places(
    request: PlacementRequest, sessions: Sequence[Session], places: int, *, by: Actor, now: dt.datetime
) -> list[Placement]:
    """`places` in each of the sessions for a request that waits with the hub: all of them, or none.

    Raises `capacity.CannotPlace`, `days.CannotAttendBoth`, `hours.CannotExceedHours`, `Refused`.
    """
    if any(session.hub_id != request.hub_id for session in sessions):
        raise Refused(_("This session is no longer offered."))
    limits = hours.limits_by_tier(request.hub, now)  # the law of the day needs no lock
    try:
        with transaction.atomic():
            wanted = {session.pk: places for session in sessions}
            locked = capacity.take(wanted, may=partial(_refuse_gone, now=now))
            rows = [locked[session.pk] for session in sessions]
            prefetch_related_objects(rows, "days")
            # After the sessions' locks, as everywhere: sessions first, then the request, then students.
            lock_state(request, "is_provisional")
            if request.state != "submitted":
                raise Refused(_("This request is not waiting for the hub any more."))
            named = lock_and_read(request.students.filter(left_on__isnull=True).select_related("year_group"))
            for session in rows:
                _refuse_long_hours(request, session, named, limits, now=now)
            return _begin(request, rows, places, named or _whole_group(request, places), by=by, now=now)
    except IntegrityError as error:
        raise Refused(_("Places of this session are held for this request already.")) from error


#: What giving places back goes by: a change agreed to meanwhile may have moved the placement to another session.
WHERE = ("session_id", "places")


def end(
    placement: Placement, state: str, *, by: Actor, now: dt.datetime, reason: str = "", because: str = ""
) -> None:  # fmt: skip
    """Move a placement that nobody agreed to out of the way, for a `reason` somebody wrote or `because` of a code of
    `hubs.reasons`; its places are free again.

    Inside the caller's transaction, which goes on to offer them to whoever waits.
    """
    capacity.lock([placement.session_id])
    also = {"closed_at": now, "reason": reason, "ended_because": because, "sequence": placement.sequence + 1}
    move(placement, state, by=by, now=now, reason=reason, because=because, also=also, as_read=WHERE)
    capacity.give_back({placement.session_id: placement.places})
    days.free(placement)
    calendar.tell(placement, now=now)
    revoke_links(placement, now=now)


def _refuse_gone(sessions: Collection[Session], now: dt.datetime) -> None:
    """What is no longer offered, or has begun, is not called full: nobody would wait for it."""
    for session in sessions:
        if sentence := not_offered(session):
            raise Refused(sentence, code="session_gone")
        if sentence := begun(session, now):
            raise Refused(sentence, code="begun")


def _refuse_long_hours(
    request: PlacementRequest, session: Session, named: list[Student], limits: dict[str, list[Limit]], *,
    now: dt.datetime,
) -> None:  # fmt: skip
    found = hours.broken(
        session, request.school, group=request.group, students=named, now=now,
        limits=limits[session.opportunity.encounter_type.tier],
    )  # fmt: skip
    hours.refuse_broken(found, now)


def _begin(
    request: PlacementRequest,
    sessions: Sequence[Session],
    places: int,
    students: list[Student],
    *,
    by: Actor,
    now: dt.datetime,
) -> list[Placement]:
    """The rows of each placement, once the places are taken and everything they rest on is locked."""
    made = [_placement(request, session, places, students, now=now) for session in sessions]
    for placement in made:
        record(placement, "held", by=by, now=now, to_state="held", places=places, series=made[0].pk)
        if request.is_provisional:
            for person in school_people(request.school):
                queue("firm-asked", placement, person, now=now, not_after=placement.held_until)
    return made


def _placement(
    request: PlacementRequest, session: Session, places: int, students: list[Student], *, now: dt.datetime
) -> Placement:
    placement = Placement.objects.create(
        hub=request.hub,
        request=request,
        session=session,
        employer=session.employer,
        school=request.school,
        group=request.group,
        places=places,
        held_until=_end_of_hold(request, now),
        supervisor=session.opportunity.supervisor,
        created_at=now,
    )
    if students:
        days.place_first(placement, students, now=now)
    calendar.tell(placement, now=now, first=True)
    return placement


def _end_of_hold(request: PlacementRequest, now: dt.datetime) -> dt.datetime:
    hub = request.hub
    return instant(working_days_from(hub.today(now), HOLD_DAYS, hub.jurisdiction), OFFICE_CLOSES, hub.zone)


def _whole_group(request: PlacementRequest, places: int) -> list[Student]:
    """Everybody in the group, held, when places are asked for all of it; or nobody yet."""
    if request.group is None:
        return []
    everyone = list(request.group.students.filter(left_on__isnull=True).order_by("pk"))
    if len(everyone) != places:
        return []
    lock_rows(Student.objects.filter(pk__in=[student.pk for student in everyone]))
    return everyone
