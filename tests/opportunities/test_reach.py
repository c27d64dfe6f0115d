"""How many groups could come: terms, closures, protected times and ages."""

from __future__ import annotations

import datetime as dt

import pytest

from employers.models import Site
from opportunities.reach import calendars_of, reach_of
from schools.domain import edits
from schools.domain.revision import calendar_changed
from schools.models import Closure, ProtectedPeriod, ReleaseRule, School, YearGroup
from tests import scenes
from tests.cast import NOW, actor
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
    found = reach_of(offer, [(on, *AT) for on in days], now=NOW)
    return found.groups, found.able, found.reasons


@pytest.fixture
def near(monkeypatch):
    """One school is enough for the kinds of reason to be said."""
    monkeypatch.setattr("opportunities.reach.FEWEST_SCHOOLS_FOR_REASONS", 1)


def test_groups_of_the_age_can_come_on_a_school_day(offer):
    assert told(offer, TUESDAY) == (2, 2, ())
    assert reach_of(offer, [(TUESDAY, *AT)], now=NOW).sentence == "2 of 2 groups of this age could come."


def test_nobody_comes_out_of_term_on_weekends_or_on_a_closed_day(offer, cast, near):
    out = ("2 have no school then, or their term dates are not known.",)
    assert told(offer, dt.date(2026, 12, 31)) == (2, 0, out)
    assert told(offer, dt.date(2026, 10, 10)) == (2, 0, out)
    Closure.objects.create(
        hub=cast.hub, school=cast.school, name="INSET", kind="staff_day", starts_on=TUESDAY, ends_on=TUESDAY
    )
    assert told(offer, TUESDAY - dt.timedelta(days=1), TUESDAY) == (2, 0, ("2 have a day without lessons.",))


def test_blocked_times_keep_whom_they_name_and_only_then(offer, cast, near):
    mocks = ProtectedPeriod.objects.create(
        hub=cast.hub, school=cast.school, name="Mocks", starts_on=TUESDAY, ends_on=TUESDAY,
        starts_at=dt.time(10), ends_at=dt.time(12),
    )  # fmt: skip
    mocks.year_groups.set(YearGroup.objects.filter(school=cast.school, number=10))
    assert told(offer, TUESDAY) == (2, 1, ("1 has exams or something like it.",))
    assert reach_of(offer, [(TUESDAY, dt.time(13), dt.time(14))], now=NOW).able == 2
    mocks.hardness = "avoid"
    mocks.save()
    assert told(offer, TUESDAY) == (2, 2, ())


def test_groups_of_another_hub_are_not_counted(offer, cast):
    scenes.group(cast.school_b, "10Z")
    assert told(offer, TUESDAY)[0] == 2


def test_no_group_of_the_age_is_no_answer(cast):
    assert reach_of(draft(cast), [(TUESDAY, *AT)], now=NOW) is None


@pytest.mark.parametrize("more", [0, 3])
def test_calendars_are_read_once_for_many_days_and_schools(offer, cast, more, django_assert_num_queries):
    for number in range(more):
        school = School.objects.create(hub=cast.hub, name=f"School {number}")
        scenes.group(school, "10A")
    with django_assert_num_queries(10):
        calendars = calendars_of(offer, now=NOW)
        able = [calendars.reach([(TUESDAY + dt.timedelta(days=n), *AT)]).able for n in (0, 4, 7)]
    assert able == [2 + more, 0, 2 + more]


def test_calendars_at_hand_are_not_read_again_until_they_change(offer, cast, django_assert_num_queries):
    calendar_changed(cast.school)
    assert told(offer, TUESDAY) == (2, 2, ())
    with django_assert_num_queries(2):
        told(offer, TUESDAY)
    by = actor(cast.coordinator, cast.hub, cast.school)
    inset = {"kind": "staff_day", "name": "INSET", "starts_on": TUESDAY, "ends_on": TUESDAY}
    edits.save_closure(cast.school, inset, by=by, now=NOW)
    assert told(offer, TUESDAY) == (2, 0, ())


def test_nothing_said_of_few_schools_tells_what_keeps_them(offer, cast):
    Closure.objects.create(hub=cast.hub, school=cast.school, name="Zanzibar day", starts_on=TUESDAY, ends_on=TUESDAY)
    found = reach_of(offer, [(TUESDAY, *AT)], now=NOW)
    assert (found.sentence, found.reasons) == ("No group of this age could come.", ())


def test_reasons_name_kinds_and_never_a_school_or_what_it_calls_its_days(offer, cast, near):
    Closure.objects.create(hub=cast.hub, school=cast.school, name="Zanzibar day", starts_on=TUESDAY, ends_on=TUESDAY)
    assert told(offer, TUESDAY) == (2, 0, ("2 have no school then, or their term dates are not known.",))


def test_schools_too_far_away_are_not_in_reach(offer, cast):
    offer.site = Site.objects.create(hub=cast.hub, employer=cast.employer, name="Far", latitude=51.0, longitude=0.0)
    School.objects.filter(pk=cast.school.pk).update(latitude=55.0, longitude=0.0)
    assert reach_of(offer, [(TUESDAY, *AT)], now=NOW) is None


def test_notice_is_asked_as_each_school_wants_it(offer, cast, near):
    ReleaseRule.objects.create(hub=cast.hub, school=cast.school, notice_weeks=9)
    assert told(offer, TUESDAY) == (2, 0, ("2 need more notice.",))


def test_days_are_suggested_by_how_many_could_come(offer, cast):
    monday = TUESDAY - dt.timedelta(days=1)
    scenes.group(cast.other_school, "10X")
    for school, day in ((cast.school, monday), (cast.other_school, monday), (cast.other_school, TUESDAY)):
        Closure.objects.create(hub=cast.hub, school=school, name="Closed", starts_on=day, ends_on=day)
    found = calendars_of(offer, now=NOW).suggest([(TUESDAY, *AT)], monday, 7)
    assert [(one.day, one.able) for one in found.every] == [
        (monday + dt.timedelta(days=n), able) for n, able in enumerate((0, 2, 3, 3, 3))
    ]
    assert [one.day for one in found.best] == [TUESDAY + dt.timedelta(days=n) for n in (1, 2, 3, 0)]
    assert found.nobody == (monday,)
