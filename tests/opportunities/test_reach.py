"""How many groups could come: terms, closures, protected times and ages."""

from __future__ import annotations

import datetime as dt

import pytest

from opportunities.reach import Calendars, ages_of, reach_of
from schools.models import Closure, ProtectedPeriod, YearGroup
from tests import scenes
from tests.opportunities.making import draft

TUESDAY = dt.date(2026, 10, 6)
AT = (dt.time(9, 30), dt.time(11))


@pytest.fixture
def offer(cast):
    """For ages 14 to 15; 10A and 9A are of an age, 12A is not."""
    row = draft(cast)
    row.min_age, row.max_age = 14, 15
    row.save()
    for name, year in (("10A", 10), ("9A", 9), ("12A", 12)):
        scenes.group(cast.school, name, year=year)
    return row


def told(offer, *days):
    found = reach_of(offer, [(on, *AT) for on in days])
    return found.groups, found.able, found.reasons


def test_groups_of_the_age_can_come_on_a_school_day(offer):
    assert told(offer, TUESDAY) == (2, 2, ())
    assert reach_of(offer, [(TUESDAY, *AT)]).sentence == "2 of 2 groups of this age could come."


def test_nobody_comes_out_of_term_on_weekends_or_on_a_closed_day(offer, cast):
    out = ("2 have no school then, or their term dates are not known.",)
    assert told(offer, dt.date(2026, 12, 31)) == (2, 0, out)
    assert told(offer, dt.date(2026, 10, 10)) == (2, 0, out)
    Closure.objects.create(
        hub=cast.hub, school=cast.school, name="INSET", kind="staff_day", starts_on=TUESDAY, ends_on=TUESDAY
    )
    assert told(offer, TUESDAY - dt.timedelta(days=1), TUESDAY) == (2, 0, ("2 have a day without lessons.",))


def test_blocked_times_keep_whom_they_name_and_only_then(offer, cast):
    mocks = ProtectedPeriod.objects.create(
        hub=cast.hub, school=cast.school, name="Mocks", starts_on=TUESDAY, ends_on=TUESDAY,
        starts_at=dt.time(10), ends_at=dt.time(12),
    )  # fmt: skip
    mocks.year_groups.set(YearGroup.objects.filter(school=cast.school, number=10))
    assert told(offer, TUESDAY) == (2, 1, ("1 has exams or something like it.",))
    assert reach_of(offer, [(TUESDAY, dt.time(13), dt.time(14))]).able == 2
    mocks.hardness = "avoid"
    mocks.save()
    assert told(offer, TUESDAY) == (2, 2, ())


def test_groups_of_another_hub_are_not_counted(offer, cast):
    scenes.group(cast.school_b, "10Z")
    assert told(offer, TUESDAY)[0] == 2


def test_no_group_of_the_age_is_no_answer(cast):
    assert reach_of(draft(cast), [(TUESDAY, *AT)]) is None


def test_calendars_are_read_once_for_many_days(offer, django_assert_num_queries):
    with django_assert_num_queries(4):
        calendars = Calendars(offer.hub, ages_of(offer), TUESDAY, TUESDAY + dt.timedelta(days=20))
        assert [calendars.reach([(TUESDAY + dt.timedelta(days=n), *AT)]).able for n in (0, 4, 7)] == [2, 0, 2]
