from __future__ import annotations

import pytest

from cms.domain import open_site
from hubs.actors import system
from hubs.domain.staff import sync_staff
from hubs.rulepacks import load_packs
from placements.models import Clearance, Placement
from tests import scenes
from tests.cast import NOW
from tests.placements.pages import Clock


@pytest.fixture
def clock(monkeypatch, settings):
    """The clock of pages and API, at the tests' `NOW` until moved; nobody is signed out by it."""
    settings.SESSION_COOKIE_AGE = 365 * 24 * 3600
    clock = Clock()
    monkeypatch.setattr("hubs.middleware.timezone.now", clock)
    return clock


@pytest.fixture
def office(cast, clock):
    """The back office of cast.hub, open to its staff."""
    open_site(cast.hub, by=system(), now=NOW)
    sync_staff(cast.hub)


@pytest.fixture
def work(client, cast, clock):
    """A browser signed in as the lead of cast.employer."""
    client.force_login(cast.employer_lead)
    return client


@pytest.fixture
def shadowing(cast) -> Placement:
    """Accepted, with everything of tier 3 asked for."""
    load_packs()
    kind = scenes.encounter_type(cast.hub, "shadow", tier="T3", hours=5)
    return scenes.placement(cast, state="accepted", wanted=scenes.session(scenes.opportunity(cast.employer, kind=kind)))


@pytest.fixture
def consent(shadowing) -> Clearance:
    """A parent's, open."""
    return shadowing.clearances.filter(requirement__code="ENG-09").first()


@pytest.fixture
def page(client, cast, clock):
    """A browser signed in as the coordinator of cast.school."""
    client.force_login(cast.coordinator)
    return client
