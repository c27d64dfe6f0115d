"""What is asked of whoever looks after the students follows what they have done, and who is named."""

from __future__ import annotations

import datetime as dt

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from employers.models import Employer, Preparation
from hubs.actors import system
from hubs.errors import Refused
from hubs.models import Requirement
from placements.domain import clearances, prepared
from placements.models import Clearance, Placement


def look_at_preparation(placement: Placement, *, now: dt.datetime) -> int:
    """Bring what was asked of whoever looks after the students to what they have done: settled, or opened again when
    somebody else is named or it no longer holds to the last day. How many were settled.

    Safe to call again; the caller has saved who is named and when.
    """
    by, found, done = system(placement.hub_id), prepared.evidence(placement), 0
    rows = placement.clearances.filter(requirement__kind=Requirement.Kind.PREPARATION).exclude(state="waived")
    for clearance in rows.select_related("hub", "requirement").order_by("pk"):
        clearance.placement = placement
        if clearance.state == "open" and found is not None:
            clearances.complete(clearance, by=by, now=now, **found)
            done += 1
        elif clearance.state == "done" and found is None:
            clearance.due_on = clearances.due_day(placement, now=now)
            clearance.save(update_fields=["due_on"])
            clearances.reopen(clearance, _("Whoever looks after the students has still to prepare."), by=by, now=now)
        elif clearance.state == "done" and clearance.evidence != found:
            Clearance.objects.filter(pk=clearance.pk, state="done").update(evidence=found)  # another who is prepared
    return done


def awaiting_preparation(now: dt.datetime) -> QuerySet[Clearance]:
    """Open clearances of agreed placements whose employer has somebody who has prepared."""
    ready = Preparation.objects.filter(employer=OuterRef("placement__employer"), volunteer__is_active=True)
    return Clearance.objects.filter(
        Exists(ready),
        state="open",
        requirement__kind=Requirement.Kind.PREPARATION,
        placement__state__in=["accepted", "ready", "under_way"],
        placement__session__ends_at__gt=now,
    )


def settle_preparation(employer: Employer, *, now: dt.datetime) -> int:
    """Take what the employer's volunteers have done for whatever still waits for it; how many."""
    waiting = awaiting_preparation(now).filter(placement__employer=employer).values("placement")
    placements = Placement.objects.filter(pk__in=waiting).select_related("hub__site__root_page", "session")
    done = 0
    for placement in placements.order_by("pk"):
        try:
            done += look_at_preparation(placement, now=now)
        except Refused:
            continue  # somebody settled it a moment ago
    return done
