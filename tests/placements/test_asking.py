"""Asking employers: several at once, and never more often than they want."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from hubs.errors import Refused
from hubs.models import Message
from placements.domain import asking, brokering
from placements.models import Placement
from tests import scenes
from tests.cast import NOW

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
