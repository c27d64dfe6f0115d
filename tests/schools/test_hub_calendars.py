"""The hub's pages about calendars: which are missing or old and who to ask, and which weeks suit many schools."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from hubs.domain.staff import sync_staff
from schools.domain import edits
from schools.domain.common_weeks import common_weeks, year_numbers
from schools.domain.freshness import freshness
from schools.models import CalendarSubscription, Group, Lesson, School, Term, YearGroup
from tests import scenes
from tests.cast import NOW, actor

D = dt.date
AUTUMN = (D(2026, 9, 1), D(2026, 10, 23))
WEEK = D(2026, 10, 5)


@pytest.fixture
def at_now(monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


@pytest.fixture
def amina(client, cast, at_now):
    sync_staff(cast.hub)
    client.force_login(cast.amina)
    return client


def text(response) -> str:
    return " ".join(response.content.decode().split())


def close(cast, school, who, first: dt.date, last: dt.date | None = None, name: str = "Closed") -> None:
    values = {"kind": "closure", "name": name, "starts_on": first, "ends_on": last or first}
    edits.save_closure(school, values, by=actor(who, cast.hub, school), now=NOW)


def taught(group: Group) -> Group:
    Lesson.objects.create(
        hub=group.hub, school=group.school, group=group, subject="Art", weekday=0, starts_at=dt.time(9),
        ends_at=dt.time(10), key="art",
    )  # fmt: skip
    return group


def confirmed(school: School, days_ago: int = 1) -> None:
    School.objects.filter(pk=school.pk).update(calendar_checked_at=NOW - dt.timedelta(days=days_ago))


# ---- missing and old ------------------------------------------------------------------


def test_what_is_missing_comes_first_and_names_who_to_ask(cast):
    taught(scenes.group(cast.school))
    confirmed(cast.school)
    missing, fresh = freshness(cast.hub, NOW)
    assert (missing.school, missing.missing, missing.last_on, missing.classes) == (cast.other_school, True, None, 0)
    assert missing.ask == (cast.other_coordinator,)
    assert (fresh.school, fresh.is_fresh, fresh.ask) == (cast.school, True, (cast.coordinator,))


def test_a_calendar_grows_old_on_its_hundred_and_twentieth_day(cast):
    taught(scenes.group(cast.school))
    for days, stale in ((119, False), (121, True)):
        confirmed(cast.school, days)
        found = next(one for one in freshness(cast.hub, NOW) if one.school == cast.school)
        assert (found.stale, found.is_fresh) == (stale, not stale)


def test_the_end_of_the_last_term_is_seen_two_months_ahead(cast):
    scenes.group(cast.school)
    Term.objects.update(ends_on=D(2026, 11, 13))
    found = next(one for one in freshness(cast.hub, NOW) if one.school == cast.school)
    assert (found.missing, found.ends_soon) == (False, True)
    Term.objects.update(ends_on=D(2026, 9, 14))
    found = next(one for one in freshness(cast.hub, NOW) if one.school == cast.school)
    assert (found.missing, found.ends_soon) == (True, False)


def test_classes_without_lessons_and_addresses_that_fail_are_said(cast, amina):
    scenes.group(cast.school)
    taught(scenes.group(cast.school, "10B"))
    confirmed(cast.school)
    CalendarSubscription.objects.create(
        hub=cast.hub, school=cast.school, name="Council", url="https://council.example/a.ics", failures=3,
        last_good_at=NOW - dt.timedelta(days=5), last_error="It does not answer.",
    )  # fmt: skip
    page = text(amina.get(reverse("calendars:index")))
    assert "Classes without a timetable: 1 of 2." in page
    assert "Council could not be read 3 times in a row. The last good copy is from 5 days ago." in page
    assert "council.example" not in page


def test_the_page_says_whose_how_old_and_who_to_ask(cast, amina):
    taught(scenes.group(cast.school))
    confirmed(cast.school, 200)
    page = text(amina.get(reverse("calendars:index")))
    assert "7 months ago" in page
    assert "mailto:coordinator@quayside.example" in page
    assert "No term dates are known" in page
    assert "Tarn Academy" not in page


def test_my_caseload_is_mine(cast, amina):
    School.objects.filter(pk=cast.other_school.pk).update(manager=cast.amina)
    lines = amina.get(reverse("calendars:index") + "?whose=mine").context["lines"]
    assert [one.school for one in lines] == [cast.other_school]


def test_a_viewer_reads_and_is_offered_nothing_to_do(client, cast, at_now):
    sync_staff(cast.hub)
    client.force_login(cast.ben)
    response = client.get(reverse("calendars:index"))
    assert (response.status_code, "Act for them" in text(response)) == (200, False)


@pytest.mark.parametrize("schools", [1, 3])
def test_the_list_costs_the_same_statements(cast, schools, django_assert_num_queries):
    School.objects.filter(hub=cast.hub).update(is_active=False)
    for number in range(schools):
        row = School.objects.create(hub=cast.hub, name=f"School {number}", manager=cast.amina)
        taught(scenes.group(row))
    with django_assert_num_queries(4):
        assert len(freshness(cast.hub, NOW)) == schools


# ---- common weeks -----------------------------------------------------------------------


@pytest.fixture
def two(cast):
    """A class of Year 10 in each of two schools, and one in the other hub."""
    for school in (cast.school, cast.other_school, cast.school_b):
        scenes.group(school)
    return cast


def weeks(cast, year: int = 10):
    return common_weeks(cast.hub, year, *AUTUMN)


def test_a_week_counts_schools_and_says_who_cannot(two):
    close(two, two.school, two.coordinator, WEEK, name="Inset")
    found = {week.monday: week for week in weeks(two).weeks}
    week = found[WEEK]
    assert (week.schools, week.days, week.all_week) == (2, (1, 2, 2, 2, 2), 2)
    assert [(school.name, words) for school, words in week.why] == [("Quayside School", "Inset, Mon 5 October")]
    assert found[WEEK + dt.timedelta(days=7)].why == ()


def test_exams_of_the_year_group_keep_its_school_out_of_the_count(two):
    year = YearGroup.objects.get(school=two.school, number=10)
    values = {"name": "Mocks", "hardness": "blocked", "starts_on": WEEK, "ends_on": WEEK, "year_groups": [year]}
    edits.save_protected(two.school, values, by=actor(two.coordinator, two.hub, two.school), now=NOW)
    week = next(week for week in weeks(two).weeks if week.monday == WEEK)
    assert (week.days, week.all_week) == ((1, 2, 2, 2, 2), 1)


def test_weeks_nobody_teaches_are_left_out_and_the_best_come_first(two):
    half_term = D(2026, 10, 12)
    for school, who in ((two.school, two.coordinator), (two.other_school, two.other_coordinator)):
        close(two, school, who, half_term, half_term + dt.timedelta(days=4), "Half-term")
    close(two, two.school, two.coordinator, D(2026, 9, 7), D(2026, 9, 11), "Trip week")
    found = weeks(two)
    assert half_term not in [week.monday for week in found.weeks]
    best = [week.monday for week in found.best(D(2026, 9, 1))]
    assert (best[0], D(2026, 9, 7) in best) == (D(2026, 9, 14), False)
    assert found.best(D(2026, 9, 14))[0].monday == D(2026, 9, 21)


def test_a_school_without_dates_is_named_and_not_counted(two):
    Term.objects.filter(school=two.other_school).delete()
    scenes.group(two.school, "11A", year=11)
    assert [(found.schools, found.unknown) for found in (weeks(two), weeks(two, 11))] == [
        (1, (two.other_school,)),
        (1, (two.other_school,)),
    ]
    assert year_numbers(two.hub) == [10, 11]


def test_the_page_of_common_weeks(two, amina):
    page = amina.get(reverse("calendars:weeks"))
    assert "in 2 of 2 schools every class could be out all week" in text(page)
    assert (page.context["year"], page.context["found"].schools) == (10, 2)
    assert "Tarn Academy" not in text(page)


@pytest.mark.parametrize("query", ["years=99", "years=x&first=2026-13-40", "first=1890-01-01"])
def test_a_choice_nobody_offered_shows_the_usual_one(two, amina, query):
    page = amina.get(f"{reverse('calendars:weeks')}?{query}")
    assert (page.status_code, page.context["year"]) == (200, 10)
    assert "the usual one is shown" in text(page)


def test_a_hub_without_classes_is_told_where_they_come_from(amina):
    assert "They come with the timetable." in text(amina.get(reverse("calendars:weeks")))


@pytest.mark.parametrize("schools", [1, 3])
def test_common_weeks_cost_the_same_statements(cast, schools, django_assert_num_queries):
    for number in range(schools):
        scenes.group(School.objects.create(hub=cast.hub, name=f"School {number}"))
    with django_assert_num_queries(10):
        assert weeks(cast).schools == schools
