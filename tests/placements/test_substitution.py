"""Other students than those named before: the employer is told how many, and its page says who."""

from __future__ import annotations

import pytest
from django.urls import reverse

from hubs.models import Message
from placements.domain import days
from schools.models import Student
from tests import scenes
from tests.cast import NOW, actor
from tests.placements.sending import deliver


def coordinator(cast):
    return actor(cast.coordinator, cast.hub, cast.school)


@pytest.fixture
def agreed(cast):
    return scenes.placement(cast, state="accepted")


def named(row) -> list[Student]:
    return list(Student.objects.filter(placements__placement=row).order_by("pk"))


def told() -> list[Message]:
    return list(Message.objects.filter(kind="students-changed").order_by("pk"))


def test_the_employer_reads_how_many_come_anew_and_opens_who(cast, agreed, mailoutbox):
    others = list(scenes.group(cast.school, "10B").students.order_by("pk"))[:2]
    days.name_students(agreed, named(agreed)[3:] + others, by=coordinator(cast), now=NOW)
    (message,) = told()
    assert (message.organisation_id, message.facts["joined"], message.facts["left"]) == (cast.employer.pk, 2, 3)
    assert deliver(message, NOW) == "sent"
    body = mailoutbox[-1].body
    assert [words in body for words in ("2 students", "3 students", "5 students")] == [True] * 3
    assert reverse("employer-placement", args=[agreed.pk]) in body
    assert "10A-0" not in body + mailoutbox[-1].subject


def test_each_substitution_is_told(cast, agreed):
    days.name_students(agreed, named(agreed)[1:], by=coordinator(cast), now=NOW)
    days.name_students(agreed, named(agreed)[1:], by=coordinator(cast), now=NOW)
    assert [(message.facts["left"], message.facts["count"]) for message in told()] == [(1, 5), (1, 4)]


def test_the_same_again_and_the_first_names_are_no_change(cast, agreed):
    everyone = named(agreed)
    days.name_students(agreed, everyone, by=coordinator(cast), now=NOW)
    agreed.students.all().delete()
    agreed.student_days.all().delete()
    days.name_students(agreed, everyone, by=coordinator(cast), now=NOW)
    assert told() == []


def test_nobody_is_told_while_nothing_is_agreed(cast):
    row = scenes.placement(cast, state="offered")
    days.name_students(row, named(row)[1:], by=coordinator(cast), now=NOW)
    assert told() == []
