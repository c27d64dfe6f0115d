"""Two who change the same thing: the second is told what the first did, and decides."""

import datetime as dt

import pytest
from django.urls import reverse

from hubs.domain.staff import sync_staff
from hubs.models import LogEntry
from opportunities.domain import offers, sessions
from opportunities.models import Opportunity, Session
from tests.cast import NOW
from tests.opportunities.making import in_state, lead, published, session, staff


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


def test_the_size_of_groups_is_set_on_the_sessions_page_and_the_second_editor_is_told(page, cast):
    one = session(published(cast), cast, on=dt.date(2026, 10, 20))
    url = reverse("employer-session-group", args=[one.pk])
    shown = page.get(reverse("employer-session", args=[one.pk])).context["group_form"]
    read = {"min_seen": shown["min_seen"].value(), "max_seen": shown["max_seen"].value() or ""}
    page.post(url, read | {"group_min": 2, "group_max": 5})
    one.refresh_from_db()
    assert (one.group_min, one.group_max) == (2, 5)
    told = page.post(url, read | {"group_min": 3, "group_max": ""}, follow=True)
    assert "Somebody else changed the size meanwhile" in told.content.decode()
    for least, most, sentence in ((4, 3, "cannot be smaller than the smallest"), (99, "", "as many as there are")):
        assert sentence in page.post(url, {"group_min": least, "group_max": most}, follow=True).content.decode()
    one.refresh_from_db()
    assert (one.group_min, one.group_max) == (2, 5)
    assert LogEntry.objects.get(verb="group_set").facts == {"before": [1, None], "after": [2, 5]}


def send_again(row, cast) -> None:
    """Taken back, changed and sent once more: it waits as before, and says something else."""
    later = NOW + dt.timedelta(hours=1)
    offers.take_back(row, by=lead(cast), now=later)
    session(row, cast, on=dt.date(2026, 10, 20))
    offers.submit(row, by=lead(cast), now=later)


def reword(row, cast) -> None:
    offers.change_opportunity(row, {"title": "Other"}, by=staff(cast), now=NOW + dt.timedelta(hours=1))


@pytest.mark.parametrize("change", [send_again, reword])
def test_the_hub_approves_what_it_read(client, cast, change):
    sync_staff(cast.hub)
    client.force_login(cast.amina)
    row = in_state(cast, "submitted")
    read = reverse("opportunities:inspect", args=[row.pk])
    approve = [one["url"] for one in client.get(read).context["verbs"] if one["name"] == "approve"]
    change(Opportunity.objects.get(pk=row.pk), cast)
    asked = client.get(approve[0])
    told = client.post(asked.wsgi_request.path, {"seen": asked.context["seen"]})
    assert "It was changed after you read it" in told.content.decode()
    row.refresh_from_db()
    assert (row.state, told.context["seen"]) == ("submitted", asked.context["seen"])
    approve = [one["url"] for one in client.get(read).context["verbs"] if one["name"] == "approve"]
    seen = client.get(approve[0]).context["seen"]
    assert f'name="seen" value="{seen}"' in client.get(approve[0]).content.decode()
    client.post(approve[0], {"seen": seen})
    row.refresh_from_db()
    assert row.state == "published"


@pytest.mark.parametrize("seen", ["x", "2026-13-45T00:00:00Z", "2026-09-15T09:00:00"])
def test_a_moment_nobody_gave_saves_nothing_at_once(page, cast, seen):
    row = in_state(cast, "draft")
    url = reverse("employer-opportunity-what", args=[row.pk])
    given = {"encounter_type": row.encounter_type_id, "title": "Mine", "summary": "See it made."}
    shown = page.post(url, given | {"seen_at": seen})
    row.refresh_from_db()
    assert (shown.status_code, row.title) == (200, "Behind the scenes")
    page.post(url, given | {"seen_at": shown.context["form"]["seen_at"].value()})
    row.refresh_from_db()
    assert row.title == "Mine"
