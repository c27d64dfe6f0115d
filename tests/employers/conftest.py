"""Shared by the tests of lists of employers; whoever needs another desk makes their own."""

from __future__ import annotations

import pytest

from cms.domain import open_site
from employers import importing
from employers.domain import load_sectors
from employers.models import EmployerImport
from hubs.actors import system
from hubs.domain.staff import sync_staff
from tests.cast import NOW, actor
from tests.employers import lists


@pytest.fixture
def desk(cast):
    load_sectors()
    return actor(cast.amina, cast.hub)


@pytest.fixture
def read(cast, desk):
    """Keep a list of these lines, as a hub would send it."""

    def keep(*rows, **how) -> EmployerImport:
        return importing.keep_list(cast.hub, lists.text(*rows, **how), file_name="list.csv", by=desk, now=NOW)

    return keep


@pytest.fixture
def office(client, cast, monkeypatch):
    """The hub's lead, signed in at `NOW` where the back office is open to her."""
    monkeypatch.setattr("hubs.middleware.timezone.now", lambda: NOW)
    load_sectors()
    open_site(cast.hub, by=system(), now=NOW)
    cast.hub.refresh_from_db()
    sync_staff(cast.hub)
    client.force_login(cast.amina)
    return client
