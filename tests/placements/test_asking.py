"""Asking employers: several at once, and never more often than they want."""

from __future__ import annotations

import datetime as dt
import threading

import pytest
from django.test import Client
from django.urls import reverse

from hubs.domain.accounts import make_token
from hubs.errors import CannotAct, Refused
from hubs.models import Message
from placements.domain import asking, brokering
from placements.models import Placement
from tests import scenes
from tests.cast import NOW, actor
from tests.race import together

WEEK = dt.timedelta(weeks=1)


@pytest.fixture
def held(cast) -> list[Placement]:
    """One request held with two employers in different weeks."""
    first = scenes.session(scenes.opportunity(cast.employer))
    second = scenes.session(scenes.opportunity(cast.other_employer), on=scenes.DAY + WEEK)
    request = scenes.request(cast, first)
    return [brokering.hold(request, session, by=scenes.desk(cast), now=NOW) for session in (first, second)]


def test_several_are_asked_at_once_with_the_same_words(cast, held):
    asking.offer_all(held, "Can you?", by=scenes.desk(cast), now=NOW)
    assert [row.state for row in held] == ["offered", "offered"]
    said = Message.objects.filter(kind="placement-offered")
    assert {(m.organisation_id, m.facts["message"]) for m in said} == {
        (cast.employer.pk, "Can you?"), (cast.other_employer.pk, "Can you?")
    }  # fmt: skip


def test_a_quota_is_respected_and_nobody_is_asked(cast, held):
    cast.other_employer.wants_asking_per_month = 0
    cast.other_employer.save()
    for row in held:
        row.employer.refresh_from_db()
    with pytest.raises(asking.CannotAsk, match="Saffron Bakery was asked 0 times in 30 days and wants at most 0"):
        asking.offer_all(held, "", by=scenes.desk(cast), now=NOW)
    assert set(Placement.objects.values_list("state", flat=True)) == {"held"}
    asking.offer_all(held, "", even_so=True, by=scenes.desk(cast), now=NOW)
    assert set(Placement.objects.values_list("state", flat=True)) == {"offered"}


def quota(employer, most: int) -> None:
    type(employer).objects.filter(pk=employer.pk).update(wants_asking_per_month=most)


def test_one_asked_in_the_back_office_counts_like_several(cast, held, client, office):
    quota(cast.employer, 0)
    client.force_login(cast.amina)
    page = reverse("placements:act", args=[held[0].pk, "offer"])
    said = client.post(page, {"text": "Please"}).content.decode()
    assert "wants at most 0" in said
    assert Placement.objects.get(pk=held[0].pk).state == "held"
    quota(cast.employer, 1)
    client.post(page, {"text": "Please"})
    assert Placement.objects.get(pk=held[0].pk).state == "offered"
    assert Message.objects.filter(kind="placement-offered").first().facts["message"] == "Please"


def test_a_client_asks_even_so_or_not_at_all(cast, held, clock):
    quota(cast.employer, 0)
    _token, secret = make_token(cast.amina, "A client", by=scenes.desk(cast), now=NOW)
    desk = Client(headers={"Authorization": f"Bearer {secret}"})
    url = f"/api/v1/placements/{held[0].pk}/offer/"
    refused = desk.post(url, {}, content_type="application/json")
    assert (refused.status_code, refused.json()["code"]) == (409, "asked_enough")
    assert desk.post(url, {"even_so": True}, content_type="application/json").json()["state"] == "offered"


def test_who_may_not_ask_learns_nothing_of_the_quota(cast, held):
    quota(cast.employer, 0)
    with pytest.raises(CannotAct):
        asking.offer(held[0], by=actor(cast.coordinator, cast.hub, cast.school), now=NOW)


def two_at_once(cast) -> list:
    """Two held placements of one employer that wants to be asked once, asked at the same moment."""
    quota(cast.employer, 1)
    offer = scenes.opportunity(cast.employer)
    rows = [
        scenes.placement(
            cast, wanted=scenes.session(offer, on=scenes.DAY + n * WEEK), of=scenes.group(cast.school, f"{n}")
        )
        for n in (1, 2)
    ]
    return together(
        *[lambda row=row: asking.offer(Placement.objects.get(pk=row.pk), by=scenes.desk(cast), now=NOW) for row in rows]
    )


@pytest.mark.needs_postgresql
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_two_who_ask_at_once_are_counted_one_after_the_other(cast):
    results = two_at_once(cast)
    assert sorted(type(one).__name__ for one in results) == ["CannotAsk", "NoneType"]
    assert Placement.objects.filter(state="offered").count() == 1


@pytest.mark.needs_postgresql
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_without_the_lock_both_ask(cast, monkeypatch):
    """The negative control: both have counted before either asks."""
    both, counted = threading.Barrier(2), asking.asked_lately

    def count(employers, now):
        found = counted(employers, now)
        both.wait(timeout=10)
        return found

    monkeypatch.setattr(asking, "hold_employers", lambda employers: None)
    monkeypatch.setattr(asking, "asked_lately", count)
    assert two_at_once(cast) == [None, None]


def test_what_was_asked_a_month_ago_is_forgotten(cast, held):
    asking.offer_all(held, "", by=scenes.desk(cast), now=NOW)
    ids = [cast.employer.pk, cast.other_employer.pk]
    assert asking.asked_lately(ids, NOW) == dict.fromkeys(ids, 1)
    assert asking.asked_lately(ids, NOW + dt.timedelta(days=31)) == dict.fromkeys(ids, 0)


def test_one_that_cannot_be_asked_keeps_all_from_being_asked(cast, held):
    brokering.release(held[1], by=scenes.desk(cast), now=NOW)
    with pytest.raises(Refused):
        asking.offer_all(held, "", by=scenes.desk(cast), now=NOW)
    assert Placement.objects.get(pk=held[0].pk).state == "held"


def test_nothing_ticked_is_a_sentence(cast):
    with pytest.raises(Refused, match="Tick at least one"):
        asking.offer_all([], "", by=scenes.desk(cast), now=NOW)


def test_the_desk_asks(cast, held, client, office):
    client.force_login(cast.amina)
    page = reverse("desk:request", args=[held[0].request_id])
    body = client.get(page).content.decode()
    assert "asked 0 of at most 4 times in 30 days" in body
    ask = reverse("desk:ask", args=[held[0].request_id])
    client.post(ask, {"placements": [row.pk for row in held], "words": "again"})
    assert set(Placement.objects.values_list("state", flat=True)) == {"offered"}
    assert "Thank you for the last time" in Message.objects.filter(kind="placement-offered").first().facts["message"]


def test_own_words_and_what_is_not_held_here(cast, held, client, office):
    client.force_login(cast.amina)
    ask = reverse("desk:ask", args=[held[0].request_id])
    other = scenes.placement(cast, of=scenes.group(cast.school, "10Z"))
    client.post(ask, {"placements": [other.pk], "words": "own", "message": "x"})
    assert Placement.objects.get(pk=other.pk).state == "held"
    client.post(ask, {"placements": [held[0].pk], "words": "own", "message": "Please, Lead"})
    assert Message.objects.filter(kind="placement-offered").first().facts["message"] == "Please, Lead"


def test_who_only_looks_asks_nobody(cast, held, client, office):
    client.force_login(cast.ben)
    ask = reverse("desk:ask", args=[held[0].request_id])
    assert client.post(ask, {"placements": [held[0].pk], "words": "plain"}).status_code == 403
    client.force_login(cast.chloe)
    assert client.post(ask, {"placements": [held[0].pk], "words": "plain"}).status_code == 404


def test_what_is_refused_comes_back_as_it_was_typed(cast, held, client, office):
    client.force_login(cast.amina)
    ask = reverse("desk:ask", args=[held[0].request_id])
    sent = {
        "placements": [held[0].pk], "words": "own", "message": "Please, <Lead>", "days": "0", "how": "in-turn",
        f"turn-{held[0].pk}": "7", "even_so": "1", "once": "a" * 20,
    }  # fmt: skip
    said = client.post(ask, sent)
    body = said.content.decode()
    assert said.status_code == 200
    assert "Write the working days to answer as 1 to 20." in body
    assert ">Please, &lt;Lead&gt;</textarea>" in body
    for typed in (
        'value="own" checked',
        'value="in-turn" checked',
        'name="even_so" value="1" checked',
        'name="days" min="1" max="20" value="0"',
    ):
        assert typed in body
    assert [f'value="{row.pk}" checked' in body for row in held] == [row == held[0] for row in held]
    assert f'name="turn-{held[0].pk}" min="1" max="99" value="7"' in body
    assert set(Placement.objects.values_list("state", flat=True)) == {"held"}
    # The same page, mended, is sent under the same key: what was refused kept none.
    assert client.post(ask, sent | {"days": "3"}).status_code == 302
    assert Placement.objects.get(pk=held[0].pk).state == "offered"


def test_the_address_that_asks_leads_to_the_request(cast, held, client, office):
    client.force_login(cast.amina)
    found = client.get(reverse("desk:ask", args=[held[0].request_id]))
    assert found.url == reverse("desk:request", args=[held[0].request_id])
