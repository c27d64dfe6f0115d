"""Two who change the same thing: the second is told what the first did, and decides."""

import datetime as dt

import pytest
from django.urls import reverse

from hubs.models import LogEntry
from opportunities.domain import sessions
from opportunities.models import Session
from tests.cast import NOW
from tests.opportunities.making import published, session, staff


@pytest.fixture
def page(client, cast):
    client.force_login(cast.employer_lead)
    return client


@pytest.fixture(autouse=True)
def _at_now(monkeypatch, now):
    """Pages read the clock of the tests."""
    monkeypatch.setattr("hubs.middleware.timezone.now", lambda: now)


def test_of_two_who_change_places_the_second_is_told_and_then_decides(page, cast):
    one = session(published(cast), cast, on=dt.date(2026, 10, 20))
    url = reverse("employer-session", args=[one.pk])
    seen = page.get(url).context["form"]["places_seen"].value()
    sessions.change_places(Session.objects.get(pk=one.pk), 7, by=staff(cast), now=NOW)
    told = page.post(url, {"places": 9, "places_seen": seen})
    one.refresh_from_db()
    assert (told.status_code, one.places) == (200, 7)
    assert "it has 7 places now" in told.content.decode()
    again = page.post(url, {"places": 9, "places_seen": told.context["form"]["places_seen"].value()})
    one.refresh_from_db()
    assert (again.status_code, one.places) == (302, 9)
    assert LogEntry.objects.filter(verb="places_changed").latest("pk").facts["before"] == 7


@pytest.mark.parametrize(("seen", "theirs"), [("", 15), ("30", None)])
def test_of_two_who_set_the_break_the_second_is_told(page, cast, seen, theirs):
    one = session(published(cast), cast, on=dt.date(2026, 10, 20))
    Session.objects.filter(pk=one.pk).update(break_minutes=int(seen) if seen else None)
    shown = page.get(reverse("employer-session", args=[one.pk])).context["break_form"]
    assert str(shown["break_seen"].value() or "") == seen
    sessions.set_break(Session.objects.get(pk=one.pk), theirs, by=staff(cast), now=NOW)
    url = reverse("employer-session-break", args=[one.pk])
    told = page.post(url, {"break_minutes": 45, "break_seen": seen}, follow=True)
    assert "Somebody else set the break meanwhile" in told.content.decode()
    assert Session.objects.get(pk=one.pk).break_minutes == theirs
    page.post(url, {"break_minutes": 45, "break_seen": "" if theirs is None else theirs})
    assert Session.objects.get(pk=one.pk).break_minutes == 45
