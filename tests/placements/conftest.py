from __future__ import annotations

import pytest

from tests.placements.pages import Clock


@pytest.fixture
def clock(monkeypatch, settings):
    """The clock of pages and API, at the tests' `NOW` until moved; nobody is signed out by it."""
    settings.SESSION_COOKIE_AGE = 365 * 24 * 3600
    clock = Clock()
    monkeypatch.setattr("hubs.middleware.timezone.now", clock)
    return clock


@pytest.fixture
def page(client, cast, clock):
    """A browser signed in as the coordinator of cast.school."""
    client.force_login(cast.coordinator)
    return client
