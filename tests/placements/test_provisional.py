"""A provisional request holds places and binds nobody: no employer is asked before the school says it is firm."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from hubs.errors import CannotAct, CannotBegin, Refused
from hubs.models import LogEntry, Message
from hubs.outbox import KINDS
from placements.domain import answers, asking, brokering, requests, waiting
from placements.models import Placement, PlacementRequest
from placements.needs import school_needs
from tests import scenes
from tests.cast import NOW, actor


def school(cast):
    return actor(cast.coordinator, cast.hub, cast.school)


@pytest.fixture
def request_(cast) -> PlacementRequest:
    return scenes.request(cast, scenes.session(scenes.opportunity(cast.employer)), is_provisional=True)


@pytest.fixture
def held(cast, request_) -> Placement:
    return brokering.hold(request_, request_.wishes.get().session, by=scenes.desk(cast), now=NOW)


def asked(kind: str) -> list[str]:
    return sorted(Message.objects.filter(kind=kind).values_list("address", flat=True))


@pytest.mark.parametrize("verb", [brokering.offer, asking.offer])
def test_no_employer_is_asked_before_it_is_firm(cast, request_, held, verb):
    with pytest.raises(CannotBegin, match="The request is provisional"):
        verb(held, by=scenes.desk(cast), now=NOW)
    held.refresh_from_db()
    assert (held.state, asked("placement-offered")) == ("held", [])
    requests.make_firm(request_, by=school(cast), now=NOW)
    verb(Placement.objects.get(), by=scenes.desk(cast), now=NOW)
    answers.accept(Placement.objects.get(), by=actor(cast.employer_lead, cast.hub, cast.employer), now=NOW)
    assert PlacementRequest.objects.get().state == "placed"


def test_the_school_is_asked_when_places_are_held_and_the_hub_told_when_it_is_firm(cast, request_, held):
    assert asked("firm-asked") == [cast.coordinator.email]
    message = Message.objects.get(kind="firm-asked")
    kind = KINDS["firm-asked"]
    assert message.not_after == held.held_until
    mail = kind.compose(held, message, NOW)
    assert mail.subject.startswith("Is it firm? See how it is made")
    assert mail.action[1].endswith(f"/school/requests/{request_.pk}/")
    assert kind.live(held, message, NOW)
    requests.make_firm(request_, by=school(cast), now=NOW)
    assert not kind.live(Placement.objects.select_related("request").get(), message, NOW)
    assert asked("request-firm")
    entry = LogEntry.objects.about(request_).get(verb="made_firm")
    assert (entry.by, entry.hat) == (cast.coordinator, "coordinator")


def test_nobody_is_asked_about_a_firm_request(cast):
    scenes.placement(cast)
    assert asked("firm-asked") == []


def test_who_comes_up_on_the_waiting_list_is_asked_too(cast):
    session = scenes.session(scenes.opportunity(cast.employer), places=6)
    full = brokering.hold(
        scenes.request(cast, session, of=scenes.group(cast.school, "9A")), session, by=scenes.desk(cast), now=NOW
    )
    row = scenes.request(cast, session, of=scenes.group(cast.school, "10B"), is_provisional=True)
    waiting.join(row, session, by=school(cast), now=NOW)
    brokering.release(full, by=scenes.desk(cast), now=NOW)
    assert row.placements.get().state == "held"
    assert asked("firm-asked") == [cast.coordinator.email]


@pytest.mark.parametrize("state", ["refused", "withdrawn", "placed"])
def test_only_what_is_open_becomes_firm_and_only_once(cast, request_, state):
    PlacementRequest.objects.update(state=state)
    with pytest.raises(Refused, match="not open any more"):
        requests.make_firm(request_, by=school(cast), now=NOW)
    PlacementRequest.objects.update(state="submitted")
    requests.make_firm(request_, by=scenes.desk(cast), now=NOW)
    with pytest.raises(Refused, match="firm already"):
        requests.make_firm(request_, by=school(cast), now=NOW)


def test_only_the_school_or_the_hub_says_so(cast, request_):
    for by in (
        actor(cast.employer_lead, cast.hub, cast.employer),
        actor(cast.other_coordinator, cast.hub, cast.other_school),
    ):
        with pytest.raises(CannotAct):
            requests.make_firm(request_, by=by, now=NOW)
    assert PlacementRequest.objects.get().is_provisional


def test_a_draft_becomes_firm_and_nobody_is_told(cast):
    row = scenes.request(cast, scenes.session(scenes.opportunity(cast.employer)), is_provisional=True, draft=True)
    requests.make_firm(row, by=school(cast), now=NOW)
    assert (PlacementRequest.objects.get().state, asked("request-firm")) == ("draft", [])


def test_the_school_reads_it_and_says_so_on_the_page(page, cast, request_):
    url, firm = (reverse(name, args=[request_.pk]) for name in ("school-request", "school-request-firm"))
    assert "asks no employer before you say" in page.get(url).content.decode()
    needs = [need.title for need in school_needs(cast.school, now=NOW)]
    assert not any("firm?" in title for title in needs)
    brokering.hold(request_, request_.wishes.get().session, by=scenes.desk(cast), now=NOW)
    assert "The hub holds places for you until" in page.get(url).content.decode()
    (need,) = [need for need in school_needs(cast.school, now=NOW) if "firm?" in need.title]
    assert (need.title, need.url) == ("Is the request for 10A firm? Places are held for it", url)
    assert page.get(firm).status_code == 405
    said = page.post(firm, follow=True).content.decode()
    assert "a yes binds both sides" in said
    assert "This request is provisional" not in said
    assert not PlacementRequest.objects.get().is_provisional


def test_the_desk_says_why_it_cannot_ask(client, cast, office, request_, held):
    client.force_login(cast.amina)
    url = reverse("desk:request", args=[request_.pk])
    offer = reverse("placements:act", args=[held.pk, "offer"])
    shown = client.get(url).content.decode()
    assert ("the school is asked whether it is firm" in shown, offer in shown) == (True, False)
    assert reverse("placements:act", args=[held.pk, "release"]) in shown
    requests.make_firm(request_, by=scenes.desk(cast), now=NOW + dt.timedelta(hours=1))
    assert offer in client.get(url).content.decode()
