"""A partner's system of hub A: a real TLS server that takes the calls, and a placement to tell of."""

from __future__ import annotations

from functools import partial

import pytest

from hubs.domain import partners as domain
from hubs.fetch import post
from tests import scenes
from tests.cast import actor
from tests.hubs.partner_calls import ALL, URL
from tests.hubs.web_server import PUBLIC, Server


@pytest.fixture
def server(tmp_path, monkeypatch):
    made = Server(tmp_path)
    made.ips = [PUBLIC]
    call = partial(post, resolver=lambda host: made.ips, connector=made.connector)
    monkeypatch.setattr("hubs.partner_calls.post", call)
    yield made
    made.close()


@pytest.fixture
def lead(cast):
    return actor(cast.amina, cast.hub)


@pytest.fixture
def placement(cast):
    return scenes.placement(cast, state="offered")


@pytest.fixture
def endpoint(cast, lead, now, placement):
    """Of hub A, for everything; the placement was there before it."""
    return domain.add_endpoint(cast.hub, {"name": "Records", "address": URL, "kinds": ALL}, by=lead, now=now)
