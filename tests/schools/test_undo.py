"""Undo gives back exactly what was there, and loses nothing that people did since."""

from __future__ import annotations

import datetime as dt

import pytest
from django.apps import apps
from django.core import serializers

from hubs.models import LogEntry
from schools.domain import edits, groups
from schools.domain.calendar import apply_calendar_import, plan_calendar_import
from schools.domain.timetable import apply_timetable_import, plan_timetable_import
from schools.domain.undo import undo_import
from schools.models import (
    BellSchedule,
    Closure,
    Enrolment,
    Group,
    Import,
    Lesson,
    ProtectedPeriod,
    School,
    Term,
    WeekPattern,
    YearGroup,
)
from tests.cast import actor
from tests.schools.files import AUTUMN, HALF_TERM, MOCKS, STAFF_DAY, TIMED, calendar, event

pytestmark = pytest.mark.django_db
D, T = dt.date, dt.time
LATER = dt.timedelta(days=1)
WEEKS = (
    b"Class,Day,Hour,Subject,Week\n"
    b"10A,Monday,09:00-10:00,Maths,A\n"
    b"10A,Monday,09:00-10:00,Art,B\n"
    b"11B,Tuesday,09:00-10:00,History,A\n"
)


@pytest.fixture
def by(cast):
    return actor(cast.coordinator, cast.hub, cast.school)


def dates(cast, by, now, *events, **options):
    plan = plan_calendar_import(cast.school, calendar(*events), now=now, **options)
    return apply_calendar_import(plan, by=by, now=now)


def lessons(cast, by, now, data):
    return apply_timetable_import(plan_timetable_import(cast.school, data, now=now), by=by, now=now)


def everything() -> dict[str, str]:
    """Every row of the app as it stands, keys and lists included, but for the imports' own and the
    revision, which never comes again."""
    School.objects.update(calendar_revision="")
    models = [model for model in apps.get_app_config("schools").get_models() if model is not Import]
    return {m._meta.label: serializers.serialize("json", m._base_manager.order_by("pk")) for m in models}


def test_undo_of_a_calendar_gives_back_every_row_as_it_was(cast, by, now):
    dates(cast, by, now, *AUTUMN, HALF_TERM, MOCKS)
    groups.add_group(cast.school, "10A", by=by, now=now, year=10)
    edits.save_protected(
        cast.school,
        {"name": "Trip", "hardness": "avoid", "starts_on": D(2026, 10, 5), "ends_on": D(2026, 10, 6),
         "groups": list(Group.objects.all())},
        by=by, now=now,
    )  # fmt: skip
    before = everything()
    second = dates(
        cast, by, now + LATER,
        event("t1", "20260903", "20261024", "Term 1"),
        event("t2", "20261104", "20261219", "Term 2"),
        event("h1", "20261024", "20261104", "Half term"),
        event("m1", "20261201", "20261205", "Year 12 mock exams"),
        STAFF_DAY,
    )  # fmt: skip
    assert everything() != before
    assert undo_import(second, by=by, now=now) == 0
    assert everything() == before


def test_undo_of_a_timetable_gives_back_every_row_as_it_was(cast, by, now):
    dates(cast, by, now, *AUTUMN)
    first = lessons(cast, by, now, TIMED)
    groups.set_group_active(Group.objects.get(key="10B"), False, by=by, now=now)
    before = everything()
    second = lessons(cast, by, now + LATER, WEEKS.replace(b"11B", b"10B"))
    assert WeekPattern.objects.get().letters == ["A", "B"]
    assert Group.objects.get(key="10B").is_active
    undo_import(second, by=by, now=now)
    assert everything() == before
    groups.set_group_active(Group.objects.get(key="10B"), True, by=by, now=now)
    undo_import(first, by=by, now=now)
    assert (Lesson.objects.count(), BellSchedule.objects.count()) == (0, 0)


def test_a_term_set_by_hand_is_not_overlapped_by_one_that_returns(cast, by, now):
    dates(cast, by, now, *AUTUMN)
    second = dates(cast, by, now, event("n1", "20260905", "20261020", "Long term"))
    row = Term.objects.get(starts_on=D(2026, 9, 5))
    ours = {"name": "Ours", "starts_on": D(2026, 9, 7), "ends_on": D(2026, 10, 16)}
    edits.save_term(cast.school, ours, term=row, by=by, now=now)
    left = undo_import(second, by=by, now=now)
    assert list(Term.objects.values_list("name", "starts_on")) == [("Ours", D(2026, 9, 7)), ("Term 2", D(2026, 11, 2))]
    second.refresh_from_db()
    entry = LogEntry.objects.get(verb="undone")
    assert (left, second.summary["left"], entry.facts["left"]) == (1, 1, 1)


def test_a_row_put_back_by_hand_is_there_once(cast, by, now):
    dates(cast, by, now, *AUTUMN, HALF_TERM)
    second = dates(cast, by, now, *AUTUMN)
    values = {"kind": "closure", "name": "Half term", "starts_on": D(2026, 10, 24), "ends_on": D(2026, 11, 1)}
    edits.save_closure(cast.school, values, by=by, now=now)
    assert undo_import(second, by=by, now=now) == 1
    assert Closure.objects.get().name == "Half term"


def test_a_row_removed_by_hand_stays_away(cast, by, now):
    dates(cast, by, now, *AUTUMN, HALF_TERM)
    second = dates(cast, by, now, *AUTUMN, event("h1", "20261024", "20261103", "Half term"))
    edits.remove(Closure.objects.get(), by=by, now=now)
    assert undo_import(second, by=by, now=now) == 1
    assert Closure.objects.count() == 0


def test_weeks_and_bell_set_by_hand_since_stay_and_lessons_follow_them(cast, by, now):
    lessons(cast, by, now, WEEKS)
    second = lessons(cast, by, now, WEEKS.replace(b"09:00-10:00,Maths,A", b"10:00-11:00,Maths,A"))
    edits.set_week_pattern(cast.school, ["Red", "Blue"], D(2026, 9, 7), holidays_advance=True, by=by, now=now)
    bell = BellSchedule.objects.get()
    edits.set_bell_schedule(cast.school, "Short day", [("1", T(9), T(9, 40))], schedule=bell, by=by, now=now)
    undo_import(second, by=by, now=now)
    assert WeekPattern.objects.get().letters == ["Red", "Blue"]
    assert sorted(Lesson.objects.values_list("subject", "week_letter", "starts_at")) == [
        ("Art", "Blue", T(9)), ("History", "Red", T(9)), ("Maths", "Red", T(9)),
    ]  # fmt: skip
    first = Import.objects.get(undone_at=None)
    assert undo_import(first, by=by, now=now) == 2
    assert (WeekPattern.objects.get().letters, list(BellSchedule.objects.all())) == (["Red", "Blue"], [bell])


def test_a_class_list_filled_since_is_put_aside_and_not_deleted(cast, by, now):
    done = lessons(cast, by, now, TIMED)
    groups.set_group_size(Group.objects.get(key="10A"), 3, by=by, now=now)
    assert undo_import(done, by=by, now=now) == 2  # the group, and the year group it is in
    assert list(Group.objects.values_list("key", "is_active")) == [("10A", False)]
    assert (Enrolment.objects.count(), YearGroup.objects.get().number) == (3, 10)


def test_a_year_group_a_person_leans_on_stays(cast, by, now):
    done = dates(cast, by, now, *AUTUMN, MOCKS)
    values = {"name": "Trip", "hardness": "avoid", "starts_on": D(2026, 10, 5), "ends_on": D(2026, 10, 6),
              "year_groups": list(YearGroup.objects.all())}  # fmt: skip
    edits.save_protected(cast.school, values, by=by, now=now)
    assert undo_import(done, by=by, now=now) == 1
    assert [year.number for year in ProtectedPeriod.objects.get().year_groups.all()] == [11]


def test_when_the_calendar_was_checked_is_given_back_unless_confirmed_since(cast, by, now):
    first = dates(cast, by, now, *AUTUMN)
    second = dates(cast, by, now + LATER, *AUTUMN, STAFF_DAY)
    undo_import(second, by=by, now=now)
    cast.school.refresh_from_db()
    assert cast.school.calendar_checked_at == now
    undo_import(first, by=by, now=now)
    cast.school.refresh_from_db()
    assert cast.school.calendar_checked_at is None


def test_undo_takes_the_same_statements_however_many_rows(cast, by, now, django_assert_num_queries):
    few = lessons(cast, by, now, TIMED)
    with django_assert_num_queries(53):
        undo_import(few, by=by, now=now)
    head, *rows = TIMED.splitlines(keepends=True)
    more = b"".join(row.replace(b"10A", b"1%dA" % n).replace(b"10B", b"1%dB" % n) for n in range(4) for row in rows)
    many = lessons(cast, by, now, head + more)
    assert Lesson.objects.count() == 12
    with django_assert_num_queries(53):
        undo_import(many, by=by, now=now)
    assert (Lesson.objects.count(), Group.objects.count()) == (0, 0)
