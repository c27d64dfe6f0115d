"""Places cannot be oversold: not by the service, not by raw SQL, not by racers."""

from __future__ import annotations

import threading

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import F

from opportunities.models import Session
from placements.domain import brokering, capacity
from placements.models import Placement
from tests import scenes
from tests.cast import NOW, two_hubs
from tests.racing import race


def test_take_takes_all_or_nothing(cast):
    offer = scenes.opportunity(cast.employer)
    roomy, tight = scenes.session(offer, places=10), scenes.session(offer, places=2)

    with pytest.raises(capacity.CannotPlace) as refusal, transaction.atomic():
        capacity.take({roomy.pk: 5, tight.pk: 5})

    assert refusal.value.facts == {"session": tight.pk, "left": 2}
    assert list(Session.objects.order_by("pk").values_list("taken", flat=True)) == [0, 0]


def test_take_outside_a_transaction_is_a_mistake(transactional_db, django_db_serialized_rollback):
    with pytest.raises(RuntimeError):
        capacity.take({1: 1})


def test_take_from_a_cancelled_session_is_refused(cast):
    session = scenes.session(scenes.opportunity(cast.employer), state="cancelled")
    with pytest.raises(capacity.CannotPlace) as refusal, transaction.atomic():
        capacity.take({session.pk: 1})
    assert refusal.value.code == "session_gone"


def test_give_back_ends_an_over_commitment(cast):
    session = scenes.session(scenes.opportunity(cast.employer), places=5)
    Session.objects.filter(pk=session.pk).update(taken=7, over_committed=True)
    with transaction.atomic():
        capacity.give_back({session.pk: 2})
    session.refresh_from_db()
    assert (session.taken, session.over_committed) == (5, False)


def test_raw_sql_past_capacity_is_refused_by_the_database(cast):
    session = scenes.session(scenes.opportunity(cast.employer), places=5)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE opportunities_session SET taken = 6 WHERE id = %s", [session.pk])


def test_recount_finds_nothing_after_the_verbs_and_what_was_tampered_with(cast):
    placement = scenes.placement(cast)
    assert capacity.recount() == []
    Session.objects.filter(pk=placement.session_id).update(taken=1)
    assert capacity.recount() == [(placement.session_id, 1, placement.places)]


@pytest.fixture
def crowd(transactional_db, django_db_serialized_rollback):
    """Twelve schools' requests for one place each in a session of four."""
    cast = two_hubs()
    session = scenes.session(scenes.opportunity(cast.employer), places=4)
    asked = [
        scenes.request(cast, session, of=scenes.group(cast.school, f"10{letter}", size=1)) for letter in "ABCDEFGHIJKL"
    ]
    return cast, session, asked


def test_racing_holds_never_oversell(crowd):
    cast, session, asked = crowd

    def book(request):
        try:
            brokering.hold(request, session, by=scenes.desk(cast), now=NOW)
        except capacity.CannotPlace:
            return "full"
        return "held"

    outcomes = race([lambda r=r: book(r) for r in asked])

    assert outcomes == ["full"] * 8 + ["held"] * 4
    assert Placement.objects.filter(session=session, state="held").count() == 4
    assert capacity.recount() == []


def test_racing_without_the_service_oversells(crowd):
    """The negative control: read, decide, write, with the constraint off, loses updates."""
    _cast, session, asked = crowd
    Session.objects.filter(pk=session.pk).update(over_committed=True)
    read = threading.Barrier(len(asked))

    def book():
        left = Session.objects.get(pk=session.pk).left
        read.wait()
        if left:
            Session.objects.filter(pk=session.pk).update(taken=F("taken") + 1)
            return "held"
        return "full"

    assert race([book for _ in asked]) == ["held"] * 12
    session.refresh_from_db()
    assert session.taken > session.places
