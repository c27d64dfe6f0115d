from __future__ import annotations

import datetime as dt

import pytest

from hubs.errors import CannotAct, CannotBegin, CannotMove, Refused
from hubs.models import LogEntry, Message
from opportunities.models import Opportunity
from placements.domain import answers, brokering, capacity, days, jobs, requests
from placements.models import Placement, PlacementRequest, StudentDay
from tests import scenes
from tests.cast import NOW, actor


def test_a_request_for_a_group_places_its_students(cast):
    placement = scenes.placement(cast)
    assert placement.places == 6
    assert list(placement.students.values_list("student__alias", flat=True)) == [f"10A-0{n}" for n in range(1, 7)]
    assert StudentDay.objects.filter(placement=placement, live=True).count() == 6
    placement.session.refresh_from_db()
    assert placement.session.taken == 6


def test_hold_offer_accept_writes_one_log_row_for_each(cast):
    placement = scenes.placement(cast, state="accepted")
    moves = LogEntry.objects.about(placement).order_by("pk").values_list("from_state", "to_state", "hat")
    assert list(moves)[:3] == [
        ("", "held", "hub_lead"),
        ("held", "offered", "hub_lead"),
        ("offered", "accepted", "employer_lead"),
    ]


def test_a_refused_hold_leaves_nothing(cast):
    session = scenes.session(scenes.opportunity(cast.employer), places=8)
    scenes.placement(cast, wanted=session)
    second = scenes.request(cast, session, of=scenes.group(cast.school, "10B", size=6))
    with pytest.raises(capacity.CannotPlace):
        brokering.hold(second, session, by=scenes.desk(cast), now=NOW)
    assert Placement.objects.filter(request=second).count() == 0
    session.refresh_from_db()
    assert session.taken == 6


def test_a_student_cannot_be_in_two_places(cast):
    group = scenes.group(cast.school)
    first = scenes.session(scenes.opportunity(cast.employer))
    overlapping = scenes.session(scenes.opportunity(cast.other_employer), starts=dt.time(11), ends=dt.time(13))
    wanted = scenes.request(cast, overlapping, of=group)
    scenes.placement(cast, wanted=first, of=group)
    with pytest.raises(days.CannotAttendBoth) as refusal:
        brokering.hold(wanted, overlapping, by=scenes.desk(cast), now=NOW)
    assert refusal.value.facts["aliases"] == [f"10A-0{n}" for n in range(1, 7)]
    overlapping.refresh_from_db()
    assert overlapping.taken == 0


def test_only_hub_staff_hold(cast):
    session = scenes.session(scenes.opportunity(cast.employer))
    request = scenes.request(cast, session)
    with pytest.raises(CannotAct):
        brokering.hold(request, session, by=actor(cast.ben, cast.hub), now=NOW)


def test_a_hub_of_another_area_cannot_hold(cast):
    session = scenes.session(scenes.opportunity(cast.employer))
    request = scenes.request(cast, session)
    with pytest.raises(CannotAct):
        brokering.hold(request, session, by=actor(cast.chloe, cast.hub_b), now=NOW)


def test_withdrawing_a_request_gives_its_places_back(cast):
    placement = scenes.placement(cast, state="offered")
    requests.withdraw_request(placement.request, by=actor(cast.coordinator, cast.hub, cast.school), now=NOW)
    placement.refresh_from_db()
    placement.session.refresh_from_db()
    assert (placement.state, placement.request.state, placement.session.taken) == ("withdrawn", "withdrawn", 0)
    assert not StudentDay.objects.filter(placement=placement, live=True).exists()
    assert Message.objects.filter(kind="placement-withdrawn").count() == 1


def test_declining_puts_the_request_back_on_the_desk(cast):
    placement = scenes.placement(cast, state="offered")
    answers.decline(placement, "Stock-take that week", by=actor(cast.employer_lead, cast.hub, cast.employer), now=NOW)
    placement.request.refresh_from_db()
    placement.session.refresh_from_db()
    assert (placement.state, placement.request.state, placement.session.taken) == ("declined", "submitted", 0)


def test_declining_needs_a_reason(cast):
    placement = scenes.placement(cast, state="offered")
    with pytest.raises(Refused):
        answers.decline(placement, "  ", by=actor(cast.employer_lead, cast.hub, cast.employer), now=NOW)


def test_cancelling_reopens_the_request_and_tells_everybody(cast):
    placement = scenes.placement(cast, state="accepted")
    answers.cancel(placement, "The hall flooded", by=actor(cast.coordinator, cast.hub, cast.school), now=NOW)
    placement.request.refresh_from_db()
    assert placement.request.state == "submitted"
    told = Message.objects.filter(kind="placement-cancelled").values_list("address", flat=True)
    assert sorted(told) == ["coordinator@quayside.example", "lead@brightwater.example"]


def test_an_answer_given_twice_is_refused_the_second_time(cast):
    placement = scenes.placement(cast, state="offered")
    stale = Placement.objects.get(pk=placement.pk)
    lead = actor(cast.employer_lead, cast.hub, cast.employer)
    answers.accept(placement, by=lead, now=NOW)
    with pytest.raises(CannotMove):
        answers.decline(stale, "Changed our mind", by=lead, now=NOW)
    placement.session.refresh_from_db()
    assert placement.session.taken == 6


@pytest.mark.parametrize("state", ["draft", "submitted", "paused", "withdrawn"])
def test_nothing_is_held_of_an_offer_that_is_not_published(cast, state):
    session = scenes.session(scenes.opportunity(cast.employer))
    request = scenes.request(cast, session)
    Opportunity.objects.filter(pk=session.opportunity_id).update(state=state)
    with pytest.raises(Refused, match="no longer offered"):
        brokering.hold(request, session, by=scenes.desk(cast), now=NOW)
    assert not Placement.objects.exists()


BEGUN = "This session has begun already, so its places can no longer be given."


def test_nothing_is_held_once_the_session_has_begun(cast):
    session = scenes.session(scenes.opportunity(cast.employer))
    request = scenes.request(cast, session)
    with pytest.raises(Refused) as refusal:
        brokering.hold(request, session, by=scenes.desk(cast), now=session.starts_at)
    assert (refusal.value.sentence, refusal.value.code) == (BEGUN, "begun")
    brokering.hold(request, session, by=scenes.desk(cast), now=session.starts_at - dt.timedelta(minutes=1))
    session.refresh_from_db()
    assert session.taken == 6


def test_nothing_is_offered_or_agreed_once_the_session_has_begun(cast):
    lead = actor(cast.employer_lead, cast.hub, cast.employer)
    placement = scenes.placement(cast)
    start = placement.session.starts_at
    placement.held_until = start  # as long as it can be
    placement.save(update_fields=["held_until"])
    with pytest.raises(CannotBegin) as late:
        brokering.offer(placement, by=scenes.desk(cast), now=start)
    brokering.offer(placement, by=scenes.desk(cast), now=start - dt.timedelta(days=1))
    told = Message.objects.count()
    with pytest.raises(CannotBegin) as too_late:
        answers.accept(placement, by=lead, now=start)
    placement.refresh_from_db()
    assert (late.value.sentence, too_late.value.sentence) == (BEGUN, BEGUN)
    assert (placement.state, placement.clearances.count(), Message.objects.count()) == ("offered", 0, told)
    answers.decline(placement, "Nobody told us in time", by=lead, now=start)
    placement.session.refresh_from_db()
    assert (placement.state, placement.session.taken) == ("declined", 0)


def test_an_expired_hold_is_released_once(cast):
    placement = scenes.placement(cast)
    later = placement.held_until + dt.timedelta(minutes=1)
    assert jobs.release_expired_holds(placement.held_until - dt.timedelta(minutes=1)) == 0
    assert jobs.release_expired_holds(later) == 1
    assert jobs.release_expired_holds(later) == 0
    placement.refresh_from_db()
    placement.session.refresh_from_db()
    assert (placement.state, placement.session.taken) == ("released", 0)


def test_nothing_is_held_for_a_request_taken_back_meanwhile(cast):
    session = scenes.session(scenes.opportunity(cast.employer))
    seen = scenes.request(cast, session)
    requests.withdraw_request(
        PlacementRequest.objects.get(pk=seen.pk), by=actor(cast.coordinator, cast.hub, cast.school), now=NOW
    )
    with pytest.raises(Refused):
        brokering.hold(seen, session, by=scenes.desk(cast), now=NOW)
    session.refresh_from_db()
    assert (session.taken, seen.placements.count()) == (0, 0)


def test_nobody_is_named_for_a_placement_called_off_meanwhile(cast):
    seen = scenes.placement(cast, state="accepted")
    students = [row.student for row in seen.students.select_related("student")]
    answers.cancel(Placement.objects.get(pk=seen.pk), "Burst pipe.", by=scenes.desk(cast), now=NOW)
    with pytest.raises(Refused):
        days.name_students(seen, students, by=actor(cast.coordinator, cast.hub, cast.school), now=NOW)
    assert StudentDay.objects.filter(placement=seen, live=True).count() == 0


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"places": 3}, "This session has 3 places in all."),
        ({"group_min": 10}, "This session needs at least 10 students."),
        ({"group_max": 5}, "This session takes at most 5 students of one school."),
        ({"opens_on": dt.date(2026, 10, 1)}, "Requests open on Thu 1 October."),
        ({"closes_on": dt.date(2026, 9, 1)}, "Requests closed on Tue 1 September."),
        ({"state": "cancelled"}, "This session is no longer offered."),
    ],
)
def test_a_request_that_cannot_be_is_refused_before_it_is_sent(cast, change, sentence):
    session = scenes.session(scenes.opportunity(cast.employer), **change)
    with pytest.raises(requests.CannotRequest) as refusal:
        scenes.request(cast, session)
    assert refusal.value.sentence == f"See how it is made: {sentence}"


def test_a_school_member_cannot_request(cast):
    session = scenes.session(scenes.opportunity(cast.employer))
    with pytest.raises(CannotAct):
        requests.request_places(
            cast.school,
            group=scenes.group(cast.school),
            places=6,
            wished=[session],
            by=actor(cast.school_member, cast.hub, cast.school),
            now=NOW,
        )


def test_refusing_a_request_tells_the_school_why(cast):
    session = scenes.session(scenes.opportunity(cast.employer))
    request = scenes.request(cast, session)
    brokering.refuse(request, "All bakeries are full until March", by=scenes.desk(cast), now=NOW)
    message = Message.objects.get(kind="request-refused")
    assert (request.state, message.address, message.facts["reason"]) == (
        "refused",
        "coordinator@quayside.example",
        "All bakeries are full until March",
    )
