"""Days, instants, places, series: the wall clock is the truth."""

import datetime as dt

import pytest

from employers.models import Employer
from hubs.errors import CannotAct, Refused
from opportunities.domain import sessions
from opportunities.models import Session
from schools.models import Closure
from tests import scenes
from tests.cast import NOW, actor
from tests.opportunities.making import DAY, NINE, THREE, draft, lead, published, session, staff

ONE = dt.timedelta(days=1)


def add(cast, days, places=10, **options):
    return sessions.add_session(draft(cast), days, places, by=lead(cast), now=NOW, **options)


def test_a_session_keeps_local_days_and_an_envelope(cast):
    row = add(cast, [(DAY, NINE, THREE), (DAY + ONE, NINE, dt.time(12, 0))])
    assert (row.starts_at, row.ends_at, row.time_zone) == (
        dt.datetime(2026, 10, 13, 8, tzinfo=dt.UTC),
        dt.datetime(2026, 10, 14, 11, tzinfo=dt.UTC),
        "Europe/London",
    )
    assert [(day.on, day.starts_at, day.ends_at) for day in row.days.all()] == [
        (DAY, NINE, THREE),
        (DAY + ONE, NINE, dt.time(12, 0)),
    ]


REFUSED = {
    "no day": [],
    "twice": [(DAY, NINE, THREE), (DAY, dt.time(16), dt.time(17))],
    "unordered": [(DAY, NINE, THREE), (DAY - ONE, NINE, THREE)],
    "backwards": [(DAY, THREE, NINE)],
    "no length": [(DAY, NINE, NINE)],
    "past": [(dt.date(2026, 9, 14), NINE, THREE)],
    "began an hour ago": [(dt.date(2026, 9, 15), NINE, THREE)],
    "too many": [(DAY + ONE * n, NINE, THREE) for n in range(61)],
    "far away": [(dt.date(2029, 10, 13), NINE, THREE)],
}


@pytest.mark.parametrize("days", REFUSED.values(), ids=REFUSED)
def test_days_that_make_no_sense_are_refused(cast, days):
    with pytest.raises(Refused):
        add(cast, days)
    assert Session.objects.count() == 0


def test_sixty_days_are_accepted(cast):
    row = add(cast, [(DAY + ONE * n, NINE, THREE) for n in range(60)])
    assert row.days.count() == 60


@pytest.mark.parametrize(
    "options",
    [
        {"places": 0},
        {"places": 1000},
        {"group_min": 11},
        {"group_min": 0},
        {"group_min": 4, "group_max": 3},
        {"group_max": 1000},
        {"opens_on": dt.date(2026, 10, 2), "closes_on": dt.date(2026, 10, 1)},
        {"closes_on": DAY + ONE},
        {"opens_on": DAY + ONE},
    ],
)
def test_places_and_windows_that_make_no_sense_are_refused(cast, options):
    with pytest.raises(Refused):
        add(cast, [(DAY, NINE, THREE)], **options)


def test_a_time_the_clocks_skip_moves_forward(cast):
    # London, 28 March 2027: 01:00 to 02:00 does not exist.
    row = add(cast, [(dt.date(2027, 3, 28), dt.time(1, 30), dt.time(4, 0))])
    assert row.starts_at.astimezone(row.zone).time() == dt.time(2, 30)
    assert row.starts_at == dt.datetime(2027, 3, 28, 1, 30, tzinfo=dt.UTC)


def test_of_two_equal_times_the_first_is_meant(cast):
    # London, 25 October 2026: 01:30 comes twice, first in summer time.
    row = add(cast, [(dt.date(2026, 10, 25), dt.time(1, 30), dt.time(4, 0))])
    assert row.starts_at == dt.datetime(2026, 10, 25, 0, 30, tzinfo=dt.UTC)


def test_a_session_inside_the_gap_has_no_length_and_is_refused(cast):
    # 01:30 becomes 02:30, which is after the end at 02:15.
    with pytest.raises(Refused):
        add(cast, [(dt.date(2027, 3, 28), dt.time(1, 30), dt.time(2, 15))])


def test_a_weekly_series_over_the_clock_change_keeps_wall_times(cast):
    made = sessions.add_series(draft(cast), [(DAY, NINE, THREE)], 10, times=4, by=lead(cast), now=NOW)
    assert [(s.days.get().on, s.days.get().starts_at) for s in made] == [
        (DAY + dt.timedelta(weeks=n), NINE) for n in range(4)
    ]
    assert [s.starts_at.hour for s in made] == [8, 8, 9, 9]
    assert [s.starts_at.astimezone(s.zone).time() for s in made] == [NINE] * 4


def test_a_series_skips_weeks_on_which_nobody_could_come_and_ends_with_the_calendars(cast):
    scenes.group(cast.school)
    shut = DAY + dt.timedelta(weeks=1)
    Closure.objects.create(hub=cast.hub, school=cast.school, name="INSET", starts_on=shut, ends_on=shut)
    for times, weeks in ((3, [0, 2, 3]), (20, [0, *range(2, 10)])):  # the term ends on 18 December
        made = sessions.add_series(draft(cast), [(DAY, NINE, THREE)], 5, times=times, by=lead(cast), now=NOW)
        assert [(s.first_on - DAY).days // 7 for s in made] == weeks


def test_a_series_skips_public_holidays(cast):
    christmas = [(dt.date(2026, 12, 18), NINE, THREE)]
    made = sessions.add_series(draft(cast), christmas, 5, times=3, by=lead(cast), now=NOW)
    assert [s.first_on.isoformat() for s in made] == ["2026-12-18", "2027-01-08", "2027-01-15"]


def test_a_series_is_all_or_nothing(cast):
    days = [(dt.date(2028, 9, 1), NINE, THREE)]  # the third week is over two years away
    with pytest.raises(Refused):
        sessions.add_series(draft(cast), days, 5, times=4, by=lead(cast), now=NOW)
    assert Session.objects.count() == 0


def test_days_longer_than_a_week_do_not_repeat(cast):
    days = [(DAY, NINE, THREE), (DAY + ONE * 7, NINE, THREE)]
    with pytest.raises(Refused):
        sessions.add_series(draft(cast), days, 5, times=2, by=lead(cast), now=NOW)


def test_places_go_up_and_down_but_never_below_those_taken(cast):
    row = session(draft(cast), cast, places=10)
    Session.objects.filter(pk=row.pk).update(taken=6)
    sessions.change_places(row, 6, by=lead(cast), now=NOW)
    assert (row.places, row.version) == (6, 1)
    with pytest.raises(Refused) as refusal:
        sessions.change_places(row, 5, by=lead(cast), now=NOW)
    assert (refusal.value.code, refusal.value.facts) == ("below_taken", {"taken": 6})
    row.refresh_from_db()
    assert row.places == 6


def test_a_session_with_places_taken_is_not_called_off(cast):
    row = session(published(cast), cast, on=DAY + ONE)
    Session.objects.filter(pk=row.pk).update(taken=1)
    with pytest.raises(Refused) as refusal:
        sessions.cancel_session(row, "Flood", by=lead(cast), now=NOW)
    assert refusal.value.code == "has_placements"
    Session.objects.filter(pk=row.pk).update(taken=0)
    with pytest.raises(Refused):
        sessions.cancel_session(row, " ", by=lead(cast), now=NOW)
    sessions.cancel_session(row, "Flood", by=lead(cast), now=NOW)
    with pytest.raises(Refused):
        sessions.change_places(row, 3, by=lead(cast), now=NOW)


def test_members_add_to_drafts_but_not_to_what_schools_see(cast):
    member = actor(cast.employer_member, cast.hub, cast.employer)
    day = [(DAY + ONE, NINE, THREE)]
    sessions.add_session(draft(cast), day, 5, by=member, now=NOW)
    with pytest.raises(CannotAct):
        sessions.add_session(published(cast), day, 5, by=member, now=NOW)
    stranger = actor(cast.other_lead, cast.hub, cast.other_employer)
    with pytest.raises(CannotAct):
        sessions.add_session(draft(cast), day, 5, by=stranger, now=NOW)


def test_sessions_that_ended_are_over(cast):
    row = session(published(cast), cast, on=DAY + ONE)
    Session.objects.exclude(pk=row.pk).update(state="cancelled")
    assert sessions.finish_past(row.ends_at - dt.timedelta(seconds=1)) == 0
    assert sessions.finish_past(row.ends_at) == 1
    row.refresh_from_db()
    assert row.state == "over"


def test_schools_are_offered_what_is_published_ahead_and_open(cast):
    offered = published(cast)
    row = offered.sessions.get()
    session(draft(cast), cast)  # a draft's session is nobody's yet

    def found(now=NOW, hub=cast.hub):
        return list(Session.objects.offered_to_schools(hub, now))

    assert (found(), found(hub=cast.hub_b), found(now=row.starts_at)) == ([row], [], [])
    today = dt.date(2026, 9, 15)
    for window, expected in [
        ({"opens_on": today}, [row]),
        ({"opens_on": today + ONE}, []),
        ({"opens_on": None, "closes_on": today}, [row]),
        ({"closes_on": today - ONE}, []),
    ]:
        Session.objects.filter(pk=row.pk).update(**window)
        assert found() == expected
    Session.objects.filter(pk=row.pk).update(closes_on=None)
    Employer.objects.filter(pk=cast.employer.pk).update(is_active=False)
    assert found() == []
    Employer.objects.filter(pk=cast.employer.pk).update(is_active=True)
    assert found() == [row]
    assert staff(cast).is_hub_staff
    sessions.cancel_session(row, "Flood", by=staff(cast), now=NOW)
    assert found() == []


def test_with_all_reads_a_list_in_two_statements(cast, django_assert_num_queries):
    offered = published(cast)
    for count in (1, 2):
        session(offered, cast, on=DAY + ONE * count)
    with django_assert_num_queries(2):
        for row in Session.objects.with_all():
            assert (row.opportunity.site.name, row.opportunity.employer.name) == ("Dock workshop", cast.employer.name)
            assert len(row.days.all()) == 1
