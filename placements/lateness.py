"""What of a reminder is still true when it goes later than it was due.

A hub's closure, a school's holidays or an outage may keep it back, and an answer may come on the last day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from hubs.models import Message
from hubs.wallclock import working_days_until
from placements.models import Placement

Live = Callable[..., bool]


def days_left(placement: Placement, now: dt.datetime) -> int:
    """Working days from today, where the session is, to its first day; 0 from that day on."""
    session = placement.session
    today = now.astimezone(session.zone).date()
    return working_days_until(session.first_on, today, placement.hub.jurisdiction)


def ahead(live: Live) -> Live:
    """And the first day is still to come."""
    return lambda placement, message, now: live(placement, message, now) and days_left(placement, now) > 0


def latest(live: Live) -> Live:
    """And no later row of its kind for the same reader is due as well: one mail is enough when several times
    of a reminder have fallen on one."""
    return lambda row, message, now: live(row, message, now) and not _overtaken(message, now)


def _overtaken(message: Message, now: dt.datetime) -> bool:
    later = Message.objects.filter(
        subject_type=message.subject_type, subject_id=message.subject_id, kind=message.kind,
        address=message.address, channel=message.channel, pk__gt=message.pk,
    )  # fmt: skip
    return later.filter(state__in=["due", "leased"], due_at__lte=now).exists()
