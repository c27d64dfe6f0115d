"""Two open sites, and offers to put on them."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from wagtail.signal_handlers import disable_reference_index_auto_update

from cms.domain import open_site
from employers.models import Sector, Site
from hubs.actors import system
from opportunities.models import EncounterType, Opportunity, Session, SessionDay

LONDON = ZoneInfo("Europe/London")
#: Hostname of the second hub of the cast.
FELLS = "fells.localhost"


@pytest.fixture
def sites(cast, now):
    """Both hubs of the cast with an open site; `cast.hub` answers to "testserver"."""
    # Two dozen pages: their entries in Wagtail's index of references would double the time.
    with disable_reference_index_auto_update():
        cast.site = open_site(cast.hub, by=system(), now=now)
        cast.site_b = open_site(cast.hub_b, by=system(), now=now)
    cast.hub.refresh_from_db()
    cast.hub_b.refresh_from_db()
    return cast


@pytest.fixture
def public_now(monkeypatch, now):
    """Pages read the clock in the middleware: hold it at the cast's Tuesday."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)
    return now


@pytest.fixture
def offer(now):
    """Make a published opportunity: `offer(employer, title, on=[date, …], **fields)`."""

    def make(employer, title, *, on=(), kind="visit", sector=None, town="", places=12, taken=0, **fields):
        hub = employer.hub
        encounter_type, _ = EncounterType.objects.get_or_create(
            hub=hub, code=kind, defaults={"name": kind.title(), "stage": 2, "hours": 2, "tier": "T2"}
        )
        site = None
        if town:
            site = Site.objects.create(hub=hub, employer=employer, name=f"{title} works", town=town)
        ages = {"min_age": 13, "max_age": 16, "summary": "An hour well spent.", "state": "published"}
        opportunity = Opportunity.objects.create(
            hub=hub,
            employer=employer,
            encounter_type=encounter_type,
            site=site,
            title=title,
            created_at=now,
            updated_at=now,
            **{**ages, **fields},
        )
        if sector:
            opportunity.sectors.add(
                Sector.objects.get_or_create(code=sector, defaults={"name": sector, "isic_section": "C"})[0]
            )
        for day in on:
            add_session(opportunity, day, now=now, places=places, taken=taken)
        return opportunity

    return make


def add_session(opportunity, day: dt.date, *, now, places=12, taken=0, **fields) -> Session:
    starts = dt.datetime.combine(day, dt.time(9, 30), tzinfo=LONDON)
    row = Session.objects.create(
        hub=opportunity.hub,
        employer=opportunity.employer,
        opportunity=opportunity,
        time_zone="Europe/London",
        starts_at=starts,
        ends_at=starts + dt.timedelta(hours=2),
        places=places,
        taken=taken,
        created_at=now,
        **fields,
    )
    SessionDay.objects.create(session=row, on=day, starts_at=dt.time(9, 30), ends_at=dt.time(11, 30))
    return row
