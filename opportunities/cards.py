"""What the session card of the portal shows, from a session with its days at hand."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext as _

from opportunities.models import Session


def local_days(session: Session) -> list[tuple[dt.date, dt.time, dt.time]]:
    """The days as read off the wall clock, in order; no query when they were prefetched."""
    return [(day.on, day.starts_at, day.ends_at) for day in session.days.all()]


def session_card(session: Session, url: str, **more) -> dict:
    """The `session` of portal/pieces/session_card.html. Times are the session's own wall
    clock, whatever zone the reader is in. `more` overrides or adds."""
    days, offer = local_days(session), session.opportunity
    first = days[0] if days else (session.first_on, None, None)
    return {
        "date": first[0],
        "last_date": days[-1][0] if len(days) > 1 else None,
        "starts": first[1],
        "ends": first[2],
        "title": offer.title,
        "url": url,
        "employer": offer.employer.name,
        "type": offer.encounter_type.name,
        "place": place_words(offer),
        "online": offer.is_online,
        "places": session.places,
        "taken": session.taken,
        **more,
    }


def place_words(opportunity) -> str:
    """Where it happens, in words."""
    if opportunity.is_online:
        return _("Online")
    if opportunity.site is None:
        return _("At the school")
    site = opportunity.site
    return f"{site.name}, {site.town}" if site.town else site.name
