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
from hubs.outbox import Recipient, queue
from hubs.recipients import hub_people
from hubs.wallclock import MORNING, WallTime, working_days_from
from placements.domain import calendar, capacity, clearances, days, waiting
from placements.domain.people import school_people
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
        capacity.lock([placement.session_id])
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
        capacity.lock([placement.session_id])
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
    waiting.promote(placement.session_id, now=now)


def _announce(placement: Placement, *, now: dt.datetime) -> None:
    """Invitation now; reminders on working days at eight; the register when it is over."""
    start, version = placement.session.starts_at, str(placement.sequence)
    school, employer = school_people(placement.school), employer_people(placement.employer)
    for person in [*school, *employer]:
        queue("placement-accepted", placement, person, now=now, not_after=start, version=version)
        _before_it(placement, "starts-soon", person, (10, 5, 2) if person in school else (10, 2), now=now)
        due_at = _morning(placement, -1)
        queue("starts-tomorrow", placement, person, now=now, due_at=due_at, not_after=start, version=version)
    for person in employer:
        due_at, over = _morning(placement, -HOST_LINK_DAYS), placement.session.ends_at
        queue("host-page", placement, person, now=now, due_at=due_at, not_after=over, version=version)
    for person in school:
        _before_it(placement, "clearances-open", person, (10, 5, 2), now=now)
        _ask_for_register(placement, person, now=now)


def _before_it(
    placement: Placement, kind: str, person: Recipient, mornings: tuple[int, ...], *, now: dt.datetime
) -> None:
    """One message for each number of working days before the start, except mornings that have passed."""
    for left in mornings:
        due_at = _morning(placement, -left)
        if due_at.instant(placement.hub.zone) > now:
            queue(
                kind,
                placement,
                person,
                now=now,
                due_at=due_at,
                not_after=placement.session.starts_at,
                version=f"{placement.sequence}.{left}",
                working_days=left,
            )


def _ask_for_register(placement: Placement, person: Recipient, *, now: dt.datetime) -> None:
    """An hour after the end, and again on later mornings while it is open."""
    session, version = placement.session, str(placement.sequence)
    last_on = session.ends_at.astimezone(session.zone).date()
    due: dict[str, dt.datetime | WallTime] = {version: session.ends_at + dt.timedelta(hours=1)}
    for late in REGISTER_LATE:
        day = working_days_from(last_on, late, placement.hub.jurisdiction)
        due[f"{version}.{late}"] = WallTime(day, MORNING, session.time_zone)
    for name, due_at in due.items():
        not_after = session.ends_at + REGISTER_ASKED_FOR
        queue("register-due", placement, person, now=now, due_at=due_at, not_after=not_after, version=name)


def _morning(placement: Placement, working_days: int) -> WallTime:
    """Eight o'clock where the session is, that many working days from its first day."""
    session = placement.session
    day = working_days_from(session.first_on, working_days, placement.hub.jurisdiction)
    return WallTime(day, MORNING, session.time_zone)


def _everyone(placement: Placement) -> list:
    return [*school_people(placement.school), *employer_people(placement.employer)]
