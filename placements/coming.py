"""Which schools come to a session, as far as its employer has been told."""

from __future__ import annotations

import datetime as dt

from django.urls import reverse

from opportunities.cards import WHO_COMES, Coming
from opportunities.models import Session
from placements.models import Placement
from placements.models.placement import KNOWN_TO_EMPLOYER, TAKING
from placements.views import employer_rows


def coming(session: Session, now: dt.datetime) -> tuple[list[Coming], int]:
    """Schools whose places count, the first asked first; and how many places are held for schools whose employer has
    not been asked: which school that is, is not said before. One statement."""
    rows = Placement.objects.filter(session=session, state__in=TAKING).select_related("school", "group")
    known, held = [], 0
    for row in rows.with_change_asked(now).order_by("offered_at", "pk"):
        if row.state in KNOWN_TO_EMPLOYER and row.offered_at is not None:
            url = reverse("employer-placement", args=[row.pk])
            known.append(Coming(employer_rows.who(row), url, employer_rows.badge(row)))
        else:
            held += row.places
    return known, held


WHO_COMES.append(coming)
