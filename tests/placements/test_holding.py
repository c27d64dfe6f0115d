"""What a hold rests on is read under the locks it takes, and in few statements."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import transaction

from hubs.errors import Refused
from hubs.models import HubRequirement, Requirement
from opportunities.domain import offers, sessions
from opportunities.models import Session
from placements.domain import brokering, hours
from placements.models import Placement, PlacementRequest, StudentDay
from schools.models import Student
from tests import scenes
from tests.cast import NOW


def named(cast, count: int = 1) -> PlacementRequest:
    """A request for so many named students, as a page reads it."""
    students = [Student.objects.create(hub=cast.hub, school=cast.school, alias=f"S{n}") for n in range(count)]
    row = PlacementRequest.objects.create(
        hub=cast.hub, school=cast.school, places=count, state="submitted", created_at=NOW, submitted_at=NOW
    )
    row.students.set(students)
    return PlacementRequest.objects.select_related("hub", "school", "group").get(pk=row.pk)


def weeks(cast, count: int) -> list[Session]:
    offer = scenes.opportunity(cast.employer)
    return [scenes.session(offer, on=scenes.DAY + dt.timedelta(weeks=n)) for n in range(count)]


@pytest.mark.parametrize("students", [1, 3])
def test_a_hold_is_so_many_statements(cast, students, django_assert_num_queries):
    (session,), asked, by = weeks(cast, 1), named(cast, students), scenes.desk(cast)
    with django_assert_num_queries(16):
        brokering.hold(asked, session, by=by, now=NOW)


def test_each_session_more_of_a_series_is_so_many_statements_more(cast, django_assert_num_queries):
    rows, asked, by = weeks(cast, 3), named(cast), scenes.desk(cast)
    with django_assert_num_queries(16 + 2 * 7):
        brokering.hold_series(asked, rows, by=by, now=NOW)


def test_an_offer_paused_since_the_session_was_read_gives_no_places(cast):
    (session,), asked = weeks(cast, 1), named(cast)
    assert session.opportunity.state == "published"
    offers.pause(type(session.opportunity).objects.get(), by=scenes.desk(cast), now=NOW)
    with pytest.raises(Refused) as refusal:
        brokering.hold(asked, session, by=scenes.desk(cast), now=NOW)
    assert (refusal.value.code, Placement.objects.count()) == ("session_gone", 0)
    session.refresh_from_db()
    assert session.taken == 0


@pytest.mark.parametrize("gone", ["paused", "called off", "begun"])
def test_a_full_session_that_is_no_longer_offered_says_so_and_not_that_it_is_full(cast, gone):
    offer = scenes.opportunity(cast.employer)
    session, asked, now = scenes.session(offer, places=1, taken=1), named(cast), NOW
    if gone == "paused":
        offers.pause(offer, by=scenes.desk(cast), now=NOW)
    elif gone == "called off":
        Session.objects.update(state="cancelled")
    else:
        now = session.starts_at
    with pytest.raises(Refused) as refusal:
        brokering.hold(asked, session, by=scenes.desk(cast), now=now)
    assert refusal.value.code == ("begun" if gone == "begun" else "session_gone")


def test_days_changed_since_the_session_was_read_are_the_students_days(cast):
    (session,), asked = weeks(cast, 1), named(cast)
    seen = Session.objects.prefetch_related("days").get(pk=session.pk)
    on = scenes.DAY + dt.timedelta(days=1)
    with transaction.atomic():
        sessions.put_days(session, [(on, dt.time(9), dt.time(11))])
    placement = brokering.hold(asked, seen, by=scenes.desk(cast), now=NOW)
    assert [day.starts_at.date() for day in StudentDay.objects.all()] == [on]
    assert [event.on for event in placement.events.all()] == [on]


def test_who_left_the_school_since_they_were_named_is_not_placed(cast):
    (session,), asked = weeks(cast, 1), named(cast, 2)
    Student.objects.filter(alias="S0").update(left_on=NOW.date())
    placement = brokering.hold(asked, session, by=scenes.desk(cast), now=NOW)
    assert [row.student.alias for row in placement.students.all()] == ["S1"]


def test_a_limit_is_decided_by_its_own_hub_alone(cast):
    rule = Requirement.objects.create(
        jurisdiction=cast.hub.jurisdiction, code="X-1", title="Six hours", text="At most six.", tiers=["T2"],
        kind="limit", blocks="confirm", responsible="host", verified=False, limits={"day_hours": 6},
        valid_from=NOW.date(),
    )  # fmt: skip
    Requirement.objects.create(
        jurisdiction=cast.hub.jurisdiction, code="X-2", title="Nothing in hours", text="Words.", tiers=["T2"],
        kind="limit", blocks="confirm", responsible="host", verified=True, valid_from=NOW.date(),
    )  # fmt: skip

    def said(hub):
        return [(one.code, one.blocks) for one in hours.limits_for(hub, "T2", NOW) if one.code.startswith("X-")]

    assert said(cast.hub) == [("X-1", False)]
    HubRequirement.objects.create(hub=cast.hub_b, requirement=rule, blocks="confirm", confirmed_at=NOW)
    assert (said(cast.hub), said(cast.hub_b)) == ([("X-1", False)], [("X-1", True)])
    HubRequirement.objects.create(hub=cast.hub, requirement=rule, blocks="start", confirmed_at=NOW)
    assert said(cast.hub) == [("X-1", True)]
