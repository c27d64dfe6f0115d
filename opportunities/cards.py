"""What the session card of the portal shows, from a session with its days at hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import NamedTuple

from django.utils.translation import gettext as _

from hubs.words import days, times
from opportunities.models import Session


class Coming(NamedTuple):
    """One school that comes to a session: `who` names school, group and number, never a student; `state` is a badge."""

    who: str
    url: str
    state: dict


#: Called with a session and the moment: upper floors answer who comes to it as far as its employer knows, and how many
#: places are held for schools it has not been asked about.
WHO_COMES: list[Callable[[Session, dt.datetime], tuple[list[Coming], int]]] = []


def who_comes(session: Session, now: dt.datetime) -> tuple[list[Coming], int]:
    answers = [asked(session, now) for asked in WHO_COMES]
    return [one for found, _held in answers for one in found], sum(held for _found, held in answers)


def local_days(session: Session) -> list[tuple[dt.date, dt.time, dt.time]]:
    """The days as read off the wall clock, in order; no query when they were prefetched."""
    return [(day.on, day.starts_at, day.ends_at) for day in session.days.all()]


def session_card(session: Session, url: str, **more) -> dict:
    """The `session` of portal/pieces/session_card.html. Times are the session's own wall
    clock, whatever zone the reader is in. `more` overrides or adds."""
    on, offer = local_days(session), session.opportunity
    first = on[0] if on else (session.first_on, None, None)
    return {
        "date": first[0],
        "last_date": on[-1][0] if len(on) > 1 else None,
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


def dated_card(session: Session, url: str, **more) -> dict:
    """The card among sessions of one opportunity: its dates are what tells it from the others."""
    card = session_card(session, url)
    when = ", ".join(
        part for part in (days(card["date"], card["last_date"]), times(card["starts"], card["ends"])) if part
    )
    return card | {"title": when, "employer": card["place"], "type": "", "place": "", "starts": None} | more


def place_words(opportunity) -> str:
    """Where it happens, in words."""
    if opportunity.is_online:
        return _("Online")
    if opportunity.site is None:
        return _("At the school")
    site = opportunity.site
    return f"{site.name}, {site.town}" if site.town else site.name
