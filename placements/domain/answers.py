"""What the employer answers, and calling a placement off afterwards."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from employers.people import employer_people
from hubs.actors import Actor, system
from hubs.errors import Refused
from hubs.links import revoke_links
from hubs.moves import move
from hubs.outbox import queue
from hubs.recipients import hub_people
from placements.domain import calendar, capacity, clearances, days, hours, reminders, surplus, waiting
from placements.domain.holding import WHERE
from placements.domain.people import school_people
from placements.models import Placement


def accept(placement: Placement, *, by: Actor, now: dt.datetime, supervisor: str = "") -> None:
    """The employer says yes: binding for both sides. Invitations and reminders are written
    here, in the same transaction, so that an acceptance without them cannot exist. What is held or
    asked elsewhere for the same students is given back, and those employers are told.

    Raises `hours.CannotExceedHours` when a day breaks a verified limit on hours for these students."""
    with transaction.atomic():
        others = surplus.lock_others(placement)
        hours.refuse_broken(hours.of_placement(placement, now), now)
        move(
            placement,
            "accepted",
            by=by,
            now=now,
            also={
                "answered_at": now,
                "supervisor": supervisor or placement.supervisor,
                "sequence": placement.sequence + 1,
            },
        )
        calendar.tell(placement, now=now)
        clearances.make_for(placement, by=by, now=now)
        request = placement.request
        if request is not None and request.state == "submitted":
            move(request, "placed", by=system(placement.hub_id), now=now)
        surplus.let_go(placement, others, now=now)
        _announce(placement, now=now)
        clearances.settle(placement, by=system(placement.hub_id), now=now)


def decline(placement: Placement, reason: str, *, by: Actor, now: dt.datetime) -> None:
    """The employer says no; the places are free again and the hub looks further."""
    if not reason.strip():
        raise Refused(_("Say why in a few words: it helps the hub to ask better next time."))
    with transaction.atomic():
        capacity.lock([placement.session_id])
        move(
            placement,
            "declined",
            by=by,
            now=now,
            reason=reason,
            also={"answered_at": now, "closed_at": now, "reason": reason, "sequence": placement.sequence + 1},
            as_read=WHERE,
        )
        # The links stay: whoever opens one again reads what was answered.
        _let_go(placement, now=now)
        for person in hub_people(placement.hub, placement.school):
            queue("placement-declined", placement, person, now=now)


def cancel(placement: Placement, reason: str, *, by: Actor, now: dt.datetime) -> None:
    """Call an accepted placement off. Everybody is told and calendars lose it."""
    if not reason.strip():
        raise Refused(_("Say why: the other side reads it."))
    with transaction.atomic():
        capacity.lock([placement.session_id])
        move(
            placement,
            "cancelled",
            by=by,
            now=now,
            reason=reason,
            also={"closed_at": now, "reason": reason, "sequence": placement.sequence + 1},
            as_read=WHERE,
            notice_days=(placement.session.starts_at - now).days,
        )
        _let_go(placement, now=now)
        revoke_links(placement, now=now)
        for person in _everyone(placement):
            queue("placement-cancelled", placement, person, now=now, version=str(placement.sequence))


def _let_go(placement: Placement, *, now: dt.datetime) -> None:
    capacity.give_back({placement.session_id: placement.places})
    days.free(placement)
    calendar.tell(placement, now=now)
    request = placement.request
    if request is not None and request.state == "placed" and not request.placements.live().exists():
        move(request, "submitted", by=system(placement.hub_id), now=now, reason=placement.reason)
    waiting.promote(placement.session_id, now=now)


def _announce(placement: Placement, *, now: dt.datetime) -> None:
    """The invitation now; the reminders when they are due."""
    for person in _everyone(placement):
        queue(
            "placement-accepted",
            placement,
            person,
            now=now,
            not_after=placement.session.starts_at,
            version=str(placement.sequence),
            gone=calendar.gone_from(placement),
        )
    reminders.write(placement, now=now)


def _everyone(placement: Placement) -> list:
    return [*school_people(placement.school), *employer_people(placement.employer)]
