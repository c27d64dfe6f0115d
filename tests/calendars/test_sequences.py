"""Sessions given in one step, in calendars: each says which comes next, and how many days lie between (RFC 9253)."""

from __future__ import annotations

import datetime as dt

import pytest

from hubs.models import Message
from placements import calendars
from placements.domain import answers, brokering, calendar, feeds
from placements.models import Placement
from tests import scenes
from tests.calendars import ical_js, linter, reading
from tests.cast import NOW, actor

pytestmark = pytest.mark.django_db
GAPS = ("P6D", "P9D")


@pytest.fixture
def three(cast) -> list[Placement]:
    """Three placements of one series, agreed: a week and ten days apart."""
    offer = scenes.opportunity(cast.employer)
    days = [scenes.DAY + dt.timedelta(days=number) for number in (0, 7, 17)]
    sessions = [scenes.session(offer, on=day) for day in days]
    asked = scenes.request(cast, sessions[0])
    made = brokering.hold_series(asked, sessions, by=scenes.desk(cast), now=NOW)
    for row in made:
        brokering.offer(row, by=scenes.desk(cast), now=NOW)
        answers.accept(row, by=actor(cast.employer_lead, cast.hub, cast.employer), now=NOW)
    calendar.true_up(NOW)
    return made


def feed_of(cast) -> bytes:
    feed, _token = feeds.make_feed(cast.school, by=actor(cast.coordinator, cast.hub, cast.school), now=NOW)
    content = calendars.feed("Quayside School", feeds.events_of(feed, now=NOW))
    assert linter.problems(content) == []
    return content


def related(content: bytes) -> list:
    return [event["related"] for event in reading.events(content)]


def test_each_placement_of_a_series_says_which_comes_next(cast, three):
    content = feed_of(cast)
    first, second, third = (str(row.events.get().uid) for row in three)
    assert related(content) == [[second, GAPS[0]], [third, GAPS[1]], None]
    assert reading.events(content)[0]["uid"] == first
    assert calendar.true_up(NOW) == 0


def test_ical_js_reads_the_sequence_as_icalendar_does(cast, three):
    ical_js.need()
    content = feed_of(cast)
    assert [event["related"] for event in ical_js.events(content)] == related(content)


def test_invitation_carries_what_comes_next(cast, three):
    second, third = three[1].events.get(), three[2].events.get()
    content = calendars.invitation(cast.hub, second, "reader@quayside.example")
    assert linter.problems(content) == []
    assert related(content) == [[str(third.uid), GAPS[1]]]


def test_one_that_is_called_off_closes_the_gap_and_asks_nobody_anew(cast, three):
    first = three[0].events.get()
    told = Message.objects.filter(kind="placement-changed").count()
    answers.cancel(three[1], "The hall flooded", by=actor(cast.coordinator, cast.hub, cast.school), now=NOW)
    calendar.true_up(NOW)
    now_first = three[0].events.get()
    assert (now_first.followed_by, now_first.gap_days) == (str(three[2].events.get().uid), 16)
    assert now_first.sequence == first.sequence  # what was answered stays answered
    assert now_first.stamp != first.stamp  # and feeds are read anew
    assert related(feed_of(cast)) == [[str(three[2].events.get().uid), "P16D"], None, None]
    assert Message.objects.filter(kind="placement-changed").count() == told


def test_nothing_is_pointed_at_once_the_only_other_one_is_called_off(cast, three):
    for row in three[1:]:
        answers.cancel(row, "The hall flooded", by=actor(cast.coordinator, cast.hub, cast.school), now=NOW)
        calendar.true_up(NOW)
    event = three[0].events.get()
    assert (event.followed_by, event.gap_days, calendar.true_up(NOW)) == ("", 0, 0)


def test_an_employer_s_calendar_says_nothing_of_what_is_only_held(cast):
    offer = scenes.opportunity(cast.employer)
    sessions = [scenes.session(offer, on=scenes.DAY + dt.timedelta(days=number)) for number in (0, 7)]
    first, second = brokering.hold_series(scenes.request(cast, sessions[0]), sessions, by=scenes.desk(cast), now=NOW)
    calendar.true_up(NOW)
    assert first.events.get().followed_by == str(second.events.get().uid)
    brokering.offer(first, by=scenes.desk(cast), now=NOW)
    calendar.true_up(NOW)
    assert first.events.get().followed_by == ""
    brokering.offer(second, by=scenes.desk(cast), now=NOW)
    calendar.true_up(NOW)
    assert first.events.get().followed_by == str(second.events.get().uid)


def test_placements_held_one_by_one_are_no_sequence(cast):
    offer = scenes.opportunity(cast.employer)
    sessions = [scenes.session(offer, on=scenes.DAY + dt.timedelta(days=number)) for number in (0, 7)]
    asked = scenes.request(cast, sessions[0])
    for one in sessions:
        brokering.hold(asked, one, by=scenes.desk(cast), now=NOW)
        asked.refresh_from_db()
    calendar.true_up(NOW)
    assert related(feed_of(cast)) == [None, None]
