"""Rounds in the back office: extended by the standards they began with, and called off before they open."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from cms.domain import open_site
from employers import framing, rounds
from employers.models import AssessmentRound, RoundPlace, StandardsFramework
from hubs.actors import system
from hubs.domain.staff import sync_staff
from hubs.errors import CannotAct, CannotMove, Refused
from hubs.models import Message
from tests.cast import NOW, actor

DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def _at_now(monkeypatch):
    monkeypatch.setattr("hubs.middleware.timezone.now", lambda: NOW)


@pytest.fixture
def desk(cast):
    return actor(cast.amina, cast.hub)


@pytest.fixture
def office(client, cast):
    """The hub's lead, signed in where the back office is open to her."""
    open_site(cast.hub, by=system(), now=NOW)
    cast.hub.refresh_from_db()
    sync_staff(cast.hub)
    client.force_login(cast.amina)
    return client


@pytest.fixture
def planned(cast, desk) -> AssessmentRound:
    """A round that opens today."""
    framework = framing.load_framework(cast.hub, by=system(), now=NOW)
    today = cast.hub.today(NOW)
    fields = {
        "framework": framework, "name": "Autumn 2026", "opens_on": today, "closes_on": today + 30 * DAY, "sectors": [],
    }  # fmt: skip
    return rounds.plan_round(cast.hub, fields, by=desk, now=NOW)


def newer(planned: AssessmentRound, desk) -> None:
    """A newer version takes the place of the standards the round asks by."""
    made = framing.new_version(planned.framework, "2027.1", by=desk, now=NOW)
    framing.publish_framework(made, by=desk, now=NOW)


def as_posted(row: AssessmentRound, **changed) -> dict:
    return {
        "name": row.name, "framework": row.framework_id, "opens_on": row.opens_on, "closes_on": row.closes_on,
        **changed,
    }  # fmt: skip


def test_an_open_round_is_extended_by_standards_that_were_replaced_meanwhile(office, planned, desk):
    rounds.run_rounds(NOW)
    newer(planned, desk)
    later = planned.closes_on + 14 * DAY
    url = reverse("rounds:edit", args=[planned.pk])
    answer = office.post(url, as_posted(planned, closes_on=later))
    assert (answer.status_code, AssessmentRound.objects.get().closes_on) == (302, later)


def test_a_planned_round_asks_by_standards_in_use(office, planned, desk):
    newer(planned, desk)
    old, planned = StandardsFramework.objects.get(state="retired"), AssessmentRound.objects.get()
    with pytest.raises(Refused, match="standards that are in use"):
        rounds.change_round(planned, {"name": "Winter", "framework": old}, by=desk, now=NOW)
    assert AssessmentRound.objects.get().name == "Autumn 2026"


def test_a_planned_round_is_called_off_and_asks_nobody(office, planned, desk):
    url = reverse("rounds:act", args=[planned.pk, "call-off"])
    assert url in office.get(reverse("rounds:inspect", args=[planned.pk])).content.decode()
    assert office.post(url).status_code == 302
    rounds.run_rounds(NOW)
    row = AssessmentRound.objects.get()
    assert (row.state, row.closed_at, row.opened_at, row.report) == ("closed", NOW, None, {})
    assert (RoundPlace.objects.count(), Message.objects.filter(kind__startswith="round-").count()) == (0, 0)
    shown = office.get(reverse("rounds:inspect", args=[row.pk])).content.decode()
    assert ("called off before it opened" in shown, "have answered" in shown) == (True, False)


def test_only_the_hub_calls_a_round_off_and_only_before_it_opens(cast, planned, desk):
    with pytest.raises(CannotAct):
        rounds.call_off(planned, by=actor(cast.ben, cast.hub), now=NOW)
    rounds.run_rounds(NOW)
    with pytest.raises(Refused, match="open already"):
        rounds.call_off(AssessmentRound.objects.get(), by=desk, now=NOW)
    with pytest.raises(CannotMove):  # it opened while somebody looked at it
        rounds.call_off(planned, by=desk, now=NOW)
    assert AssessmentRound.objects.get().state == "open"
