"""The whole school's hours: numbers in every cell, words in the list, weeks of the year."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from schools.models import BellPeriod, BellSchedule, Closure
from tests import scenes
from tests.placements.pages import lesson, whole_calendar

URL = "/school/calendar/hours/"
MONDAY = "2026-10-19"


@pytest.fixture
def page(client, cast):
    client.force_login(cast.coordinator)
    return client


@pytest.fixture
def school(cast):
    """Two classes of Year 10 and one of Year 11; 10A has Maths on the Tuesday at nine."""
    groups = [scenes.group(cast.school, name, year=year) for name, year in (("10A", 10), ("10B", 10), ("11A", 11))]
    lesson(groups[0])
    bell = BellSchedule.objects.create(hub=cast.hub, school=cast.school, name="Day")
    for number, hour in enumerate((9, 10), start=1):
        BellPeriod.objects.create(schedule=bell, name=f"P{number}", starts_at=dt.time(hour), ends_at=dt.time(hour + 1))
    return cast.school


def text(response) -> str:
    return " ".join(response.content.decode().split())


def test_a_cell_counts_classes_and_how_many_miss_nothing(page, school):
    found = page.get(URL, {"week": MONDAY})
    first, second = found.context["week"]["rows"]
    assert [row["label"] for row in (first, second)] == ["09:00–10:00", "10:00–11:00"]
    assert [(cell["able"], cell["free"], cell["share"]) for cell in first["cells"][:2]] == [
        (3, 3, "all"),
        (3, 2, "all"),
    ]
    assert '<b>3</b><span class="hidden"> of 3 could go</span> <span class="extra">2 free</span>' in text(found)


def test_the_list_says_who_and_why_for_runs_of_hours(page, school, cast):
    Closure.objects.create(
        hub=cast.hub, school=school, kind="staff_day", name="Training", starts_on="2026-10-21", ends_on="2026-10-21"
    )
    words = page.get(URL, {"week": MONDAY}).context["words"]
    assert [(line["day"], line["hours"], line["free"], line["costly"]) for line in words[:3]] == [
        ("Mon 19 October", "09:00–11:00", "10A, 10B and 11A", ""),
        ("Tue 20 October", "09:00–10:00", "10B and 11A", "10A"),
        ("Tue 20 October", "10:00–11:00", "10A, 10B and 11A", ""),
    ]
    assert (words[3]["able"], words[3]["why"]) == ("No school", "Training, Wed 21 October: staff only")


def test_one_year_group_alone(page, school):
    found = page.get(URL, {"week": MONDAY, "years": "11"})
    assert [group.name for group in found.context["groups"]] == ["11A"]
    assert "how many of 1 class could go" in text(found)


def test_the_year_is_a_line_for_each_week_and_holidays_are_one(page, school):
    lines = page.get(URL, {"week": MONDAY, "weekday": "1"}).context["year"]
    tuesdays = [line for line in lines if not line["closed"]]
    assert [cell["free"] for cell in tuesdays[0]["cells"]] == [2, 3]
    assert lines[-1]["closed"] == "Outside term"
    assert lines[-1]["last"] > lines[-1]["date"]


def test_a_sets_school_shows_its_sets(page, cast):
    group = scenes.group(cast.school)
    group.kind = "set"
    group.save()
    assert page.get(URL).context["groups"] == [group]


def test_nothing_known_teaches_the_next_step(page):
    assert "No classes known" in text(page.get(URL))


@pytest.mark.parametrize("query", ["week=9999-99-99", "week=2100-12-31", "years=x&weekday=12", "week=2000-01-01"])
def test_nonsense_in_the_address_is_no_error(page, school, query):
    assert page.get(f"{URL}?{query}").status_code == 200


def test_strangers_see_their_own_school_alone(client, school, cast):
    client.force_login(cast.other_coordinator)
    assert client.get(URL).context["groups"] == []
    client.force_login(cast.employer_lead)
    assert client.get(URL).status_code == 404


def test_the_calendar_leads_there(page, school):
    assert f'href="{reverse("school-hours")}"' in text(page.get("/school/calendar/"))


@pytest.mark.parametrize("groups", [1, 3])
def test_hours_cost_the_same_statements(page, cast, groups, django_assert_num_queries):
    for number in range(groups):
        lesson(scenes.group(cast.school, f"10{'ABC'[number]}"))
    whole_calendar(cast.school)
    page.get(URL)
    with django_assert_num_queries(16):
        page.get(URL)
