"""A lock not given and a statement too long: "try again" on every edge, and never an error page."""

from __future__ import annotations

import sqlite3
import threading

import pytest
from django.db import OperationalError, connection, connections, transaction
from django.urls import reverse
from rest_framework.test import APIClient

from cms.domain import open_site
from hubs.actors import system
from hubs.busy import BusyMiddleware, is_busy
from hubs.domain.staff import sync_staff
from hubs.models import IdempotencyRecord
from opportunities.models import Session
from placements.models import Placement, PlacementRequest
from tests import scenes
from tests.cast import NOW


def caused(cause) -> OperationalError:
    error = OperationalError(str(cause))
    error.__cause__ = cause
    return error


def test_only_what_trying_again_may_help_is_busy():
    assert is_busy(caused(sqlite3.OperationalError("database is locked")))
    assert not is_busy(caused(sqlite3.OperationalError("no such table: x")))
    assert not is_busy(ValueError("database is locked"))


def test_page_says_so_and_sends_again_what_was_typed(rf):
    request = rf.post("/school/requests/new/?session=1", {"note": "Two <wheelchairs>", "places": "4"})
    answer = BusyMiddleware(lambda request: None).process_exception(
        request, caused(sqlite3.OperationalError("database is locked"))
    )
    page = answer.content.decode()
    assert (answer.status_code, answer["Retry-After"]) == (503, "2")
    assert '<form method="post" action="/school/requests/new/?session=1">' in page
    assert 'name="note" value="Two &lt;wheelchairs&gt;"' in page
    assert BusyMiddleware(lambda request: None).process_exception(request, ValueError()) is None


@pytest.fixture
def impatient(transactional_db, django_db_serialized_rollback):
    """This thread's connection waits a twentieth of a second for a lock."""
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = 50")
    yield
    connection.close()


def locked(pk: int, act):
    """`act()` while another connection holds the session's row."""
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        try:
            with transaction.atomic():
                list(Session.objects.select_for_update(of=("self",)).filter(pk=pk))
                held.set()
                done.wait(timeout=20)
        finally:
            connections.close_all()

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait(timeout=20)
    try:
        return act()
    finally:
        done.set()
        thread.join()


@pytest.mark.needs_postgresql
def test_a_lock_that_is_not_given_ends_in_try_again_on_every_edge(impatient, cast, client, monkeypatch):
    monkeypatch.setattr("hubs.middleware.timezone.now", lambda: NOW)
    session = scenes.session(scenes.opportunity(cast.employer))
    asked = scenes.request(cast, session)
    open_site(cast.hub, by=system(), now=NOW)
    cast.hub.refresh_from_db()
    sync_staff(cast.hub)
    client.force_login(cast.amina)
    with_key = APIClient(headers={"Idempotency-Key": "once"})
    with_key.force_authenticate(cast.amina)
    admin = locked(session.pk, lambda: client.post(reverse("desk:hold", args=[asked.pk]), {"session": session.pk}))
    api = locked(
        session.pk, lambda: with_key.post(f"/api/v1/requests/{asked.pk}/hold/", {"session": session.pk}, format="json")
    )
    client.force_login(cast.employer_lead)
    portal = locked(session.pk, lambda: client.post(reverse("employer-session", args=[session.pk]), {"places": 30}))
    assert [one.status_code for one in (admin, portal, api)] == [503, 503, 503]
    assert "Try again" in admin.content.decode()
    assert "Try again" in portal.content.decode()
    assert (api.json()["code"], api["Retry-After"]) == ("try_again", "2")
    assert not Placement.objects.exists()
    assert not IdempotencyRecord.objects.exists()  # so the same key may be tried again
    again = with_key.post(f"/api/v1/requests/{asked.pk}/hold/", {"session": session.pk}, format="json")
    assert again.status_code == 201


@pytest.mark.needs_postgresql
def test_no_statement_of_a_page_is_compiled_before_it_is_run(db):
    with connection.cursor() as cursor:
        cursor.execute("SHOW jit")
        assert cursor.fetchone() == ("off",)


@pytest.mark.needs_postgresql
def test_a_statement_that_takes_too_long_ends_in_try_again(cast, client, monkeypatch):
    def slow(*args, **kwargs):
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 20; SELECT pg_sleep(1)")

    monkeypatch.setattr("placements.domain.requests._submit", slow)
    monkeypatch.setattr("hubs.middleware.timezone.now", lambda: NOW)
    group, session = scenes.group(cast.school), scenes.session(scenes.opportunity(cast.employer))
    client.force_login(cast.coordinator)
    url = f"{reverse('school-request-new')}?session={session.pk}&group={group.pk}"
    with transaction.atomic():
        answer = client.post(url, {"who": "whole", "once": "a key"})
    assert (answer.status_code, "Try again" in answer.content.decode()) == (503, True)
    assert not PlacementRequest.objects.exists()
