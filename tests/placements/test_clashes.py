"""A changed calendar: what it no longer allows is found, told once, and left to people."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from hubs.models import Message
from hubs.outbox import KINDS
from placements.domain.clashes import check_changed_calendars, check_school
from placements.models import CalendarClash, Placement
from schools.domain import edits
from schools.models import Closure
from tests import scenes
from tests.cast import NOW, actor

LATER = NOW + dt.timedelta(hours=1)


@pytest.fixture
def by(cast):
    return actor(cast.coordinator, cast.hub, cast.school)


def close(cast, by, day=scenes.DAY, name="Founders' day", closure=None):
    values = {"kind": "closure", "name": name, "starts_on": day, "ends_on": day}
    return edits.save_closure(cast.school, values, by=by, now=NOW, closure=closure)


def told() -> list[tuple[str, str]]:
    rows = Message.objects.filter(kind="calendar-clash").order_by("address")
    return [(row.address, row.version) for row in rows]


def test_a_closure_over_an_agreed_day_is_told_once_and_cancels_nothing(cast, by):
    placement = scenes.placement(cast, state="accepted")
    close(cast, by)
    assert check_changed_calendars(LATER) == 1
    addresses = [address for address, _version in told()]
    assert (cast.coordinator.email in addresses, cast.employer_lead.email in addresses) == (True, False)
    before = told()
    assert check_changed_calendars(LATER) == 0
    close(cast, by, scenes.DAY + dt.timedelta(days=9), "Another")
    assert check_changed_calendars(LATER) == 0
    assert told() == before
    assert Placement.objects.get(pk=placement.pk).state == placement.state


def test_a_change_that_touches_nothing_is_no_news(cast, by):
    scenes.placement(cast, state="accepted")
    close(cast, by, scenes.DAY + dt.timedelta(days=1))
    assert (check_changed_calendars(LATER), told()) == (0, [])


def test_another_reason_is_told_again_and_none_is_gone(cast, by):
    scenes.placement(cast, state="accepted")
    row = close(cast, by)
    check_changed_calendars(LATER)
    first = told()
    row = close(cast, by, name="Election day", closure=row)
    assert check_changed_calendars(LATER) == 1
    assert len(told()) == 2 * len(first)
    edits.remove(row, by=by, now=NOW)
    assert check_changed_calendars(LATER) == 0
    assert list(CalendarClash.objects.values_list("gone_at", flat=True)) == [LATER, LATER]


def test_an_open_wish_is_told_to_the_school_alone(cast, by):
    wanted = scenes.session(scenes.opportunity(cast.employer))
    scenes.request(cast, wanted)
    close(cast, by)
    assert check_changed_calendars(LATER) == 1
    assert [address for address, _version in told()] == [cast.coordinator.email]


def test_other_schools_are_not_looked_at(cast, by):
    scenes.placement(cast, state="accepted")
    Closure.objects.create(
        hub=cast.hub, school=cast.other_school, name="Closed", starts_on=scenes.DAY, ends_on=scenes.DAY
    )
    assert check_changed_calendars(LATER) == 0


def test_checking_twice_at_one_revision_finds_nothing_twice(cast, by):
    scenes.placement(cast, state="accepted")
    close(cast, by)
    assert [check_school(cast.school, now=LATER), check_school(cast.school, now=LATER)] == [1, 0]


def test_the_mail_says_what_clashes_and_what_can_be_done(cast, by):
    scenes.placement(cast, state="accepted")
    row = close(cast, by)
    check_changed_calendars(LATER)
    clash, message = CalendarClash.objects.get(), Message.objects.filter(kind="calendar-clash").first()
    kind = KINDS["calendar-clash"]
    mail = kind.compose(clash, message, LATER)
    assert mail.paragraphs == (
        "The calendar has changed: Founders' day, Tue 20 October.",
        "Nothing has been cancelled. You can keep it all the same, ask for another date, or call it off.",
    )
    assert kind.live(clash, message, LATER)
    edits.remove(row, by=by, now=NOW)
    check_changed_calendars(LATER)
    clash.refresh_from_db()
    assert not kind.live(clash, message, LATER)


def test_the_schools_home_says_it_until_the_calendar_allows_it_again(page, cast, by):
    scenes.placement(cast, state="accepted")
    row = close(cast, by)
    check_changed_calendars(LATER)
    assert "no longer fits: Founders&#x27; day, Tue 20 October" in page.get(reverse("home")).content.decode()
    edits.remove(row, by=by, now=NOW)
    assert "no longer fits" not in page.get(reverse("home")).content.decode()
