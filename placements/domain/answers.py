"""What the employer answers, and calling a placement off afterwards."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from hubs.actors import Actor, system
from hubs.errors import Refused
from hubs.links import revoke_links
from hubs.moves import move
from hubs.outbox import queue
from hubs.wallclock import MORNING, WallTime, working_days_from
from placements.domain import calendar, capacity, clearances, days
from placements.domain.people import employer_people, hub_people, school_people
from placements.models import Placement

REGISTER_LATE = (2, 5)  # working days after the end that an open register is asked for again
REGISTER_ASKED_FOR = dt.timedelta(days=30)
HOST_LINK_DAYS = 5  # working days before the start that the host gets the page of the day


def accept(placement: Placement, *, by: Actor, now: dt.datetime, supervisor: str = "") -> None:
    """The employer says yes: binding for both sides. Invitations and reminders are written
    here, in the same transaction, so that an acceptance without them cannot exist."""
    with transaction.atomic():
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
        _announce(placement, now=now)
        clearances.settle(placement, by=system(placement.hub_id), now=now)


def decline(placement: Placement, reason: str, *, by: Actor, now: dt.datetime) -> None:
    """The employer says no; the places are free again and the hub looks further."""
    if not reason.strip():
        raise Refused(_("Say why in a few words: it helps the hub to ask better next time."))
    with transaction.atomic():
        move(
            placement,
            "declined",
            by=by,
            now=now,
            reason=reason,
            also={"answered_at": now, "closed_at": now, "reason": reason, "sequence": placement.sequence + 1},
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
        move(
            placement,
            "cancelled",
            by=by,
            now=now,
            reason=reason,
            also={"closed_at": now, "reason": reason, "sequence": placement.sequence + 1},
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


def _announce(placement: Placement, *, now: dt.datetime) -> None:
    """Invitation now; reminders on working days at eight; the register when it is over."""
    hub, session, version = placement.hub, placement.session, str(placement.sequence)
    start, first_on = session.starts_at, session.first_on

    def morning(working_days: int) -> WallTime:
        return WallTime(working_days_from(first_on, -working_days, hub.jurisdiction), MORNING, session.time_zone)

    for person in _everyone(placement):
        queue("placement-accepted", placement, person, now=now, not_after=start, version=version)
        for left in (10, 5, 2) if person.organisation_id == placement.school_id else (10, 2):
            if morning(left).instant(hub.zone) > now:
                queue(
                    "starts-soon",
                    placement,
                    person,
                    now=now,
                    due_at=morning(left),
                    not_after=start,
                    version=f"{version}.{left}",
                    working_days=left,
                )
        queue("starts-tomorrow", placement, person, now=now, due_at=morning(1), not_after=start, version=version)
    for person in employer_people(placement.employer):
        queue(
            "host-page",
            placement,
            person,
            now=now,
            due_at=morning(HOST_LINK_DAYS),
            not_after=session.ends_at,
            version=version,
        )
    for person in school_people(placement.school):
        for left in (10, 5, 2):
            if morning(left).instant(hub.zone) > now:
                queue(
                    "clearances-open",
                    placement,
                    person,
                    now=now,
                    due_at=morning(left),
                    not_after=start,
                    version=f"{version}.{left}",
                    working_days=left,
                )
        queue(
            "register-due",
            placement,
            person,
            now=now,
            due_at=session.ends_at + dt.timedelta(hours=1),
            not_after=session.ends_at + REGISTER_ASKED_FOR,
            version=version,
        )
        last_on = session.ends_at.astimezone(session.zone).date()
        for late in REGISTER_LATE:
            day = working_days_from(last_on, late, hub.jurisdiction)
            queue(
                "register-due",
                placement,
                person,
                now=now,
                due_at=WallTime(day, MORNING, session.time_zone),
                not_after=session.ends_at + REGISTER_ASKED_FOR,
                version=f"{version}.{late}",
            )


def _everyone(placement: Placement) -> list:
    return [*school_people(placement.school), *employer_people(placement.employer)]
