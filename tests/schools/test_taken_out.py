"""What a person took out of the calendar stays out: a later file says so, and asks."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from schools.domain import edits
from schools.domain.calendar import apply_calendar_import, plan_calendar_import
from schools.domain.diff import ADDED, KEPT, by_hand, token
from schools.domain.lessons import Cell, set_lessons
from schools.domain.timetable import apply_timetable_import, plan_timetable_import
from schools.models import BellPeriod, BellSchedule, Closure, Lesson, PendingImport, TakenOut, Term
from tests import scenes
from tests.cast import NOW, actor
from tests.schools.files import AUTUMN, HALF_TERM, STAFF_DAY, calendar
from tests.schools.test_subscriptions import HOUR, read, row  # noqa: F401 - the fixture

pytestmark = pytest.mark.django_db
FILE = calendar(*AUTUMN, HALF_TERM, STAFF_DAY)


@pytest.fixture
def by(cast):
    return actor(cast.coordinator, cast.hub, cast.school)


def plan(cast, **options):
    return plan_calendar_import(cast.school, FILE, now=NOW, **options)


@pytest.fixture
def loaded(cast, by):
    apply_calendar_import(plan(cast), by=by, now=NOW)
    edits.remove(Closure.objects.get(name="INSET day"), by=by, now=NOW)


def test_a_day_taken_out_is_not_brought_back_by_the_same_file(cast, by, loaded):
    again = plan(cast)
    (kept,) = [change for change in again.changes if change.what == KEPT]
    assert (kept.taken, kept.values["name"]) == (TakenOut.objects.get(), "INSET day")
    assert "INSET day" in str(kept.taken)
    apply_calendar_import(again, by=by, now=NOW)
    assert [closure.name for closure in Closure.objects.all()] == ["Autumn half term"]


@pytest.mark.parametrize("all_of_them", [True, False])
def test_whoever_says_so_gets_it_back(cast, by, loaded, all_of_them):
    (taken,) = by_hand(plan(cast).changes)
    apply_calendar_import(plan(cast, overwrite=all_of_them or (token(taken),)), by=by, now=NOW)
    assert Closure.objects.filter(name="INSET day").exists()
    assert {change.what for change in plan(cast).changes} == {"same"}


def test_the_page_says_that_it_was_taken_out_and_offers_it(client, cast, loaded):
    client.force_login(cast.coordinator)
    sent = client.post(reverse("school-calendar-import"), {"text": FILE.decode()}, follow=True)
    page = sent.content.decode()
    assert "taken out by hand" in page
    assert f'value="{token(TakenOut.objects.get())}"' in page


def test_a_term_taken_out_stays_out(cast, by):
    apply_calendar_import(plan(cast), by=by, now=NOW)
    edits.remove(Term.objects.latest("starts_on"), by=by, now=NOW)
    apply_calendar_import(plan(cast), by=by, now=NOW)
    assert Term.objects.count() == 1


def test_what_was_typed_by_hand_leaves_no_trace_when_it_goes(cast, by):
    day = dt.date(2026, 10, 5)
    values = {"kind": "staff_day", "name": "Ours", "starts_on": day, "ends_on": day}
    edits.remove(edits.save_closure(cast.school, values, by=by, now=NOW), by=by, now=NOW)
    assert not TakenOut.objects.exists()


def test_a_calendar_that_applies_itself_does_not_put_it_back(cast, by, row):  # noqa: F811 - the fixture
    row.applies_itself = True
    row.save()
    read(NOW, FILE)
    edits.remove(Closure.objects.get(name="INSET day"), by=by, now=NOW)
    read(NOW + 25 * HOUR, FILE + b"\r\n")
    assert not Closure.objects.filter(name="INSET day").exists()
    assert PendingImport.objects.count() == 1


def test_the_same_question_is_not_asked_again_once_it_was_put_aside(cast, by, row):  # noqa: F811 - the fixture
    """Many servers stamp every answer: the bytes differ and nothing else does."""
    read(NOW, FILE)
    PendingImport.objects.all().delete()
    read(NOW + 25 * HOUR, FILE.replace(b"DTSTAMP:", b"DTSTAMP:").replace(b"VERSION:2.0", b"VERSION:2.0\r\nX-NOW:1"))
    assert not PendingImport.objects.exists()
    read(NOW + 50 * HOUR, calendar(*AUTUMN, HALF_TERM))
    assert PendingImport.objects.count() == 1


def test_an_address_without_a_name_is_told_by_its_host(cast, by, row):  # noqa: F811 - the fixture
    row.name = ""
    row.save()
    read(NOW, FILE)
    assert PendingImport.objects.get().file_name == "calendar.example.org"


def test_an_address_that_trips_the_reader_does_not_stop_the_others(cast, by, row, monkeypatch):  # noqa: F811 - the fixture
    def trips(*_args, **_kwargs):
        raise RuntimeError("something nobody thought of")

    monkeypatch.setattr("schools.domain.subscriptions.plan_calendar_import", trips)
    assert read(NOW, FILE)[0] == 1
    row.refresh_from_db()
    assert (row.failures, "by hand" in row.last_error) == (1, True)


TIMETABLE = "Group,Day,Period,Subject\n10A,Monday,1,Maths\n10A,Tuesday,1,Art\n"


def test_a_lesson_moved_by_hand_is_not_there_twice_after_the_next_file(cast, by):
    group = scenes.group(cast.school)
    bell = BellSchedule.objects.create(hub=cast.hub, school=cast.school, name="Day")
    BellPeriod.objects.create(schedule=bell, name="1", starts_at=dt.time(9), ends_at=dt.time(10))

    def load():
        return plan_timetable_import(cast.school, TIMETABLE.encode(), now=NOW, file_name="t.csv")

    apply_timetable_import(load(), by=by, now=NOW)
    nine, eleven = (dt.time(9), dt.time(10)), (dt.time(11), dt.time(12))
    set_lessons(group, "", {Cell(0, *nine): [], Cell(0, *eleven): ["Maths"]}, by=by, now=NOW)
    again = load()
    assert [change.what for change in again.changes if change.what in (KEPT, ADDED)] == [KEPT]
    apply_timetable_import(again, by=by, now=NOW)
    maths = Lesson.objects.filter(group=group, subject="Maths")
    assert [(one.weekday, one.starts_at) for one in maths] == [(0, dt.time(11))]
