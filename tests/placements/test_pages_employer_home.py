"""The employer's home: what waits for it, and nobody else's rows."""

from __future__ import annotations

import datetime as dt

import pytest

from placements.domain import attendance
from tests import scenes
from tests.cast import NOW
from tests.placements.employer_pages import (
    HOME,
    adopt_plan,
    document,
    later,
    many,
    on_the_day,
    ready,
)


def needs(answer) -> list[tuple[str, str]]:
    return [(need.title, need.action_label) for need in answer.context["needs"]]


def test_a_new_employer_is_shown_the_first_step(work, cast):
    assert needs(work.get(HOME)) == [("Choose a plan for the year", "See plans")]


def test_home_shows_what_waits_oldest_due_first(work, cast):
    adopt_plan(cast)
    scenes.placement(cast, state="offered")
    scenes.opportunity(cast.employer, state="draft", title="Talk", comment="Which bus?")
    document(cast, expires_on=NOW.date() + dt.timedelta(days=3))
    assert needs(work.get(HOME)) == [
        ("Renew: employers' liability insurance", "Send the new one"),
        ("6 students for See how it is made, Tue 20 October", "Answer"),
        ("Name a contact", "Open the step"),
        ("A change is asked for: Talk", "Go on"),
    ]


def test_a_member_is_not_asked_for_what_only_a_lead_does(client, cast, clock):
    document(cast, expires_on=NOW.date() + dt.timedelta(days=3))
    client.force_login(cast.employer_member)
    assert needs(client.get(HOME)) == []


def test_a_renewed_document_no_longer_nags(work, cast):
    adopt_plan(cast)
    document(cast, expires_on=NOW.date() + dt.timedelta(days=3))
    document(cast, state="quarantined")
    assert work.get(HOME).context["documents"] == []


def test_home_asks_for_host_tasks_and_feedback(work, cast, clock, shadowing):
    assert [title for title, _label in needs(work.get(HOME))][:1] == [
        "Employers' liability insurance: See how it is made, Tue 20 October"
    ]
    other = ready(
        cast,
        wanted=scenes.session(
            scenes.opportunity(cast.employer, title="Tour", kind=scenes.encounter_type(cast.hub, "talk", tier="T1"))
        ),
        of=scenes.group(cast.school, "10B"),
    )
    on_the_day(work, clock, other)
    attendance.begin(other, by=scenes.desk(cast), now=clock.now)
    later(work, clock, other.session.ends_at + dt.timedelta(hours=1))
    assert ("How was it? Tour, Tue 20 October", "Give feedback") in needs(work.get(HOME))


def test_somebody_elses_rows_are_not_on_the_home(client, cast, clock):
    adopt_plan(cast)
    scenes.placement(cast, state="offered")
    document(cast, expires_on=NOW.date() + dt.timedelta(days=3))
    client.force_login(cast.other_lead)
    page = client.get(HOME)
    assert needs(page) == [("Choose a plan for the year", "See plans")]
    assert (page.context["cards"], page.context["documents"], page.context["plan"]) == ([], [], None)


@pytest.mark.parametrize("count", [1, 3])
def test_home_asks_as_much_for_three_as_for_one(work, cast, django_assert_num_queries, count):
    many(cast, count)
    with django_assert_num_queries(21):
        work.get(HOME)
