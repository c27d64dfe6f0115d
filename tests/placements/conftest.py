from __future__ import annotations

import pytest

from cms.domain import open_site
from hubs.actors import system
from hubs.domain.staff import sync_staff
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
def page(client, cast, clock):
    """A browser signed in as the coordinator of cast.school."""
    client.force_login(cast.coordinator)
    return client
