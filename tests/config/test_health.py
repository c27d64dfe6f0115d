from __future__ import annotations

import datetime as dt

import pytest
from django.db import OperationalError
from django.utils import timezone

from hubs import heartbeat
from hubs.models import Message


@pytest.fixture
def overdue(cast):
    due_at = timezone.now() - dt.timedelta(seconds=90)
    return Message.objects.create(
        hub=cast.hub,
        key="k",
        kind="k",
        subject_type="hubs.hub",
        subject_id=cast.hub.pk,
        address="a@example.org",
        language="en-gb",
        due_at=due_at,
        created_at=due_at,
    )


def test_healthz_answers_without_the_database(client):
    assert client.get("/healthz").json() == {"status": "ok", "demo": False}


def test_healthz_says_when_this_is_a_demo(client, settings):
    settings.DEMO = True
    assert client.get("/healthz").json() == {"status": "ok", "demo": True}


def test_readyz_says_how_long_the_oldest_message_has_waited(client, overdue, now):
    heartbeat.record("deliver", now=now)
    answer = client.get("/readyz").json()
    assert answer == {
        "status": "ok",
        "demo": False,
        "oldest_due_seconds": answer["oldest_due_seconds"],
        "last_delivery_at": now.isoformat(),
    }
    assert 90 <= answer["oldest_due_seconds"] <= 95


def test_readyz_is_unavailable_when_the_database_is(client, db, monkeypatch):
    class Gone:
        def cursor(self):
            raise OperationalError("gone")

    monkeypatch.setattr("hubs.views_health.connection", Gone())
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (503, {"status": "unavailable", "reason": "OperationalError"})


def test_health_pages_answer_only_to_reading(client):
    assert [client.post(path).status_code for path in ("/healthz", "/readyz")] == [405, 405]
