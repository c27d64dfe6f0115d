"""What comes next on a pathway, in calendars of the school that walks it and in no employer's."""

from __future__ import annotations

import datetime as dt

import pytest

from hubs.log import record
from opportunities.models import EncounterType, Opportunity, Pathway, PathwayStep
from placements import calendars
from placements.domain import answers, feeds, walks
from placements.models import Placement
from tests import scenes
from tests.calendars import linter, reading
from tests.cast import NOW, actor

pytestmark = pytest.mark.django_db
WEEKS = dt.timedelta(weeks=3)


@pytest.fixture
def road(cast) -> Pathway:
    """A visit, then a week at work."""
    row = Pathway.objects.create(hub=cast.hub, name="Towards a week of work", state="published")
    for position, code in enumerate(("visit", "week")):
        kind = scenes.encounter_type(cast.hub, code, name=code)
        PathwayStep.objects.create(pathway=row, position=position, encounter_type=kind)
    return row


def placed(cast, kind: str, employer, on: dt.date, group=None) -> Placement:
    offer = scenes.opportunity(employer)
    Opportunity.objects.filter(pk=offer.pk).update(encounter_type=EncounterType.objects.get(hub=cast.hub, code=kind))
    row = scenes.placement(cast, state="offered", wanted=scenes.session(offer, on=on), of=group)
    lead = cast.employer_lead if employer == cast.employer else cast.other_lead
    answers.accept(row, by=actor(lead, cast.hub, employer), now=NOW)
    return row


@pytest.fixture
def walked(cast, road) -> tuple[Placement, Placement]:
    """Both by one group, with two employers."""
    group = scenes.group(cast.school, "10W")
    first = placed(cast, "visit", cast.employer, scenes.DAY, group)
    return first, placed(cast, "week", cast.other_employer, scenes.DAY + WEEKS, group)


def related(feed) -> list:
    content = calendars.feed("x", events := list(feeds.events_of(feed, now=NOW)), walks.next_on_pathways(feed, events))
    assert linter.problems(content) == []
    return [event["related"] for event in reading.events(content)]


def school_feed(cast, **narrow):
    return feeds.make_feed(cast.school, by=actor(cast.coordinator, cast.hub, cast.school), now=NOW, **narrow)[0]


def test_the_school_s_calendar_says_what_the_group_does_next_and_how_far_off_it_is(cast, walked):
    second = str(walked[1].events.get().uid)
    assert related(school_feed(cast)) == [[second, "P20D"], None]
    assert related(school_feed(cast, personal=True)) == [[second, "P20D"], None]


def test_no_employer_is_told_where_students_go_next(cast, walked):
    feed, _token = feeds.make_feed(cast.employer, by=actor(cast.employer_lead, cast.hub, cast.employer), now=NOW)
    assert related(feed) == [None]
    first, second = (row.events.get() for row in walked)
    assert str(second.uid).encode() not in calendars.invitation(cast.hub, first, "lead@brightwater.example")


@pytest.mark.parametrize("why", ["another group", "the other way round", "no pathway", "called off"])
def test_what_is_no_next_step_is_not_pointed_at(cast, road, why):
    group, kinds = scenes.group(cast.school, "10W"), ["visit", "week"]
    other = scenes.group(cast.school, "10X") if why == "another group" else group
    if why == "the other way round":
        kinds.reverse()
    placed(cast, kinds[0], cast.employer, scenes.DAY, group)
    later = placed(cast, kinds[1], cast.other_employer, scenes.DAY + WEEKS, other)
    if why == "no pathway":
        Pathway.objects.update(state="draft")
    if why == "called off":
        answers.cancel(later, "The hall flooded", by=actor(cast.coordinator, cast.hub, cast.school), now=NOW)
    assert related(school_feed(cast)) == [None, None]


def test_clients_fetch_anew_once_a_pathway_was_published(cast, road):
    feed = school_feed(cast)
    before = walks.version_of(feed)
    record(road, "published", by=scenes.desk(cast), now=NOW)
    assert walks.version_of(feed) != before
