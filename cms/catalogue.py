"""The public catalogue: what is open in one hub, for anybody to read.

Nothing here asks who is reading. Published opportunities of employers in use are public;
contacts, supervisors and addresses beyond the town are not part of what is shown.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db.models import Count, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils.translation import ngettext

from opportunities.models import Opportunity, Session


def published(hub) -> QuerySet[Opportunity]:
    """What anybody may read: published opportunities of this hub's active employers."""
    return Opportunity.objects.of_hub(hub).filter(state=Opportunity.State.PUBLISHED, employer__is_active=True)


def open_sessions(hub, now: dt.datetime) -> QuerySet[Session]:
    """Planned sessions of published opportunities that begin after `now` and still take requests."""
    return Session.objects.of_hub(hub).filter(
        Q(closes_on__isnull=True) | Q(closes_on__gte=hub.today(now)),
        state=Session.State.PLANNED,
        starts_at__gt=now,
        opportunity__state=Opportunity.State.PUBLISHED,
        opportunity__employer__is_active=True,
    )


def open_opportunities(
    hub, now: dt.datetime, *, begins: tuple[dt.datetime, dt.datetime] | None = None
) -> QuerySet[Opportunity]:
    """Published opportunities with an open session, the soonest first.

    `begins` narrows to sessions that begin in [from, until). Each row carries `next_at` and
    `open` (its open sessions in order).
    """
    sessions = open_sessions(hub, now)
    if begins:
        sessions = sessions.filter(starts_at__gte=begins[0], starts_at__lt=begins[1])
    soonest = sessions.filter(opportunity=OuterRef("pk")).order_by("starts_at", "pk")
    return (
        published(hub)
        .annotate(next_at=Subquery(soonest.values("starts_at")[:1]))
        .filter(next_at__isnull=False)
        .select_related("employer", "encounter_type", "site")
        .prefetch_related(Prefetch("sessions", sessions.order_by("starts_at", "pk"), to_attr="open"))
        .order_by("next_at", "pk")
    )


def cards(opportunities: Iterable[Opportunity]) -> list[dict]:
    """What portal/pieces/session_card.html wants, one card for each opportunity."""
    return [_card(opportunity) for opportunity in opportunities]


def _card(opportunity: Opportunity) -> dict:
    # The next date that still has a place says more than a full one before it.
    first = next((session for session in opportunity.open if session.left), opportunity.open[0])
    more = len(opportunity.open) - 1
    return {
        **when(first),
        "title": opportunity.title,
        "url": reverse("catalogue-opportunity", args=[opportunity.pk]),
        "employer": opportunity.employer.name,
        "type": opportunity.encounter_type.name,
        "place": place_of(opportunity),
        "online": opportunity.is_online,
        "places": first.places,
        "taken": first.taken,
        "state": {
            "tone": "information",
            "word": ngettext("%(n)d more date", "%(n)d more dates", more) % {"n": more},
        }
        if more
        else None,
    }


def when(session: Session) -> dict:
    """Date and times as on the wall where the session is held."""
    starts, ends = session.starts_at.astimezone(session.zone), session.ends_at.astimezone(session.zone)
    return {
        "date": starts.date(),
        "last_date": ends.date() if ends.date() != starts.date() else None,
        "starts": starts.time(),
        "ends": ends.time(),
    }


def place_of(opportunity: Opportunity) -> str:
    """The town of the workplace; its street is for those who come."""
    site = opportunity.site
    return (site.town or site.name) if site else ""


def months_with_sessions(hub, now: dt.datetime) -> list[dt.date]:
    """First days of the months, on the hub's wall, in which open sessions begin."""
    instants = open_sessions(hub, now).datetimes("starts_at", "month", tzinfo=hub.zone)
    return [instant.date() for instant in instants]


def counted(hub, now: dt.datetime) -> int:
    """How many opportunities are open now."""
    return open_sessions(hub, now).aggregate(n=Count("opportunity_id", distinct=True))["n"]
