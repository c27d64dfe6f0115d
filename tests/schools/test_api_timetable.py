"""Weeks, bell schedules, release rules and lessons, for clients."""

from __future__ import annotations

import datetime as dt

import pytest
from rest_framework.test import APIClient

from schools.models import BellSchedule, Lesson, ReleaseRule, WeekMark, WeekPattern
from tests import scenes
from tests.cast import NOW

API = "/api/v1"
PERIODS = [
    {"name": "P1", "starts_at": "09:00", "ends_at": "10:00"},
    {"name": "P2", "starts_at": "10:00", "ends_at": "11:00"},
]
BELL = {"name": "Day", "periods": PERIODS}
WEEKS = {"letters": ["A", "B"], "anchor_on": "2026-09-07"}


@pytest.fixture
def call(cast, monkeypatch):
    """call(person, method, path, body, key) -> (status, data)"""
    monkeypatch.setattr("hubs.middleware.timezone.now", lambda: NOW)

    def inner(person, method, path, body=None, key=""):
        client = APIClient()
        client.force_authenticate(person)
        options = {} if method == "get" else {"format": "json", "headers": {"Idempotency-Key": key} if key else {}}
        answer = getattr(client, method)(f"{API}/{path}", body, **options)
        return answer.status_code, answer.data

    return inner


def test_the_weeks_are_set_changed_and_their_marks_forgotten(call, cast):
    code, made = call(cast.coordinator, "post", "week-patterns/", WEEKS)
    assert (code, made["letters"], made["holidays_advance"]) == (201, ["A", "B"], False)
    one = f"week-patterns/{made['id']}/"
    assert call(cast.coordinator, "patch", one, {"holidays_advance": True})[1]["letters"] == ["A", "B"]
    assert call(cast.coordinator, "patch", one, {"letters": ["A", "A"]})[0] == 409
    assert call(cast.coordinator, "patch", one, {"letters": []})[0] == 400
    WeekMark.objects.create(hub=cast.hub, school=cast.school, monday=dt.date(2026, 9, 14), letter="A")
    assert [row["letter"] for row in call(cast.coordinator, "get", "week-marks/")[1]["results"]] == ["A"]
    assert call(cast.school_member, "post", f"{one}forget-marks/")[0] == 403
    assert call(cast.coordinator, "post", f"{one}forget-marks/") == (200, {"forgotten": 1})
    assert WeekPattern.objects.get().holidays_advance
    assert not WeekMark.objects.exists()


def test_a_bell_schedule_is_made_once_changed_and_removed(call, cast):
    made = call(cast.coordinator, "post", "bell-schedules/", BELL, key="one")[1]
    assert call(cast.coordinator, "post", "bell-schedules/", BELL, key="one")[1]["id"] == made["id"]
    assert [one["name"] for one in made["periods"]] == ["P1", "P2"]
    one = f"bell-schedules/{made['id']}/"
    code, changed = call(cast.coordinator, "patch", one, {"weekdays": [4]})
    assert (code, changed["weekdays"], len(changed["periods"])) == (200, [4], 2)
    changed = call(cast.coordinator, "patch", one, {"periods": PERIODS[:1]})[1]
    assert (changed["weekdays"], len(changed["periods"])) == ([4], 1)
    late = [PERIODS[0], {**PERIODS[1], "starts_at": "09:30"}]
    code, problem = call(cast.coordinator, "patch", one, {"periods": late})
    assert (code, "overlap" in str(problem)) == (409, True)
    assert call(cast.coordinator, "post", "bell-schedules/", BELL)[0] == 409
    assert call(cast.coordinator, "delete", one)[0] == 204
    assert not BellSchedule.objects.exists()


def test_release_rules_of_school_year_and_group_are_set_and_replaced(call, cast):
    group = scenes.group(cast.school)
    whole = {"weekdays": [1], "notice_weeks": 3, "most_out_per_day": 25}
    of_year = {"year_group": group.year_group.pk, "weekdays": [2]}
    of_group = {"group": group.pk, "weekdays": [3], "latest": "15:00"}
    assert call(cast.coordinator, "post", "release-rules/", whole)[0] == 201
    assert call(cast.coordinator, "post", "release-rules/", of_year)[0] == 201
    code, made = call(cast.coordinator, "post", "release-rules/", of_group)
    assert (code, made["group"], made["year_group"]) == (201, group.pk, None)
    one = f"release-rules/{made['id']}/"
    assert call(cast.coordinator, "patch", one, {"notice_weeks": 2})[1]["weekdays"] == [3]
    again = call(cast.coordinator, "post", "release-rules/", {"group": group.pk, "weekdays": [4]})[1]
    assert (again["id"], again["weekdays"], again["latest"], again["notice_weeks"]) == (made["id"], [4], None, 0)
    assert ReleaseRule.objects.count() == 3
    assert call(cast.coordinator, "delete", one)[0] == 204


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"most_out_per_day": 5, "group": "mine"}, 409),
        ({"group": "mine", "year_group": "mine"}, 400),
        ({"group": "theirs"}, 400),
        ({"earliest": "10:00", "latest": "09:00"}, 400),
        ({"weekdays": [7]}, 400),
    ],
)
def test_a_release_rule_nobody_can_mean_is_refused(call, cast, body, code):
    groups = {"mine": scenes.group(cast.school), "theirs": scenes.group(cast.other_school)}
    sent = dict(body)
    if "group" in body:
        sent["group"] = groups[body["group"]].pk
    if "year_group" in body:
        sent["year_group"] = groups[body["year_group"]].year_group.pk
    assert call(cast.coordinator, "post", "release-rules/", sent)[0] == code
    assert not ReleaseRule.objects.exists()


def test_whom_a_rule_is_for_stays(call, cast):
    made = call(cast.coordinator, "post", "release-rules/", {"weekdays": [1]})[1]
    group = scenes.group(cast.school)
    assert call(cast.coordinator, "patch", f"release-rules/{made['id']}/", {"group": group.pk})[0] == 400
    assert ReleaseRule.objects.get().group is None


def test_lessons_are_set_place_by_place(call, cast):
    group = scenes.group(cast.school)
    path = f"groups/{group.pk}/lessons/"
    place = {"weekday": 0, "starts_at": "09:00", "ends_at": "10:00"}
    code, rows = call(cast.coordinator, "patch", path, {"places": [{**place, "subjects": ["Maths", "Art"]}]})
    assert (code, sorted(row["subject"] for row in rows)) == (200, ["Art", "Maths"])
    assert all(Lesson.objects.values_list("edited", flat=True))
    twice = {"places": [{**place, "subjects": ["PE"]}, {**place, "subjects": ["Art"]}]}
    assert call(cast.coordinator, "patch", path, twice)[0] == 400
    assert call(cast.coordinator, "patch", path, {"week_letter": "C", "places": [{**place, "subjects": []}]})[0] == 409
    assert call(cast.school_member, "patch", path, {"places": [{**place, "subjects": []}]})[0] == 403
    assert call(cast.other_coordinator, "patch", path, {"places": []})[0] == 404
    assert Lesson.objects.count() == 2
    assert call(cast.coordinator, "patch", path, {"places": [{**place, "subjects": []}]}) == (200, [])


@pytest.mark.parametrize("path", ["week-patterns", "bell-schedules", "release-rules"])
def test_rows_of_the_timetable_are_the_schools_own(call, cast, path):
    body = {"week-patterns": WEEKS, "bell-schedules": BELL, "release-rules": {"weekdays": [1]}}[path]
    made = call(cast.coordinator, "post", f"{path}/", body)[1]
    assert call(cast.school_member, "post", f"{path}/", body)[0] == 403
    one = f"{path}/{made['id']}/"
    assert call(cast.coordinator, "get", one)[1]["school"] == cast.school.pk
    assert (call(cast.other_coordinator, "get", one)[0], call(cast.employer_lead, "get", one)[0]) == (404, 404)
    assert call(cast.school_member, "patch", one, {})[0] == 403
