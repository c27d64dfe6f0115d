"""What students and teachers say afterwards."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from hubs.actors import Actor
from hubs.errors import CannotAct, Refused
from hubs.models import SignedLink
from placements.domain import attendance, reflections
from placements.models import Feedback
from tests import scenes
from tests.cast import actor

AFTER = dt.datetime(2026, 10, 20, 15, tzinfo=dt.UTC)
ANSWERS = {"liked": "4", "talked": True, "did": True, "words": "How glue sets", "again": True}


def school(cast):
    return actor(cast.coordinator, cast.hub, cast.school)


def student(cast) -> Actor:
    return Actor("link:student", "link", cast.hub.pk, organisation_id=cast.school.pk, facts={"link": 1})


@pytest.fixture
def over(cast):
    kind = scenes.encounter_type(cast.hub, "visit", required_flags=["purpose", "reflection"])
    row = scenes.placement(cast, state="ready", wanted=scenes.session(scenes.opportunity(cast.employer, kind=kind)))
    everybody = list(row.students.values_list("student_id", flat=True))
    attendance.mark(row, scenes.DAY, everybody, by=school(cast), now=AFTER)
    attendance.complete(row, {"purpose": True}, by=school(cast), now=AFTER)
    return row


def named(placement):
    row = placement.students.select_related("student").first()
    row.placement = placement
    return row


def test_a_reflection_makes_the_encounter_meaningful(cast, over):
    row = named(over)
    encounter = over.encounters.get(student=row.student)
    assert not encounter.meaningful
    reflections.reflect(row, ANSWERS, by=student(cast), now=AFTER)
    encounter.refresh_from_db()
    assert (encounter.reflection, encounter.meaningful) == (True, True)
    kept = Feedback.objects.get(side="student")
    assert (kept.again, kept.answers) == (True, {"liked": "4", "talked": True, "did": True, "words": "How glue sets"})


def test_it_is_said_once(cast, over):
    reflections.reflect(named(over), ANSWERS, by=student(cast), now=AFTER)
    with pytest.raises(Refused, match="told us already"):
        reflections.reflect(named(over), ANSWERS, by=student(cast), now=AFTER)


def test_only_the_student_says_it(cast, over):
    with pytest.raises(CannotAct):
        reflections.reflect(named(over), ANSWERS, by=school(cast), now=AFTER)


def test_nobody_is_asked_before_it_is_over(cast):
    row = scenes.placement(cast, state="ready")
    with pytest.raises(Refused, match="once it is over"):
        reflections.make_links(row, by=school(cast), now=AFTER)
    with pytest.raises(Refused, match="when it is over"):
        reflections.reflect(named(row), ANSWERS, by=student(cast), now=AFTER)
    with pytest.raises(Refused, match="once the placement is over"):
        reflections.teacher_feedback(row, again=True, words="", by=school(cast), now=AFTER)


def test_links_are_for_those_who_have_said_nothing_and_stay_the_same(cast, over):
    first = reflections.make_links(over, by=school(cast), now=AFTER)
    assert len(first) == 6
    assert reflections.make_links(over, by=school(cast), now=AFTER) == first
    reflections.reflect(named(over), ANSWERS, by=student(cast), now=AFTER)
    assert len(reflections.make_links(over, by=school(cast), now=AFTER)) == 5
    assert SignedLink.objects.filter(purpose="reflection").count() == 6
    with pytest.raises(CannotAct):
        reflections.make_links(over, by=actor(cast.employer_lead, cast.hub, cast.employer), now=AFTER)


def test_a_mean_is_shown_of_three_and_more(cast, over):
    rows = list(over.students.select_related("student"))
    for number, row in enumerate(rows[:3], start=1):
        row.placement = over
        reflections.reflect(row, {**ANSWERS, "liked": str(number + 2)}, by=student(cast), now=AFTER)
        expected = 4.0 if number == 3 else None
        assert reflections.said_so_far(over) == {"answered": number, "mean": expected}


def test_the_teachers_last_word_counts(cast, over):
    reflections.teacher_feedback(over, again=False, words="Noisy", by=school(cast), now=AFTER)
    reflections.teacher_feedback(over, again=True, words="Better", by=school(cast), now=AFTER)
    kept = Feedback.objects.get(side="school")
    assert (kept.again, kept.answers) == (True, {"words": "Better"})
    stranger = actor(cast.employer_lead, cast.hub, cast.employer)
    with pytest.raises(CannotAct):
        reflections.teacher_feedback(over, again=True, words="", by=stranger, now=AFTER)


def test_the_pages(cast, over, client, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: AFTER)
    client.force_login(cast.coordinator)
    page = reverse("school-reflections", args=[over.pk])
    before = SignedLink.objects.count()
    assert "0 of 6 have answered" in client.get(page).content.decode()
    assert SignedLink.objects.count() == before
    body = client.post(page, {"act": "links"}).content.decode()
    assert body.count("/l/reflection/") == 6
    client.post(page, {"act": "teacher", "again": "yes", "words": "Kind people"})
    assert "You told us" in client.get(page).content.decode()
    client.logout()
    _row, token = reflections.make_links(over, by=school(cast), now=AFTER)[0]
    link = reverse("reflection-link", args=[token])
    assert "10A-0" not in client.get(link).content.decode()
    assert client.post(link, {"liked": "5"}).status_code == 200
    answers = {"liked": "5", "talked": "yes", "did": "no", "learnt": "Glue", "again": "yes"}
    client.post(link, answers)
    assert "Thank you" in client.get(link).content.decode()
    assert Feedback.objects.get(side="student").answers["words"] == "Glue"
