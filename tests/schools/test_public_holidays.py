"""Public holidays are offered for the school's region, and in the calendar only when somebody says so."""

from __future__ import annotations

import datetime as dt

import pytest

from schools.domain.public_holidays import adopt, offered
from schools.models import Closure
from tests.cast import NOW, actor

YEAR = (dt.date(2026, 9, 1), dt.date(2027, 8, 31))


@pytest.fixture
def by(cast):
    return actor(cast.coordinator, cast.hub, cast.school)


def test_those_of_the_hubs_region_are_offered_and_none_is_there_unasked(cast):
    days = [day for day, _name in offered(cast.school, *YEAR)]
    assert (dt.date(2026, 12, 25) in days, dt.date(2026, 11, 30) in days) == (True, False)
    assert all(day.weekday() < 5 for day in days)
    assert Closure.objects.count() == 0


def test_a_schools_own_region_has_its_own(cast):
    cast.school.region = "SCT"
    assert dt.date(2026, 11, 30) in [day for day, _name in offered(cast.school, *YEAR)]


def test_they_are_taken_over_in_one_step_and_once(cast, by):
    before = cast.school.calendar_revision
    count = adopt(cast.school, *YEAR, by=by, now=NOW)
    assert (count, adopt(cast.school, *YEAR, by=by, now=NOW)) == (len(Closure.objects.all()), 0)
    assert set(Closure.objects.values_list("kind", "edited")) == {("public_holiday", True)}
    cast.school.refresh_from_db()
    assert cast.school.calendar_revision != before


def test_a_day_that_is_closed_already_is_not_offered_again(cast):
    Closure.objects.create(
        hub=cast.hub, school=cast.school, name="Christmas", starts_on=dt.date(2026, 12, 19), ends_on=dt.date(2027, 1, 3)
    )
    assert dt.date(2026, 12, 25) not in [day for day, _name in offered(cast.school, *YEAR)]


def test_looking_changes_nothing_and_the_button_does(client, cast):
    client.force_login(cast.coordinator)
    page = "/school/calendar/holidays/?year=2026-10-01"
    assert "Christmas Day" in client.get(page).content.decode()
    assert Closure.objects.count() == 0
    assert client.post(page).status_code == 302
    assert Closure.objects.filter(starts_on=dt.date(2026, 12, 25)).count() == 1
