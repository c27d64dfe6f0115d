"""What a session would cost each named student by what they have places for already."""

from __future__ import annotations

import datetime as dt

import pytest

from placements.domain import days
from placements.domain.student_costs import student_costs
from placements.models import Placement
from schools.models import Enrolment, Group, ReleaseRule, Student
from tests import scenes
from tests.cast import NOW, actor
from tests.placements.pages import lesson

WEEK = dt.timedelta(weeks=1)
THIRD = "Would be the third Maths missed this term"
FOURTH = "Would be the fourth Maths missed this term"


@pytest.fixture
def group(cast):
    """10A has Maths on Tuesdays at ten, when sessions are."""
    row = scenes.group(cast.school)
    lesson(row, starts=dt.time(10), ends=dt.time(11))
    return row


@pytest.fixture
def out(cast, group):
    """out(weeks, *aliases): a placement so many weeks before the usual day, for these students alone."""

    def made(weeks: int, *aliases: str, state: str = "accepted") -> Placement:
        session = scenes.session(scenes.opportunity(cast.employer), on=scenes.DAY - weeks * WEEK)
        row = Placement.objects.create(
            hub=cast.hub, school=cast.school, employer=cast.employer, session=session, group=group, places=len(aliases),
            state="held", created_at=NOW, held_until=NOW + WEEK,
        )  # fmt: skip
        students = list(Student.objects.filter(school=cast.school, alias__in=aliases))
        days.name_students(row, students, by=actor(cast.coordinator, cast.hub, cast.school), now=NOW)
        Placement.objects.filter(pk=row.pk).update(state=state)
        return row

    return made


def costs(cast, session=None, **options) -> dict[str, list[str]]:
    session = session or scenes.session(scenes.opportunity(cast.employer))
    ids = list(Student.objects.filter(school=cast.school).order_by("pk").values_list("pk", flat=True))
    found = student_costs(cast.school, ids, session, now=NOW, **options)
    names = dict(Student.objects.values_list("pk", "alias"))
    return {names[pk]: words for pk, words in found.items()}


def test_only_those_who_were_out_would_miss_it_again(cast, out):
    out(2, "10A-01", "10A-02")
    out(1, "10A-01")
    assert costs(cast) == {"10A-01": [THIRD], "10A-02": ["Would be the second Maths missed this term"]}


def test_nobody_misses_it_four_times_unseen(cast, out):
    for weeks in (1, 2, 3):
        out(weeks, "10A-01")
    assert costs(cast) == {"10A-01": [FOURTH]}


def test_what_was_given_back_or_lies_in_another_term_does_not_count(cast, out):
    out(1, "10A-01", state="released")
    other = scenes.session(scenes.opportunity(cast.employer), on=dt.date(2027, 1, 19))
    out(2, "10A-02")
    assert costs(cast, other) == {}


def test_a_session_at_another_hour_costs_them_nothing_again(cast, out):
    out(1, "10A-01")
    later = scenes.session(scenes.opportunity(cast.employer), starts=dt.time(13), ends=dt.time(14))
    assert costs(cast, later) == {}


def test_the_placement_being_named_for_is_not_counted_against_itself(cast, out):
    out(1, "10A-01")
    row = out(0, "10A-01")
    assert costs(cast, row.session, besides=row) == {"10A-01": ["Would be the second Maths missed this term"]}


def test_the_most_a_school_allows_is_said_for_each_student(cast, out):
    ReleaseRule.objects.create(hub=cast.hub, school=cast.school, most_missed_a_subject=1, most_times_a_term=1)
    out(1, "10A-01")
    assert costs(cast) == {
        "10A-01": [
            "Out 1 times this term already; 1 is the most",
            "Maths: second lesson missed this term, 1 is the most",
        ]
    }


def test_a_lesson_listed_for_class_and_set_is_missed_once(cast, group, out):
    """Maths stands in the timetable of the class and of its set: one lesson, not two."""
    same = Group.objects.create(hub=cast.hub, school=cast.school, name="10 Ma", key="10 Ma", kind="set", size=1)
    lesson(same, starts=dt.time(10), ends=dt.time(11))
    Enrolment.objects.create(student=Student.objects.get(alias="10A-01"), group=same)
    out(1, "10A-01")
    assert costs(cast) == {"10A-01": ["Would be the second Maths missed this term"]}


def test_the_request_page_says_it_beside_the_name(cast, page, group, out):
    out(2, "10A-01")
    out(1, "10A-01")
    session = scenes.session(scenes.opportunity(cast.employer))
    text = page.get(f"/school/requests/new/?session={session.pk}&group={group.pk}").content.decode()
    assert f"10A-01 – nothing yet · {THIRD}" in text
    assert "10A-02 – nothing yet · " not in text


def test_the_page_of_who_comes_says_it_too(cast, page, group, out):
    out(1, "10A-01")
    row = out(0, "10A-02")
    text = page.get(f"/school/placements/{row.pk}/students/").content.decode()
    assert text.count("Would be the second Maths missed this term") == 1


@pytest.mark.parametrize("students", [1, 3])
def test_costs_ask_the_same_however_many_students(cast, out, students, django_assert_num_queries):
    out(1, *[f"10A-0{n}" for n in range(1, students + 1)])
    session = scenes.session(scenes.opportunity(cast.employer))
    ids = list(
        Student.objects.filter(alias__in=[f"10A-0{n}" for n in range(1, students + 1)]).values_list("pk", flat=True)
    )
    with django_assert_num_queries(12):
        assert len(student_costs(cast.school, ids, session, now=NOW)) == students


def test_what_a_classmate_takes_costs_nobody_else(cast, group, out):
    """Art is an option of 10A-02: whoever was out twice without it is not told that it is missed again."""
    art = Group.objects.create(hub=cast.hub, school=cast.school, name="10 Art", key="10 Art", kind="set", size=1)
    lesson(art, "Art", starts=dt.time(11), ends=dt.time(12))
    Enrolment.objects.create(student=Student.objects.get(alias="10A-02"), group=art)
    out(1, "10A-01", "10A-02")
    maths, missed = "Would be the second Maths missed this term", "Would be the second Art missed this term"
    assert costs(cast) == {"10A-01": [maths], "10A-02": [maths, missed]}
