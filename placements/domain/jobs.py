"""What time alone changes. Each row is its own transaction: safe twice, at once, and killed."""

from __future__ import annotations

import datetime as dt

from employers.models import Employer
from hubs.actors import system
from hubs.errors import Refused
from placements.domain import attendance, brokering, clearances, preparing
from placements.models import Placement


def release_expired_holds(now: dt.datetime) -> int:
    """Give back the places of every hold whose stated time has passed; how many."""
    return brokering.release_run_out(Placement.objects.all(), now=now)


def begin_due(now: dt.datetime) -> int:
    """Set ready placements under way once their session has begun; how many."""
    done = 0
    due = Placement.objects.filter(state="ready", session__starts_at__lte=now).select_related("hub", "session")
    for placement in due.order_by("pk"):
        try:
            attendance.begin(placement, by=system(placement.hub_id), now=now)
        except Refused:
            continue
        done += 1
    return done


def settle_placements(now: dt.datetime) -> int:
    """Set right the placements that are not what their clearances say; how many."""
    done = 0
    for placement in clearances.unsettled(now).select_related("hub").order_by("pk"):
        try:
            clearances.settle_again(placement, now=now)
        except Refused:
            continue  # somebody moved it a moment ago
        done += 1
    return done


def settle_documents(now: dt.datetime) -> int:
    """Use documents the hub has come to hold since they were asked for; how many clearances
    they settled."""
    waiting = clearances.awaiting_documents(now).values("placement__employer")
    employers = Employer.objects.filter(pk__in=waiting).order_by("pk")
    return sum(clearances.settle_documents(employer, now=now) for employer in employers)


def settle_preparation(now: dt.datetime) -> int:
    """Use what volunteers have done since it was asked for; how many clearances that settled."""
    waiting = preparing.awaiting_preparation(now).values("placement__employer")
    employers = Employer.objects.filter(pk__in=waiting).order_by("pk")
    return sum(preparing.settle_preparation(employer, now=now) for employer in employers)
