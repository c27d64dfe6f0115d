"""What stands around a calendar, for clients: subscriptions, public holidays, hours, dates and what would help."""

from __future__ import annotations

import datetime as dt

import pytest
from rest_framework.test import APIClient

from opportunities.models import Opportunity, Session
from schools.models import CalendarSubscription, Closure
from tests import scenes
from tests.cast import NOW
from tests.placements.pages import lesson

API = "/api/v1"
ADDRESS = "https://calendar.council.example/terms.ics?key=private"


@pytest.fixture
def call(cast, monkeypatch):
    """call(person, method, path, body) -> (status, data)"""
    monkeypatch.setattr("hubs.middleware.timezone.now", lambda: NOW)

    def inner(person, method, path, body=None):
        client = APIClient()
        client.force_authenticate(person)
        answer = getattr(client, method)(f"{API}/{path}", body, **({} if method == "get" else {"format": "json"}))
        return answer.status_code, answer.data

    return inner


# ---- addresses -----------------------------------------------------------------


def test_a_subscription_is_made_changed_and_removed_without_showing_its_address(call, cast):
    code, made = call(cast.coordinator, "post", "calendar-subscriptions/", {"url": ADDRESS, "name": "Council"})
    assert (code, made["host"], made["school"]) == (201, "calendar.council.example", cast.school.pk)
    one = f"calendar-subscriptions/{made['id']}/"
    for shown in (made, call(cast.coordinator, "get", one)[1]):
        assert "key=private" not in str(shown)
    code, changed = call(cast.coordinator, "patch", one, {"applies_itself": True})
    assert (code, changed["applies_itself"]) == (200, True)
    assert CalendarSubscription.objects.get().url == ADDRESS
    assert call(cast.coordinator, "delete", one)[0] == 204
    assert not CalendarSubscription.objects.exists()


def test_an_address_that_is_not_public_is_refused_with_a_sentence(call, cast):
    code, problem = call(cast.coordinator, "post", "calendar-subscriptions/", {"url": "https://127.0.0.1/a.ics"})
    assert (code // 100, CalendarSubscription.objects.count()) == (4, 0)
    assert problem["title"]


def test_subscriptions_are_the_schools_own(call, cast):
    made = call(cast.coordinator, "post", "calendar-subscriptions/", {"url": ADDRESS})[1]
    one = f"calendar-subscriptions/{made['id']}/"
    assert call(cast.other_coordinator, "get", one)[0] == 404
    assert call(cast.employer_lead, "get", one)[0] == 404
    assert call(cast.school_member, "delete", one)[0] == 403
    assert call(cast.other_coordinator, "get", "calendar-subscriptions/")[1]["results"] == []


# ---- public holidays -------------------------------------------------------------


def test_public_holidays_are_offered_and_taken_over_once(call, cast):
    path = f"schools/{cast.school.pk}/public-holidays/"
    span = {"from": "2026-12-01", "to": "2027-01-31"}
    code, found = call(cast.coordinator, "get", path, span)
    assert (code, [str(one["date"]) for one in found]) == (200, ["2026-12-25", "2026-12-28", "2027-01-01"])
    assert not Closure.objects.exists()
    assert call(cast.coordinator, "post", path, span) == (200, {"adopted": 3})
    assert call(cast.coordinator, "post", path, span) == (200, {"adopted": 0})
    assert call(cast.coordinator, "get", path, span) == (200, [])


@pytest.mark.parametrize("span", [{"from": "2026-12-01", "to": "2026-01-01"}, {"to": "2036-01-01"}, {"from": "soon"}])
def test_a_span_nobody_means_is_refused(call, cast, span):
    assert call(cast.coordinator, "get", f"schools/{cast.school.pk}/public-holidays/", span)[0] == 400


def test_public_holidays_are_no_strangers_affair(call, cast):
    path = f"schools/{cast.school.pk}/public-holidays/"
    assert call(cast.other_coordinator, "get", path)[0] == 404
    assert call(cast.school_member, "post", path, {})[0] == 403
    assert call(cast.coordinator, "post", path, {})[0] == 200


# ---- hours -----------------------------------------------------------------------


def test_hours_of_a_week_count_the_classes(call, cast):
    lesson(scenes.group(cast.school))
    scenes.group(cast.school, "10B")
    code, found = call(cast.coordinator, "get", f"schools/{cast.school.pk}/hours/", {"week": "2026-10-21"})
    assert (code, len(found)) == (200, 5)
    assert [(one["groups"], one["able"], one["free"]) for one in found[:2]] == [(2, 2, 2), (2, 2, 1)]
    assert (str(found[1]["date"]), str(found[1]["starts_at"])) == ("2026-10-20", "09:00:00")
    assert call(cast.other_coordinator, "get", f"schools/{cast.school.pk}/hours/")[0] == 404


# ---- dates for an employer ---------------------------------------------------------

DAYS = {"days": [{"on": "2026-10-20", "starts_at": "09:30", "ends_at": "12:00"}], "first": "2026-10-19", "within": 5}


@pytest.fixture
def offer(cast):
    scenes.group(cast.school)
    return scenes.opportunity(cast.employer)


def test_dates_say_how_many_groups_could_come_and_change_nothing(call, cast, offer):
    Closure.objects.create(
        hub=cast.hub, school=cast.school, name="Inset", kind="staff_day", starts_on="2026-10-20", ends_on="2026-10-20"
    )
    code, found = call(cast.employer_lead, "post", f"opportunities/{offer.pk}/dates/", DAYS)
    assert code == 200
    assert [(str(one["date"]), one["able"], one["best"]) for one in found] == [
        ("2026-10-19", 1, True), ("2026-10-20", 0, False), ("2026-10-21", 1, True), ("2026-10-22", 1, True),
        ("2026-10-23", 1, True),
    ]  # fmt: skip
    assert (Session.objects.count(), "Inset" in str(found)) == (0, False)


@pytest.mark.parametrize(
    "change",
    [{"within": 4_000}, {"days": []}, {"days": [{"on": "2026-10-20", "starts_at": "12:00", "ends_at": "09:00"}]}],
)
def test_dates_that_make_no_sense_are_refused(call, cast, offer, change):
    code, problem = call(cast.employer_lead, "post", f"opportunities/{offer.pk}/dates/", DAYS | change)
    assert (code // 100, bool(problem)) == (4, True)


def test_only_those_who_offer_it_choose_its_dates(call, cast, offer):
    path = f"opportunities/{offer.pk}/dates/"
    assert call(cast.coordinator, "post", path, DAYS)[0] == 403
    assert call(cast.other_lead, "post", path, DAYS)[0] in (403, 404)
    assert call(cast.employer_lead_b, "post", path, DAYS)[0] == 404
    assert call(cast.amina, "post", path, DAYS)[0] == 200


def test_without_a_group_of_the_age_there_are_no_dates(call, cast, offer):
    Opportunity.objects.update(min_age=25, max_age=25)
    assert call(cast.employer_lead, "post", f"opportunities/{offer.pk}/dates/", DAYS) == (200, [])


# ---- what would help ----------------------------------------------------------------


def test_what_would_make_a_session_fit(call, cast, offer):
    session = scenes.session(offer)
    path = f"groups/{cast.school.group_set.get().pk}/changes/"
    assert call(cast.coordinator, "get", path, {"session": session.pk}) == (200, [])
    Closure.objects.create(
        hub=cast.hub, school=cast.school, name="Inset", kind="staff_day", starts_on=scenes.DAY, ends_on=scenes.DAY
    )
    code, found = call(cast.coordinator, "get", path, {"session": session.pk})
    assert (code, [one["code"] for one in found]) == (200, ["other_day", "other_day"])
    day = scenes.DAY - dt.timedelta(days=1)
    assert found[0]["sentence"] == f"On Mon {day.day} October, at no cost"


def test_what_would_help_needs_a_session_one_may_see(call, cast, offer):
    theirs = scenes.session(scenes.opportunity(cast.employer_b))
    path = f"groups/{cast.school.group_set.get().pk}/changes/"
    assert call(cast.coordinator, "get", path, {"session": theirs.pk})[0] == 400
    assert call(cast.coordinator, "get", path)[0] == 400
    assert call(cast.other_coordinator, "get", path, {"session": theirs.pk})[0] == 404


# ---- the hub across its schools -----------------------------------------------------


def test_the_hub_reads_whose_calendar_is_missing(call, cast):
    scenes.group(cast.school)
    code, found = call(cast.amina, "get", "schools/calendars/")
    assert code == 200
    assert [(one["school"], one["missing"], one["classes"], one["failing"]) for one in found] == [
        (cast.other_school.pk, True, 0, 0), (cast.school.pk, False, 1, 0),
    ]  # fmt: skip


def test_the_hub_reads_which_weeks_suit_its_schools(call, cast):
    group = scenes.group(cast.school)
    days = {"starts_on": "2026-10-05", "ends_on": "2026-10-06"}
    Closure.objects.create(hub=cast.hub, school=cast.school, name="Inset", kind="staff_day", **days)
    year = group.year_group.number
    asked = {"year": year, "from": "2026-10-05", "to": "2026-10-18"}
    code, found = call(cast.ben, "get", "schools/common-weeks/", asked)
    assert code == 200
    assert [(str(one["monday"]), one["schools"], one["able_all_week"], one["able_by_day"]) for one in found] == [
        ("2026-10-05", 1, 1, [0, 0, 1, 1, 1]), ("2026-10-12", 1, 1, [1, 1, 1, 1, 1]),
    ]  # fmt: skip
    assert call(cast.ben, "get", "schools/common-weeks/", asked | {"year": year + 1}) == (200, [])
    assert call(cast.ben, "get", "schools/common-weeks/")[0] == 400


@pytest.mark.parametrize("path", ["schools/calendars/", "schools/common-weeks/?year=10"])
def test_only_the_hub_compares_its_schools(call, cast, path):
    assert call(cast.coordinator, "get", path)[0] == 403
    assert call(cast.employer_lead, "get", path)[0] == 403
    assert call(cast.chloe, "get", path)[0] == 404
