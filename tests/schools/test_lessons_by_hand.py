"""Lessons typed into a group's week."""

from __future__ import annotations

import datetime as dt

import pytest

from hubs.errors import CannotAct, Refused
from hubs.models import LogEntry
from schools.domain.lessons import MOST_AT_ONCE, Cell, set_lessons
from schools.models import BellPeriod, BellSchedule, Lesson, School, WeekPattern
from tests import scenes
from tests.cast import NOW, actor

NINE, TEN, ELEVEN = dt.time(9), dt.time(10), dt.time(11)
MONDAY = Cell(0, NINE, TEN)


@pytest.fixture
def group(cast):
    WeekPattern.objects.create(
        hub=cast.hub, school=cast.school, letters=["A", "B"], anchor_on=dt.date(2026, 9, 7)
    )  # fmt: skip
    return scenes.group(cast.school)


@pytest.fixture
def by(cast):
    return actor(cast.coordinator, cast.hub, cast.school)


def lesson(group, subject: str, letter: str = "", cell: Cell = MONDAY, **fields) -> Lesson:
    return Lesson.objects.create(
        hub=group.hub, school=group.school, group=group, subject=subject, weekday=cell.weekday, starts_at=cell.starts,
        ends_at=cell.ends, week_letter=letter, **{"key": f"{subject}{letter}", **fields},
    )  # fmt: skip


def taught(group) -> list[tuple]:
    rows = Lesson.objects.filter(group=group).order_by("weekday", "starts_at", "week_letter", "subject")
    return [(row.weekday, f"{row.starts_at:%H}", row.week_letter, row.subject, row.edited) for row in rows]


def test_another_subject_keeps_room_and_key_and_is_marked_as_typed(group, by):
    row = lesson(group, "Art", room="B2")
    assert set_lessons(group, "", {MONDAY: ["Music"]}, by=by, now=NOW) == 1
    row.refresh_from_db()
    assert (row.subject, row.room, row.key, row.edited) == ("Music", "B2", "Art", True)


def test_an_empty_place_is_free_and_a_new_one_taught(group, by):
    lesson(group, "Art")
    assert set_lessons(group, "", {MONDAY: [], Cell(4, TEN, ELEVEN): ["PE"]}, by=by, now=NOW) == 2
    assert taught(group) == [(4, "10", "", "PE", True)]


def test_options_at_one_time_are_lessons_of_their_own(group, by):
    lesson(group, "Art")
    assert set_lessons(group, "", {MONDAY: ["Art", "Music"]}, by=by, now=NOW) == 1
    assert taught(group) == [(0, "09", "", "Art", False), (0, "09", "", "Music", True)]


def test_the_other_weeks_stay_as_they_are(group, by):
    lesson(group, "Art", "A")
    lesson(group, "Art", "B")
    set_lessons(group, "B", {MONDAY: ["Maths"]}, by=by, now=NOW)
    assert taught(group) == [(0, "09", "A", "Art", False), (0, "09", "B", "Maths", True)]


def test_a_change_gives_the_calendar_another_revision_and_a_line_in_the_log(group, by, cast):
    before = School.objects.get(pk=cast.school.pk).calendar_revision
    set_lessons(group, "", {MONDAY: ["Art"]}, by=by, now=NOW)
    assert School.objects.get(pk=cast.school.pk).calendar_revision != before
    assert LogEntry.objects.about(group).filter(verb="lessons_changed").count() == 1
    assert set_lessons(group, "", {MONDAY: ["Art"]}, by=by, now=NOW) == 0
    assert LogEntry.objects.about(group).filter(verb="lessons_changed").count() == 1


@pytest.mark.parametrize(
    ("letter", "cells", "sentence"),
    [
        ("C", {MONDAY: ["Art"]}, "Week C is not in the school's pattern."),
        ("", {Cell(0, TEN, NINE): ["Art"]}, "A lesson ends after it begins. Check the times."),
        ("", {MONDAY: ["Art", "Art"]}, "Write each subject once at a time of the week."),
        ("", {MONDAY: ["x" * 121]}, "A subject has 1 to 120 characters."),
        ("", {MONDAY: [str(n) for n in range(MOST_AT_ONCE + 1)]}, "At most 6 lessons at the same time."),
    ],
)
def test_what_makes_no_sense_is_refused_as_a_whole(group, by, letter, cells, sentence):
    with pytest.raises(Refused) as refusal:
        set_lessons(group, letter, {Cell(1, NINE, TEN): ["PE"], **cells}, by=by, now=NOW)
    assert (refusal.value.sentence, taught(group)) == (sentence, [])


def test_only_the_schools_keepers_change_lessons(group, cast):
    for who, school in ((cast.school_member, cast.school), (cast.other_coordinator, cast.other_school)):
        with pytest.raises(CannotAct):
            set_lessons(group, "", {MONDAY: ["Art"]}, by=actor(who, cast.hub, school), now=NOW)
    assert taught(group) == []


# ---- the page ---------------------------------------------------------------------


@pytest.fixture
def page(client, cast):
    client.force_login(cast.coordinator)
    return client


@pytest.fixture
def url(group):
    return f"/school/groups/{group.pk}/lessons/"


def sent(response, **typed) -> dict[str, str]:
    """What the browser would send: every field and what it was shown with, and what was typed over them."""
    form = response.context["form"]
    names = [name for name in form.fields if name.startswith(("at_", "new_"))]
    shown = {name: form[name].value() or "" for name in names}
    return {**shown, **{f"initial-{name}": value for name, value in shown.items()}, **typed}


def test_the_grid_has_the_periods_and_the_lessons(page, group, url, cast):
    bell = BellSchedule.objects.create(hub=cast.hub, school=cast.school, name="Day")
    BellPeriod.objects.create(schedule=bell, name="P1", starts_at=TEN, ends_at=ELEVEN)
    lesson(group, "Art")
    form = page.get(url).context["form"]
    assert [(f"{line['starts']:%H}", [cell["field"].value() for cell in line["cells"]]) for line in form.lines()] == [
        ("09", ["Art", "", "", "", ""]), ("10", [""] * 5),
    ]  # fmt: skip


def test_typing_saves_and_says_how_many(page, group, url):
    lesson(group, "Art")
    response = page.post(url, sent(page.get(url), at_0900_1000_0="Art / Music", at_0900_1000_1="PE"), follow=True)
    assert [str(message) for message in response.context["messages"]] == ["2 lessons changed."]
    assert taught(group) == [
        (0, "09", "", "Art", False), (0, "09", "", "Music", True), (1, "09", "", "PE", True),
    ]  # fmt: skip


def test_a_new_time_is_a_new_line(page, group, url):
    page.post(url, sent(page.get(url), new_from="13:00", new_until="14:00", new_2="Games"))
    assert taught(group) == [(2, "13", "", "Games", True)]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"new_2": "Games"}, "Say from when until when."),
        ({"new_from": "14:00", "new_until": "13:00"}, "This is not after the beginning."),
        ({"new_from": "noon", "new_until": "13:00"}, "Write the time as 09:30."),
    ],
)
def test_times_that_are_missing_or_wrong_are_said_and_nothing_changes(page, group, url, typed, sentence):
    lesson(group, "Art")
    response = page.post(url, sent(page.get(url), at_0900_1000_0="Music", **typed))
    assert (response.status_code, taught(group)) == (200, [(0, "09", "", "Art", False)])
    assert sentence in response.content.decode()
    assert 'value="Music"' in response.content.decode()


def test_what_somebody_else_changed_meanwhile_is_not_put_back(page, group, url, by):
    lesson(group, "Art")
    opened = page.get(url)
    set_lessons(group, "", {MONDAY: ["Maths"]}, by=by, now=NOW)
    page.post(url, sent(opened, at_0900_1000_4="PE"))
    assert [row[3] for row in taught(group)] == ["Maths", "PE"]


def test_a_line_that_is_gone_meanwhile_still_means_its_time(page, group, url):
    row = lesson(group, "Art")
    opened = page.get(url)
    row.delete()
    page.post(url, sent(opened, at_0900_1000_3="PE"))
    assert taught(group) == [(3, "09", "", "PE", True)]


def test_weeks_have_a_grid_each_and_show_what_is_taught_in_all(page, group, url):
    lesson(group, "Assembly")
    lesson(group, "Art", "B")
    response = page.get(url)
    assert response.context["letter"] == "B"
    assert "every week: Assembly" in response.content.decode()
    page.post(f"{url}?week=A", sent(page.get(f"{url}?week=A"), at_0900_1000_0="Latin"))
    assert [(row[2], row[3]) for row in taught(group)] == [("", "Assembly"), ("A", "Latin"), ("B", "Art")]


def test_a_member_reads_and_a_stranger_finds_nothing(client, group, url, cast):
    lesson(group, "Art")
    client.force_login(cast.school_member)
    assert "Save the lessons" not in client.get(url).content.decode()
    assert client.post(url, {"at_0900_1000_0": "PE"}).status_code == 403
    client.force_login(cast.other_coordinator)
    assert client.get(url).status_code == 404
    assert taught(group) == [(0, "09", "", "Art", False)]
