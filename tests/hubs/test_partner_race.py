"""Ids of the log are given out in one order and seen in another: nothing is lost by that."""

from __future__ import annotations

import datetime as dt
import threading

import pytest
from django.db import connections, transaction

from hubs import partners
from hubs.domain.partners import add_endpoint
from hubs.log import record
from hubs.models import LogEntry, Message
from tests import scenes
from tests.cast import actor
from tests.race import together

pytestmark = [pytest.mark.django_db(transaction=True, serialized_rollback=True), pytest.mark.needs_postgresql]
HOUR = dt.timedelta(hours=1)


def told() -> list[int]:
    return sorted(message.facts["entry"] for message in Message.objects.filter(channel="webhook"))


def late_entry(cast, now, look) -> tuple[int, int]:
    """(lower, higher): two changes at once; the lower id is committed last. `look` runs twice: when only the higher
    can be seen, and when both can."""
    row, lead = scenes.placement(cast, state="offered"), actor(cast.amina, cast.hub)
    add_endpoint(
        cast.hub, {"name": "A", "address": "https://partner.example.org/", "kinds": ["placement"]}, by=lead, now=now
    )
    written, go_on, lower = threading.Event(), threading.Event(), []

    def slow() -> None:
        with transaction.atomic():
            lower.append(record(row, "accepted", by=lead, now=now + HOUR).pk)
            written.set()
            assert go_on.wait(timeout=10)
        connections.close_all()

    change = threading.Thread(target=slow)
    change.start()
    assert written.wait(timeout=10)
    higher = record(row, "completed", by=lead, now=now + HOUR).pk
    assert lower[0] < higher
    look()
    assert told() == [higher]
    go_on.set()
    change.join(timeout=10)
    look()
    return lower[0], higher


def test_lower_id_committed_after_a_higher_one_is_told(cast, now):
    assert sorted(late_entry(cast, now, lambda: partners.tell_all(now + HOUR))) == told()


def test_a_plain_cursor_loses_it(cast, now, monkeypatch):
    monkeypatch.setattr(partners, "settled", lambda now: partners.newest())
    _lower, higher = late_entry(cast, now, lambda: partners.tell_all(now + HOUR))
    assert told() == [higher]


def test_two_jobs_at_once_write_each_call_once(cast, now):
    row, lead = scenes.placement(cast, state="offered"), actor(cast.amina, cast.hub)
    fields = {"name": "A", "address": "https://partner.example.org/", "kinds": ["placement"]}
    add_endpoint(cast.hub, fields, by=lead, now=now)
    entries = [record(row, "accepted", by=lead, now=now).pk for _ in range(40)]
    done = together(*[lambda: partners.tell_all(now)] * 4)
    assert all(isinstance(one, int) for one in done)
    assert told() == entries
    assert LogEntry.objects.filter(pk__in=entries).count() == Message.objects.filter(channel="webhook").count()
