"""The waiting list of a session: who joined first is asked first, and everybody sees where they stand.

Places that come free are held for the list in the transaction, and under the lock, that freed
them: nobody passes by between the two. Whoever asks for more than is free keeps the place and
waits on; the next whose number fits is served.
"""

from __future__ import annotations

import datetime as dt

from django.db import IntegrityError, transaction
from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from hubs.actors import Actor, system
from hubs.errors import CannotAct, Refused
from hubs.log import record
from hubs.models import HUB_STAFF, LogEntry
from hubs.moves import lock_state
from hubs.outbox import queue
from hubs.recipients import hub_people
from opportunities.models import Session
from placements.domain import capacity, holding
from placements.domain.people import school_people
from placements.domain.suitability import others_first
from placements.models import PlacementRequest, WaitingPlace
from placements.models.request import COORDINATORS
from placements.rules import begun, not_offered, outside_its_days

PROMOTED_AT_ONCE = 50


class CannotWait(Refused):
    """There is no list to stand in, or this request stands in it already."""

    code = "cannot_wait"


@transaction.atomic
def join(
    request: PlacementRequest, session: Session, places: int | None = None, *, by: Actor, now: dt.datetime
) -> WaitingPlace:
    """Stand in line for places of a session that is full. Binding for nobody.

    Raises `CannotWait` when enough places are free: they can be asked for now. A school stands in line only while it
    may ask: from the day that is its own until requests close. The hub may put it there on any day.
    """
    if not by.may(request, COORDINATORS | HUB_STAFF):
        raise CannotAct(_("Only the school, or the hub for it, joins a waiting list."))
    places = places or request.places
    one = capacity.lock([session.pk]).get(session.pk)
    if one is None or one.hub_id != request.hub_id:
        raise CannotWait(_("This session is no longer offered."))
    if sentence := not_offered(one):
        raise CannotWait(sentence)
    if sentence := begun(one, now):
        raise CannotWait(sentence)
    if not by.is_hub_staff and (
        sentence := _not_yet(request, one, now) or outside_its_days(one, request.hub.today(now))
    ):
        raise CannotWait(sentence)
    if places > one.places:
        raise CannotWait(_("This session has %(places)s places in all.") % {"places": one.places})
    if one.left >= places:
        raise CannotWait(_("Enough places are free. The hub can hold them now."))
    lock_state(request)
    if request.state != "submitted":
        raise CannotWait(_("This request is not waiting for the hub any more."))
    try:
        with transaction.atomic():
            place = WaitingPlace.objects.create(
                hub_id=request.hub_id, school_id=request.school_id, session=one, request=request, places=places,
                joined_at=now, on_any_day=by.is_hub_staff,
            )  # fmt: skip
    except IntegrityError as error:
        raise CannotWait(_("This request is on the waiting list already.")) from error
    record(request, "waiting_joined", by=by, now=now, session=one.pk, places=places)
    return place


@transaction.atomic
def leave(place: WaitingPlace, *, by: Actor, now: dt.datetime) -> None:
    """Step out of the line; everybody behind moves up."""
    if not by.may(place.request, COORDINATORS | HUB_STAFF):
        raise CannotAct(_("Only the school, or the hub for it, leaves a waiting list."))
    if not WaitingPlace.objects.filter(pk=place.pk, left_at=None).update(left_at=now):
        raise CannotWait(_("This request is not on the waiting list any more."))
    record(place.request, "waiting_left", by=by, now=now, session=place.session_id)


def in_line(session: Session | int) -> QuerySet[WaitingPlace]:
    """Who waits, first come first."""
    rows = WaitingPlace.objects.filter(session=session, left_at=None, request__state="submitted")
    return rows.order_by("joined_at", "pk")


def with_position(places: QuerySet[WaitingPlace]) -> QuerySet[WaitingPlace]:
    """Adds `position` (1 is next) and `length` of the line each stands in: numbers, never who else waits."""
    line = WaitingPlace.objects.filter(session=OuterRef("session"), left_at=None, request__state="submitted")
    before = line.filter(
        Q(joined_at__lt=OuterRef("joined_at")) | Q(joined_at=OuterRef("joined_at"), pk__lte=OuterRef("pk"))
    )
    return places.annotate(position=_number(before), length=_number(line))


def _number(rows: QuerySet) -> Coalesce:
    counted = rows.order_by().values("session").annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted), 0)


def promote(session: Session | int, *, now: dt.datetime) -> int:
    """Hold what is free for those who wait; how many of them. The caller's transaction holds the session's lock.

    Whose day is still to come, because it was moved after they joined, keeps the place and is passed over until then.
    Whoever joined while requests were open is served after they closed.
    Somebody whose request is being changed this moment is passed over, not waited for: requests
    are locked after sessions, and the job looks again within a minute.
    """
    key = session if isinstance(session, int) else session.pk
    if not in_line(key).exists():
        return 0
    one = capacity.lock([key])[key]
    if not_offered(one) or begun(one, now):
        return 0
    done = 0
    for place in in_line(key).select_related("request__hub", "request__school__hub", "request__group"):
        one.refresh_from_db(fields=["taken", "places", "over_committed"])
        if not one.left:
            break
        if place.places <= one.left and not waits_for_its_day(place, one, now):
            done += _promote_one(place, one, now=now)
    return done


def waits_for_its_day(place: WaitingPlace, session: Session, now: dt.datetime) -> str | None:
    """Why a place in line is not served yet however many places are free, in a sentence, or None."""
    return None if place.on_any_day else _not_yet(place.request, session, now)


def _not_yet(request: PlacementRequest, session: Session, now: dt.datetime) -> str | None:
    """Why the school may not ask for it before another day, or None."""
    today = request.hub.today(now)
    still_shut = outside_its_days(session, today, was_in_time=True)
    return still_shut or others_first(session.opportunity, request.school, now)


def _promote_one(place: WaitingPlace, session: Session, *, now: dt.datetime) -> bool:
    free = PlacementRequest.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
    if not list(free.filter(pk=place.request_id).order_by("pk").values_list("pk")):
        return False
    request = place.request
    try:
        with transaction.atomic():
            (held,) = holding.hold_places(request, [session], place.places, by=system(session.hub_id), now=now)
            WaitingPlace.objects.filter(pk=place.pk).update(left_at=now)
            record(request, "waiting_served", by=system(session.hub_id), now=now, session=session.pk)
            for person in (*hub_people(request.hub, request.school), *school_people(request.school)):
                queue("waiting-served", held, person, now=now, not_after=held.held_until)
    except Refused:
        return False  # a student is elsewhere by now, or a cap is reached: the place in line is kept
    return True


@transaction.atomic
def close(session: Session, reason: str, *, now: dt.datetime) -> int:
    """Nobody waits any more for a session that was called off: each line ends with the reason, and its school is
    told once. Its request stays with the hub. Returns how many there were."""
    done = 0
    rows = WaitingPlace.objects.filter(session=session, left_at=None)
    for place in rows.select_related("request__hub", "request__school").order_by("pk"):
        if not WaitingPlace.objects.filter(pk=place.pk, left_at=None).update(left_at=now):
            continue  # left a moment ago
        request, by = place.request, system(session.hub_id)
        record(request, "waiting_ended", by=by, now=now, reason=reason, session=session.pk)
        if request.state == "submitted":
            for person in school_people(request.school):
                queue("waiting-ended", request, person, now=now, version=str(session.pk), session=session.pk,
                      reason=reason)  # fmt: skip
        done += 1
    return done


def promote_due(now: dt.datetime) -> int:
    """What no release promoted: places added by hand, caps raised, somebody passed over; how many requests.

    Each session is its own transaction. Lines of sessions that have begun are closed, and those of
    sessions called off without anybody having closed them.
    """
    called_off = Session.objects.filter(state="cancelled", waiting__left_at=None).distinct().order_by("pk")
    for session in called_off[:PROMOTED_AT_ONCE]:
        close(session, _why_called_off(session), now=now)
    begun_already = WaitingPlace.objects.filter(left_at=None, session__starts_at__lte=now)
    begun_already.update(left_at=now)
    waiting = Session.objects.filter(
        waiting__left_at=None, waiting__request__state="submitted", state="planned", taken__lt=F("places"),
        opportunity__state="published",
    )  # fmt: skip
    done = 0
    for pk in waiting.order_by("pk").values_list("pk", flat=True).distinct()[:PROMOTED_AT_ONCE]:
        with transaction.atomic():
            capacity.lock([pk])
            done += promote(pk, now=now)
    return done


def _why_called_off(session: Session) -> str:
    entry = LogEntry.objects.about(session).filter(verb="cancelled").first()
    return entry.reason if entry else ""
