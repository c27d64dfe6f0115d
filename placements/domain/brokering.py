"""The hub's verbs: hold places for a request, offer them to the employer, give them back."""

from __future__ import annotations

import datetime as dt

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from employers.people import employer_people
from hubs.actors import Actor
from hubs.errors import NotYours, Refused
from hubs.links import revoke_links
from hubs.log import record
from hubs.models import HUB_STAFF
from hubs.moves import lock_state, move
from hubs.outbox import occasion, queue
from hubs.wallclock import MORNING, WallTime, instant, working_days_from
from opportunities.models import Session
from placements.domain import calendar, capacity, days
from placements.domain.people import school_people
from placements.models import Placement, PlacementRequest
from placements.rules import begun

HOLD_DAYS = 5  # working days a hold waits before it is released by itself
ANSWER_DAYS = 5  # working days an employer has to answer
NUDGE_AFTER = (2, 4)  # working days until the reminders to answer
OFFICE_CLOSES = dt.time(17)


def hold(
    request: PlacementRequest, session: Session, places: int | None = None, *, by: Actor, now: dt.datetime
) -> Placement:
    """Take places of `session` for the request while the rest is settled.

    Raises `capacity.NoPlaces`, `days.Clash`, `Refused`.
    """
    if not by.may(request, HUB_STAFF):
        raise NotYours(_("Only the hub holds places."))
    if session.hub_id != request.hub_id:
        raise Refused(_("This session is no longer offered."))
    if sentence := begun(session, now):
        raise Refused(sentence, code="begun")
    places = places or request.places
    try:
        with transaction.atomic():
            capacity.take({session.pk: places})
            # After the session's lock, as everywhere: session first, then request.
            lock_state(request)
            if request.state != "submitted":
                raise Refused(_("This request is not waiting for the hub any more."))
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
            students = _students(request, places)
            if students:
                days.place(placement, students, now=now)
            calendar.tell(placement, now=now)
            record(placement, "held", by=by, now=now, to_state="held", places=places)
    except IntegrityError as error:
        raise Refused(_("Places of this session are held for this request already.")) from error
    return placement


def offer(placement: Placement, *, by: Actor, now: dt.datetime, message: str = "") -> None:
    """Ask the employer. From here on the hold waits for the answer instead of running out."""
    hub = placement.hub
    answer_by = instant(working_days_from(hub.today(now), ANSWER_DAYS, hub.jurisdiction), OFFICE_CLOSES, hub.zone)
    answer_by = min(answer_by, placement.session.starts_at)
    with transaction.atomic():
        move(placement, "offered", by=by, now=now, also={"offered_at": now, "answer_by": answer_by})
        nudges = [(days, working_days_from(hub.today(now), days, hub.jurisdiction)) for days in NUDGE_AFTER]
        for person in employer_people(placement.employer):
            queue(
                "placement-offered", placement, person, now=now, not_after=placement.session.starts_at, message=message
            )
            for days_later, day in nudges:
                due = WallTime(day, MORNING)
                if due.instant(hub.zone) < answer_by:
                    queue(
                        "answer-reminder",
                        placement,
                        person,
                        now=now,
                        due_at=due,
                        not_after=answer_by,
                        version=str(days_later),
                    )
        for person in school_people(placement.school):
            queue("request-offered", placement, person, now=now, not_after=placement.session.starts_at)


def release(placement: Placement, *, by: Actor, now: dt.datetime, reason: str = "") -> None:
    """Give held places back."""
    _end(placement, "released", by=by, now=now, reason=reason)


def withdraw(placement: Placement, *, by: Actor, now: dt.datetime, reason: str = "") -> None:
    """The school no longer wants places that were held or offered."""
    was_offered = placement.state == "offered"
    with transaction.atomic():
        _end(placement, "withdrawn", by=by, now=now, reason=reason)
        if was_offered:
            for person in employer_people(placement.employer):
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


def _end(placement: Placement, state: str, *, by: Actor, now: dt.datetime, reason: str) -> None:
    with transaction.atomic():
        move(
            placement,
            state,
            by=by,
            now=now,
            reason=reason,
            also={"closed_at": now, "reason": reason, "sequence": placement.sequence + 1},
        )
        capacity.give_back({placement.session_id: placement.places})
        days.free(placement)
        calendar.tell(placement, now=now)
        revoke_links(placement, now=now)


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
