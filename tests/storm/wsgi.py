"""The product behind a real server, at the tests' time: `application`, and `unlocked`, which is what
happens without the service. Started by tests/storm/server.py in processes of its own."""

# ruff: noqa: E402 - models can be imported only once Django is set up
from __future__ import annotations

import datetime as dt
import os
import time

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.storm.settings")

from django.core.wsgi import get_wsgi_application

_ready = get_wsgi_application()

from django.db.models import F
from django.utils import timezone

import hubs.middleware
from opportunities.models import Session
from placements.domain import capacity
from tests.cast import NOW

_began = time.time()


def _now() -> dt.datetime:
    """The tests' Tuesday, going on from there."""
    return NOW + dt.timedelta(seconds=time.time() - _began)


class _Clock:
    """Stands in for the module `timezone` in the middleware alone, so that tokens keep the real time."""

    now = staticmethod(_now)

    def __getattr__(self, name: str):
        return getattr(timezone, name)


hubs.middleware.timezone = _Clock()

application = _ready


def _take_unlocked(wanted, *, may=None) -> dict[int, Session]:
    """Read, decide, write: what every product does that checks before it books. Nothing is looked at under a lock, so
    `may` is not asked."""
    found = {}
    for pk, places in wanted.items():
        session = found[pk] = Session.objects.get(pk=pk)
        time.sleep(0.02)  # a person, a network, a slow disk
        if session.left < places:
            raise capacity.CannotPlace("full")
        Session.objects.filter(pk=pk).update(taken=F("taken") + places)
    return found


def unlocked(environ, start_response):
    capacity.take = _take_unlocked
    return _ready(environ, start_response)
