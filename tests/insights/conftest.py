"""What the hub's own pages of figures are tried with."""

from __future__ import annotations

import pytest

from cms.domain import open_site
from hubs.actors import system
from hubs.domain.staff import sync_staff
from tests.cast import NOW


@pytest.fixture
def office(client, cast, monkeypatch):
    """The hub's lead in the back office, at `NOW`."""
    monkeypatch.setattr("hubs.middleware.timezone.now", lambda: NOW)
    open_site(cast.hub, by=system(), now=NOW)
    cast.hub.refresh_from_db()
    sync_staff(cast.hub)
    client.force_login(cast.amina)
    return client
