"""Whom the hub asks for a request, and its steps when nobody answers, for clients: as on its pages."""

from __future__ import annotations

import datetime as dt

import pytest
from rest_framework.test import APIClient

from hubs.models import LogEntry
from placements.domain import brokering, turns
from placements.models import Ladder, Placement
from tests import scenes
from tests.cast import NOW

API = "/api/v1"
WEEK = dt.timedelta(weeks=1)


@pytest.fixture
def held(cast) -> list[Placement]:
    """One request held for six with two employers and, a week later, again with the first."""
    offers = [scenes.opportunity(one) for one in (cast.employer, cast.other_employer, cast.employer)]
    sessions = [scenes.session(offer, on=scenes.DAY + n * WEEK) for n, offer in enumerate(offers)]
    request = scenes.request(cast, sessions[0])
    return [brokering.hold(request, session, by=scenes.desk(cast), now=NOW) for session in sessions]


@pytest.fixture
def call(cast, clock, held):
    """`call(user, verb, body, code)`: what a verb on the request answers."""

    def inner(user, verb: str, body: dict | None = None, code: int = 200, key: str = ""):
        client = APIClient(headers={"Idempotency-Key": key} if key else {})
        client.force_authenticate(user)
        url = f"{API}/requests/{held[0].request_id}/{verb}/"
        answer = client.get(url) if body is None else client.post(url, body, format="json")
        assert answer.status_code == code, answer.data
        return answer.json()

    return inner


def keys(rows) -> list[int]:
    return [row.pk for row in rows]


def seen(line) -> list[tuple]:
    return [(one["id"], one["state"], one["turn"]) for one in line]


def test_a_client_asks_in_turn_and_reads_who_is_asked_and_who_waits(cast, call, held):
    first, second, third = keys(held)
    body = {"line": [[second], [first, third]], "message": "Can you?", "days": 2}
    asked = call(cast.amina, "ask-in-turn", body, key="once")
    assert seen(asked) == [(second, "offered", 1), (first, "held", 2), (third, "held", 2)]
    assert (asked[0]["days"], asked[0]["answer_by"][:10]) == (2, str(Placement.objects.get(pk=second).answer_by)[:10])
    assert call(cast.amina, "ask-in-turn", body, key="once") == asked
    assert seen(call(cast.amina, "line")) == seen(asked)


def test_a_client_asks_all_at_once_or_nobody(cast, call, held):
    type(cast.employer).objects.filter(pk=cast.employer.pk).update(wants_asking_per_month=1)
    refused = call(cast.amina, "ask", {"placements": keys(held)}, 409)
    assert refused["code"] == "asked_enough"
    asked = call(cast.amina, "ask", {"placements": keys(held), "even_so": True})
    assert seen(asked) == [(pk, "offered", None) for pk in keys(held)]


def test_one_is_asked_earlier_or_later_and_another_leaves_the_line(cast, call, held):
    first, second, third = keys(held)
    call(cast.amina, "ask-in-turn", {"line": [[first], [second], [third]]})
    moved = call(cast.amina, "put-before", {"placement": third, "before": second}, key="m")
    assert seen(moved) == [(first, "offered", 1), (third, "held", 2), (second, "held", 3)]
    again = call(cast.amina, "put-before", {"placement": third, "before": None})
    assert seen(again)[1:] == [(second, "held", 2), (third, "held", 3)]
    left = call(cast.amina, "leave-line", {"placement": second}, key="l")
    assert seen(left) == [(first, "offered", 1), (third, "held", 2)]
    assert call(cast.amina, "leave-line", {"placement": second}, key="l") == left
    assert Placement.objects.get(pk=second).state == "held"
    verbs = LogEntry.objects.about(held[0].request).values_list("verb", flat=True)
    assert [one for one in verbs.order_by("pk") if "line" in one] == [
        "put_in_line", "line_changed", "line_changed", "left_line",
    ]  # fmt: skip


def test_refusals_come_as_problems(cast, call, held):
    first, second, _third = keys(held)
    more = scenes.request(cast, held[1].session, of=held[0].group, places=1)
    other = brokering.hold(more, held[1].session, by=scenes.desk(cast), now=NOW)
    for verb, body in (
        ("ask", {"placements": [other.pk]}),
        ("ask-in-turn", {"line": [[first], [other.pk]]}),
        ("ask-in-turn", {"line": [[first], [first]]}),
        ("put-before", {"placement": other.pk, "before": None}),
        ("leave-line", {"placement": other.pk}),
    ):
        assert call(cast.amina, verb, body, 400)["code"] == "invalid"
    for verb, body in (("put-before", {"placement": second, "before": first}), ("leave-line", {"placement": second})):
        assert "waits in line no more" in call(cast.amina, verb, body, 409)["title"]
    assert call(cast.amina, "ask-in-turn", {"line": []}, 400)["errors"]["line"]


@pytest.mark.parametrize("who", ["coordinator", "ben"])
def test_the_line_is_the_hubs_and_who_only_looks_asks_nobody(cast, call, held, who):
    for verb, body in (
        ("ask", {"placements": keys(held)}),
        ("ask-in-turn", {"line": [keys(held)]}),
        ("put-before", {"placement": held[0].pk, "before": None}),
        ("leave-line", {"placement": held[0].pk}),
    ):
        call(getattr(cast, who), verb, body, 403)
    call(cast.coordinator, "line", code=403)
    assert call(cast.ben, "line") == []
    call(cast.coordinator_b, "line", code=404)
    assert not LogEntry.objects.filter(verb__in=["offered", "put_in_line"]).exists()


@pytest.mark.parametrize("lines", [1, 3])
def test_reading_the_line_takes_the_same_statements(cast, call, held, lines, django_assert_num_queries):
    turns.ask_in_turn(list(enumerate(held[:lines], 1)), "", by=scenes.desk(cast), now=NOW)
    with django_assert_num_queries(6):
        assert len(call(cast.amina, "line")) == lines


# ---- The steps when nobody answers ----------------------------------------------------


@pytest.fixture
def steps(clock):
    def inner(user, body: dict | None = None, code: int = 200):
        client = APIClient()
        client.force_authenticate(user)
        url = f"{API}/escalation/steps/"
        answer = client.get(url) if body is None else client.patch(url, body, format="json")
        assert answer.status_code == code, answer.data
        return answer.json()

    return inner


def test_a_lead_reads_and_changes_the_steps(cast, steps):
    assert steps(cast.amina) == {
        "answer_days": 5, "first_reminder": 2, "second_reminder": 4, "manager_after": 1, "lead_after": 3,
        "changed_at": None,
    }  # fmt: skip
    changed = steps(cast.amina, {"answer_days": 3, "second_reminder": None})
    assert (changed["answer_days"], changed["second_reminder"], changed["first_reminder"]) == (3, None, 2)
    assert Ladder.objects.get().hub == cast.hub
    assert "before the answer is due" in steps(cast.amina, {"first_reminder": 9}, 409)["title"]
    assert steps(cast.amina, {"answer_days": 99}, 409)["code"] == "refused"
    assert steps(cast.amina, {"answer_days": "many"}, 400)["errors"]["answer_days"]
    assert steps(cast.amina)["answer_days"] == 3


@pytest.mark.parametrize("who", ["ben", "coordinator", "employer_lead"])
def test_nobody_but_leads_reads_or_changes_the_steps(cast, steps, who):
    steps(getattr(cast, who), code=403)
    steps(getattr(cast, who), {"answer_days": 3}, 403)
    assert not Ladder.objects.exists()
