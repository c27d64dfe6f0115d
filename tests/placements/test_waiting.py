"""The waiting list: a fair order everybody sees, served in the transaction that frees places."""

from __future__ import annotations

import datetime as dt

import pytest

from hubs.errors import CannotAct
from hubs.models import LogEntry, Message
from hubs.outbox import KINDS
from opportunities.domain import sessions
from opportunities.models import Opportunity, Session
from placements.domain import answers, brokering, capacity, jobs, requests, waiting
from placements.domain.waiting import CannotWait
from placements.models import Placement, PlacementRequest, WaitingPlace
from tests import scenes
from tests.cast import NOW, actor
from tests.race import together


@pytest.fixture
def full(cast):
    """A session of six, all held for the first class, and three classes that would come."""
    session = scenes.session(scenes.opportunity(cast.employer), places=6)
    held = scenes.placement(cast, wanted=session)
    asked = [scenes.request(cast, session, of=scenes.group(cast.school, name, size=size)) for name, size in SIZES]
    return cast, session, held, asked


SIZES = (("10B", 4), ("10C", 6), ("10D", 2))


def join_all(cast, session, asked) -> list[WaitingPlace]:
    by = actor(cast.coordinator, cast.hub, cast.school)
    return [
        waiting.join(one, session, by=by, now=NOW + dt.timedelta(minutes=minute)) for minute, one in enumerate(asked)
    ]


def positions(session) -> list[tuple[int, int, int]]:
    rows = waiting.with_position(WaitingPlace.objects.filter(session=session, left_at=None))
    return list(rows.order_by("position").values_list("places", "position", "length"))


def test_order_is_that_of_joining_and_everybody_sees_it(full):
    cast, session, _held, asked = full
    join_all(cast, session, asked)
    assert positions(session) == [(4, 1, 3), (6, 2, 3), (2, 3, 3)]


def test_who_leaves_lets_those_behind_move_up(full):
    cast, session, _held, asked = full
    first = join_all(cast, session, asked)[0]
    waiting.leave(first, by=actor(cast.coordinator, cast.hub, cast.school), now=NOW)
    assert positions(session) == [(6, 1, 2), (2, 2, 2)]
    with pytest.raises(CannotWait, match="not on the waiting list any more"):
        waiting.leave(first, by=scenes.desk(cast), now=NOW)


def test_places_that_come_free_are_held_in_order_for_those_they_suffice(full):
    """Four are served, six do not fit into what is left and keep their place, two are served."""
    cast, session, held, asked = full
    join_all(cast, session, asked)

    brokering.release(held, by=scenes.desk(cast), now=NOW)

    session.refresh_from_db()
    served = list(
        Placement.objects.filter(session=session, state="held").order_by("pk").values_list("request", "places")
    )
    assert served == [(asked[0].pk, 4), (asked[2].pk, 2)]
    assert session.taken == 6
    assert positions(session) == [(6, 1, 1)]
    assert capacity.recount() == []


def test_whoever_is_served_and_the_hub_are_told_once(full):
    cast, session, held, asked = full
    join_all(cast, session, asked[:1])
    brokering.release(held, by=scenes.desk(cast), now=NOW)
    told = Message.objects.filter(kind="waiting-served").order_by("address").values_list("address", flat=True)
    assert list(told) == ["coordinator@quayside.example", "desk@harbour.example"]
    assert LogEntry.objects.filter(verb="waiting_served").count() == 1


@pytest.mark.parametrize("way", ["release", "withdraw", "decline", "cancel", "expire", "more places"])
def test_every_way_of_coming_free_serves_the_list(cast, way):
    session = scenes.session(scenes.opportunity(cast.employer), places=6)
    state = {"decline": "offered", "cancel": "accepted"}.get(way, "held")
    held = scenes.placement(cast, wanted=session, state=state)
    asked = scenes.request(cast, session, of=scenes.group(cast.school, "10B", size=3))
    waiting.join(asked, session, by=scenes.desk(cast), now=NOW)
    by, lead = scenes.desk(cast), actor(cast.employer_lead, cast.hub, cast.employer)
    {
        "release": lambda: brokering.release(held, by=by, now=NOW),
        "withdraw": lambda: brokering.withdraw(held, by=by, now=NOW),
        "decline": lambda: answers.decline(held, "A machine is broken.", by=lead, now=NOW),
        "cancel": lambda: answers.cancel(held, "A machine is broken.", by=lead, now=NOW),
        "expire": lambda: jobs.release_expired_holds(NOW + dt.timedelta(days=10)),
        "more places": lambda: sessions.change_places(session, 9, by=lead, now=NOW),
    }[way]()
    assert Placement.objects.filter(request=asked, state="held", places=3).count() == 1
    assert not WaitingPlace.objects.filter(left_at=None).exists()
    assert capacity.recount() == []


def test_a_student_who_is_elsewhere_by_now_keeps_the_place_in_line(full):
    cast, session, held, asked = full
    join_all(cast, session, asked[:1])
    elsewhere = scenes.session(scenes.opportunity(cast.other_employer))
    brokering.hold(scenes.request(cast, elsewhere, of=asked[0].group), elsewhere, by=scenes.desk(cast), now=NOW)
    brokering.release(held, by=scenes.desk(cast), now=NOW)
    assert positions(session) == [(4, 1, 1)]
    session.refresh_from_db()
    assert session.taken == 0


def test_job_serves_what_no_release_did_and_closes_lines_of_the_past(full):
    cast, session, _held, asked = full
    join_all(cast, session, asked)
    Session.objects.filter(pk=session.pk).update(places=8)
    assert waiting.promote_due(NOW) == 1
    assert positions(session) == [(4, 1, 2), (6, 2, 2)]
    assert waiting.promote_due(session.starts_at) == 0
    assert positions(session) == []


def test_a_request_taken_back_stands_in_no_line(full):
    cast, session, _held, asked = full
    join_all(cast, session, asked)
    requests.withdraw_request(asked[0], by=actor(cast.coordinator, cast.hub, cast.school), now=NOW)
    assert positions(session) == [(6, 1, 2), (2, 2, 2)]


def test_who_may_not_join_is_told_why(full):
    cast, session, _held, asked = full
    roomy = scenes.session(scenes.opportunity(cast.other_employer), places=9)
    by = actor(cast.coordinator, cast.hub, cast.school)
    for wanted, places, at, words in (
        (roomy, 4, NOW, "Enough places are free"),
        (session, 7, NOW, "6 places in all"),
        (session, 4, session.starts_at, "has begun"),
    ):
        with pytest.raises(CannotWait, match=words):
            waiting.join(asked[0], wanted, places, by=by, now=at)
    waiting.join(asked[0], session, by=by, now=NOW)
    with pytest.raises(CannotWait, match="already"):
        waiting.join(asked[0], session, by=by, now=NOW)
    requests.withdraw_request(asked[1], by=by, now=NOW)
    with pytest.raises(CannotWait, match="not waiting for the hub"):
        waiting.join(asked[1], session, by=by, now=NOW)
    with pytest.raises(CannotAct):
        waiting.join(asked[2], session, by=actor(cast.employer_lead, cast.hub, cast.employer), now=NOW)
    Session.objects.filter(pk=session.pk).update(state="cancelled")
    with pytest.raises(CannotWait, match="no longer offered"):
        waiting.join(asked[2], session, by=by, now=NOW)


@pytest.mark.parametrize("state", ["submitted", "paused", "withdrawn"])
def test_nobody_joins_or_is_served_while_the_offer_is_not_published(full, state):
    """The line stays as it is, and is served once the offer is published again."""
    cast, session, held, asked = full
    join_all(cast, session, asked[:1])
    offers = Opportunity.objects.filter(pk=session.opportunity_id)
    offers.update(state=state)
    with pytest.raises(CannotWait, match="no longer offered"):
        waiting.join(asked[1], session, by=scenes.desk(cast), now=NOW)
    brokering.release(held, by=scenes.desk(cast), now=NOW)
    assert (waiting.promote_due(NOW), positions(session)) == (0, [(4, 1, 1)])
    offers.update(state="published")
    assert (waiting.promote_due(NOW), positions(session)) == (1, [])


def test_a_hold_that_ran_out_makes_room_before_the_job_comes_round(cast):
    session = scenes.session(scenes.opportunity(cast.employer), places=6)
    first = scenes.placement(cast, wanted=session)
    asked = scenes.request(cast, session, of=scenes.group(cast.school, "10B"))
    later = first.held_until + dt.timedelta(minutes=1)

    made = brokering.hold(asked, session, by=scenes.desk(cast), now=later)

    first.refresh_from_db()
    assert (first.state, first.ended_because, made.state) == ("released", "hold_expired", "held")
    with pytest.raises(capacity.CannotPlace):
        brokering.hold(scenes.request(cast, session, of=scenes.group(cast.school, "10C")), session,
                       by=scenes.desk(cast), now=later)  # fmt: skip


def test_room_made_by_a_hold_that_ran_out_goes_to_who_waits_before_who_asks(cast):
    session = scenes.session(scenes.opportunity(cast.employer), places=6)
    first = scenes.placement(cast, wanted=session)
    waits, asks = (scenes.request(cast, session, of=scenes.group(cast.school, name)) for name in ("10B", "10C"))
    waiting.join(waits, session, by=scenes.desk(cast), now=NOW)
    with pytest.raises(capacity.CannotPlace):
        brokering.hold(asks, session, by=scenes.desk(cast), now=first.held_until)
    assert Placement.objects.get(state="held").request == waits


@pytest.mark.needs_postgresql
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_expiry_by_two_jobs_at_once_gives_back_once(cast):
    session = scenes.session(scenes.opportunity(cast.employer), places=12)
    first = scenes.placement(cast, wanted=session)
    scenes.placement(cast, wanted=session, of=scenes.group(cast.school, "10B"))
    done = together(*[lambda: jobs.release_expired_holds(first.held_until)] * 4)
    session.refresh_from_db()
    assert (sum(done), session.taken) == (2, 0)
    assert LogEntry.objects.filter(verb="released").count() == 2


def test_a_hold_that_has_run_out_is_not_offered(cast):
    held = scenes.placement(cast)
    with pytest.raises(Exception, match="has run out"):
        brokering.offer(held, by=scenes.desk(cast), now=held.held_until)


# ---- A session that is called off ---------------------------------------------------------


def test_nobody_waits_for_a_session_that_was_called_off_and_the_school_is_told_once(full):
    cast, session, held, asked = full
    join_all(cast, session, asked)
    requests.withdraw_request(asked[0], by=scenes.desk(cast), now=NOW)
    # Whom a free place would have suited stands in the line still: too few were free for the others.
    held.delete()
    Session.objects.update(taken=0)
    session.refresh_from_db()
    sessions.cancel_session(session, "The works are closed", by=scenes.desk(cast), now=NOW)
    assert not WaitingPlace.objects.filter(left_at=None).exists()
    ended = LogEntry.objects.filter(verb="waiting_ended")
    assert sorted(ended.values_list("subject_id", "reason")) == [(one.pk, "The works are closed") for one in asked[1:]]
    told = Message.objects.filter(kind="waiting-ended")
    assert sorted(told.values_list("subject_id", "address")) == [(one.pk, cast.coordinator.email) for one in asked[1:]]
    mail = KINDS["waiting-ended"].compose(asked[1], told.first(), NOW)
    assert (mail.subject, "The works are closed" in mail.paragraphs) == (
        "Called off: See how it is made, Tue 20 October", True,
    )  # fmt: skip
    assert waiting.promote_due(NOW) == 0
    assert (ended.count(), told.count()) == (2, 2)
    assert {one.state for one in PlacementRequest.objects.filter(pk__in=[one.pk for one in asked[1:]])} == {"submitted"}


def test_the_job_closes_lines_that_nobody_closed(full):
    cast, session, _held, asked = full
    join_all(cast, session, asked)
    Session.objects.filter(pk=session.pk).update(state="cancelled")
    waiting.promote_due(NOW)
    waiting.promote_due(NOW + dt.timedelta(minutes=1))
    assert not WaitingPlace.objects.filter(left_at=None).exists()
    assert LogEntry.objects.filter(verb="waiting_ended").count() == 3
    assert Message.objects.filter(kind="waiting-ended").count() == 3
