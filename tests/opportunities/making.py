"""Opportunities and sessions in a chosen state, made by the domain's own verbs."""

from __future__ import annotations

import datetime as dt

from employers import domain as employers
from opportunities.domain import offers, sessions
from opportunities.models import EncounterType, Opportunity, Session
from tests.cast import NOW, actor

#: A Tuesday four weeks after the tests' now.
DAY = dt.date(2026, 10, 13)
NINE, THREE = dt.time(9, 0), dt.time(15, 0)


def lead(cast):
    return actor(cast.employer_lead, cast.hub, cast.employer)


def staff(cast):
    return actor(cast.amina, cast.hub)


def kind(hub, code: str = "visit", **fields) -> EncounterType:
    defaults = {"name": code.title(), "stage": 2, "hours": 2, "tier": "T2", "is_workplace": True, "group_max": 12}
    row, _made = EncounterType.objects.get_or_create(hub=hub, code=code, defaults=defaults | fields)
    return row


def site(cast, name: str = "Dock workshop"):
    return employers.add_site(cast.employer, {"name": name, "town": "Harbour"}, by=lead(cast), now=NOW)


def draft(cast, **fields) -> Opportunity:
    """A draft that lacks only a session."""
    given = {
        "encounter_type": kind(cast.hub),
        "title": "Behind the scenes",
        "summary": "See how a gearbox is made and make a small part yourself.",
        "supervisor": "The workshop lead",
    } | fields
    if "site" not in given:
        given["site"] = cast.employer.site_set.first() or site(cast)
    return offers.draft_opportunity(cast.employer, given, by=lead(cast), now=NOW)


def session(opportunity: Opportunity, cast, *, on: dt.date = DAY, places: int = 12, now=NOW) -> Session:
    return sessions.add_session(opportunity, [(on, NINE, THREE)], places, by=staff(cast), now=now)


def published(cast, **fields) -> Opportunity:
    opportunity = draft(cast, **fields)
    session(opportunity, cast)
    offers.submit(opportunity, by=lead(cast), now=NOW)
    offers.approve(opportunity, by=staff(cast), now=NOW)
    return opportunity


def in_state(cast, state: str) -> Opportunity:
    """An opportunity that came to `state` by the moves that lead there."""
    if state in ("draft", "submitted"):
        opportunity = draft(cast)
        session(opportunity, cast)
        if state == "submitted":
            offers.submit(opportunity, by=lead(cast), now=NOW)
        return opportunity
    opportunity = published(cast)
    if state == "paused":
        offers.pause(opportunity, by=lead(cast), now=NOW)
    elif state == "withdrawn":
        offers.withdraw(opportunity, "The hall is let.", by=lead(cast), now=NOW)
    return opportunity
