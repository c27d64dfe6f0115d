"""A class that goes out takes its students' option sets along: what those are taught is missed too."""

from __future__ import annotations

import datetime as dt

import pytest

from schools.domain.compile import compile_school
from schools.domain.students import save_student
from schools.fit import FitSession, fit
from schools.models import Enrolment, Group, Lesson, ProtectedPeriod, School, Student
from tests import scenes
from tests.cast import NOW, actor

DAY = dt.date(2026, 10, 6)  # a Tuesday
ALL_DAY = FitSession(days=((DAY, dt.time(9), dt.time(15)),), zone="Europe/London")


@pytest.fixture
def form(cast):
    return scenes.group(cast.school)


@pytest.fixture
def art(cast, form):
    """Two of 10A take Art, with others; 10A has Maths before."""
    row = Group.objects.create(hub=cast.hub, school=cast.school, name="10 Art", key="10 Art", kind="set", size=2)
    for student in Student.objects.filter(groups=form).order_by("pk")[:2]:
        Enrolment.objects.create(student=student, group=row)
    for group, subject, hour in ((form, "Maths", 9), (row, "Art", 11)):
        Lesson.objects.create(
            hub=cast.hub, school=cast.school, group=group, subject=subject, weekday=1,
            starts_at=dt.time(hour), ends_at=dt.time(hour + 1),
        )  # fmt: skip
    return row


def judged(school, group, session=ALL_DAY):
    return fit(compile_school(School.objects.get(pk=school.pk)), str(group.pk), session, now=NOW)


def missed(school, group) -> list[tuple[str, int]]:
    return [(one.subject, one.count) for one in judged(school, group).lessons_missed]


def test_a_class_misses_the_options_of_its_students(cast, form, art):
    assert missed(cast.school, form) == [("Art", 1), ("Maths", 1)]


def test_a_set_misses_its_own_lessons(cast, form, art):
    assert missed(cast.school, art) == [("Art", 1)]


@pytest.mark.parametrize(
    "change",
    [
        lambda art: Group.objects.filter(pk=art.pk).update(is_active=False),
        lambda art: Student.objects.filter(groups=art).update(left_on=dt.date(2026, 9, 20)),
        lambda art: Enrolment.objects.filter(group=art).delete(),
        lambda art: Group.objects.filter(pk=art.pk).update(kind="class"),
    ],
    ids=["put aside", "left", "no longer in it", "a class of its own"],
)
def test_a_set_nobody_of_the_class_is_in_costs_nothing(cast, form, art, change):
    change(art)
    assert missed(cast.school, form) == [("Maths", 1)]


def test_an_exam_of_the_set_is_one_of_the_class(cast, form, art):
    exam = ProtectedPeriod.objects.create(
        hub=cast.hub, school=cast.school, name="Art exam", starts_on=DAY, ends_on=DAY
    )  # fmt: skip
    exam.groups.add(art)
    assert [reason.code for reason in judged(cast.school, form).reasons][:1] == ["protected_blocked"]


def test_what_one_student_drops_is_known_at_once(cast, form, art):
    """The calendar in memory is that of before: changing a student's groups gives it another revision."""
    School.objects.filter(pk=cast.school.pk).update(calendar_revision="one")
    assert missed(cast.school, form) == [("Art", 1), ("Maths", 1)]
    by = actor(cast.coordinator, cast.hub, cast.school)
    for student in Student.objects.filter(groups=art):
        save_student(cast.school, {"alias": student.alias, "groups": [form]}, student=student, by=by, now=NOW)
    assert missed(cast.school, form) == [("Maths", 1)]


def test_schools_do_not_mix(cast, form, art):
    other = scenes.group(cast.other_school)
    assert missed(cast.other_school, other) == []
