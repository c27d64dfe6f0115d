"""An employer reads on the page of a session which schools come, and no student's name."""

from __future__ import annotations

import pytest
from django.urls import reverse

from placements.domain import answers, brokering
from schools.models import Student
from tests import scenes
from tests.cast import NOW, actor

CANARY = "Zebedee Quill"


def page_of(work, session) -> str:
    return work.get(reverse("employer-session", args=[session.pk])).content.decode()


@pytest.mark.parametrize(("state", "word"), [("offered", "Waiting for your answer"), ("accepted", "Ready")])
def test_the_session_says_which_school_comes_and_leads_to_it(work, cast, state, word):
    row = scenes.placement(cast, state=state)
    Student.objects.filter(school=cast.school).update(name=CANARY)
    page = page_of(work, row.session)
    link = reverse("employer-placement", args=[row.pk])
    assert f'<a href="{link}">Quayside School, 10A: 6 students</a>' in page
    assert word in page
    assert CANARY not in page


def test_a_school_nobody_asked_about_is_counted_and_not_named(work, cast):
    row = scenes.placement(cast, state="held")
    page = page_of(work, row.session)
    assert "The hub holds 6 places for schools you have not been asked about yet." in page
    assert "Quayside School" not in page


def test_who_was_said_no_to_or_called_off_does_not_come(work, cast):
    row = scenes.placement(cast, state="offered")
    answers.decline(row, "Busy", by=actor(cast.employer_lead, cast.hub, cast.employer), now=NOW)
    page = page_of(work, row.session)
    assert ("Quayside School" in page, "Who comes" in page) == (False, False)


@pytest.mark.parametrize("rows", [1, 3])
def test_who_comes_takes_the_same_statements(work, cast, rows, django_assert_num_queries):
    session = scenes.session(scenes.opportunity(cast.employer))
    for number in range(rows):
        request = scenes.request(cast, session, of=scenes.group(cast.school, f"10{number}"))
        held = brokering.hold(request, session, by=scenes.desk(cast), now=NOW)
        brokering.offer(held, by=scenes.desk(cast), now=NOW)
    with django_assert_num_queries(STATEMENTS):
        page = page_of(work, session)
    assert page.count("Quayside School, 10") == rows


STATEMENTS = 17
