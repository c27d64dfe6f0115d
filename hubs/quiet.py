"""When people are written to: what can wait reaches nobody at night, on a day off, in the
holidays of their school or while the hub is closed.

A floor above adds what it knows of its organisations' days through `ask_about`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from hubs.models.hub import Hub
from hubs.models.preference import HubClosure
from hubs.wallclock import MORNING, WallTime, is_working_day

#: Office hours on the hub's wall: what is to arrive today arrives between these.
OPENS, CLOSES = dt.time(7), dt.time(19)
#: Holidays longer than this do not keep anything back any more: the summer would.
LONGEST_WAIT = 14

#: Given an organisation's id and a date: whether it is away that day.
Away = Callable[[int, dt.date], bool]
_AWAY: list[Away] = []


def ask_about(away: Away) -> Away:
    """Called once from an app's `ready()`."""
    if away not in _AWAY:
        _AWAY.append(away)
    return away


def open_on(day: dt.date, hub: Hub, organisation_id: int | None) -> bool:
    """Whether this is a day on which what can wait may reach the organisation's people."""
    if not is_working_day(day, hub.jurisdiction):
        return False
    if HubClosure.objects.filter(hub=hub, starts_on__lte=day, ends_on__gte=day).exists():
        return False
    return organisation_id is None or not any(away(organisation_id, day) for away in _AWAY)


def next_morning(hub: Hub, organisation_id: int | None, now: dt.datetime) -> WallTime:
    """Eight o'clock of the next open day, today's when it is still ahead."""
    today = hub.today(now)
    first = today if now.astimezone(hub.zone).time() < MORNING else today + dt.timedelta(days=1)
    days = [first + dt.timedelta(days=n) for n in range(LONGEST_WAIT)]
    found = next((day for day in days if open_on(day, hub, organisation_id)), None)
    # A long holiday: the next working day then, whoever is away.
    return WallTime(found or next(d for d in days if is_working_day(d, hub.jurisdiction)), MORNING)


def today_or_next(hub: Hub, organisation_id: int | None, now: dt.datetime) -> WallTime | None:
    """None within office hours of an open day, else the next morning."""
    local = now.astimezone(hub.zone)
    if OPENS <= local.time() < CLOSES and open_on(local.date(), hub, organisation_id):
        return None
    return next_morning(hub, organisation_id, now)


def better_hour(hub: Hub, organisation_id: int | None, now: dt.datetime) -> WallTime | None:
    """For what was planned before and is to go now: the next morning when this turned out to be a bad hour, else
    None. A holiday too long to wait for keeps nothing back on a working day."""
    wait = today_or_next(hub, organisation_id, now)
    local = now.astimezone(hub.zone)
    at_work = OPENS <= local.time() < CLOSES and is_working_day(local.date(), hub.jurisdiction)
    if wait is None or (at_work and not open_on(wait.on, hub, organisation_id)):
        return None
    return wait
