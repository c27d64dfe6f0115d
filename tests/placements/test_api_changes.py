"""Changes of what was agreed, in the API: the verbs of the pages, and no more shown."""

from __future__ import annotations

import datetime as dt

import pytest
from rest_framework.test import APIClient

from placements.models import Amendment, Placement
from tests import scenes

API = "/api/v1/amendments/"
WHY = "The hall is let that day."


@pytest.fixture
def agreed(cast, clock) -> Placement:
    return scenes.placement(cast, state="accepted")


def client(person, key: str = "") -> APIClient:
    made = APIClient(headers={"Idempotency-Key": key} if key else {})
    made.force_authenticate(person)
    return made


def ask(person, row: Placement, key: str = "", **said):
    return client(person, key).post(API, {"placement": row.pk, "reason": WHY, **said}, format="json")


def test_a_change_is_asked_for_seen_by_both_and_agreed_to(cast, agreed):
    other = scenes.session(agreed.session.opportunity, on=scenes.DAY + dt.timedelta(weeks=1))
    made = ask(cast.coordinator, agreed, session=other.pk)
    assert (made.status_code, made.data["state"], made.data["asks"]) == (201, "proposed", ["employer"])
    assert made.data["changes"] == {"session": [agreed.session_id, other.pk]}
    for person in (cast.coordinator, cast.employer_lead, cast.amina):
        found = client(person).get(API).data["results"]
        assert [(one["id"], one["reason"], one["refusal"]) for one in found] == [(made.data["id"], WHY, "")]
    early = client(cast.coordinator).post(f"{API}{made.data['id']}/agree/")
    assert (early.status_code, Amendment.objects.get().state) == (409, "proposed")
    assert client(cast.employer_lead).post(f"{API}{made.data['id']}/agree/").data["state"] == "agreed"
    assert Placement.objects.get().session_id == other.pk


def test_a_no_needs_its_reason_and_whoever_asked_takes_it_back(cast, agreed):
    made = ask(cast.coordinator, agreed, supervisor="Sam Reed")
    there = f"{API}{made.data['id']}/refuse/"
    assert client(cast.employer_lead).post(there, {"reason": ""}, format="json").status_code == 400
    said = client(cast.coordinator).post(there, {"reason": "Settled."}, format="json").data
    assert (said["state"], said["reason"], said["refusal"]) == ("refused", WHY, "Settled.")


def test_sent_twice_with_one_key_it_is_asked_once(cast, agreed):
    first, second = (ask(cast.coordinator, agreed, "k-1", supervisor="Sam Reed") for _turn in range(2))
    assert (first.data, Amendment.objects.count()) == (second.data, 1)


def test_strangers_find_nothing_and_members_change_nothing(cast, agreed):
    made = ask(cast.coordinator, agreed, supervisor="Sam Reed").data["id"]
    for person in (cast.other_coordinator, cast.other_lead):
        assert client(person).get(API).data["results"] == []
        assert client(person).post(f"{API}{made}/agree/").status_code == 404
        assert ask(person, agreed, supervisor="X").status_code == 400
    assert client(cast.school_member).post(f"{API}{made}/agree/").status_code == 403
    assert client(cast.ben).post(f"{API}{made}/agree/").status_code == 403
    assert Amendment.objects.get().state == "proposed"


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_takes_the_same_statements(cast, clock, rows, django_assert_num_queries):
    for number in range(rows):
        row = scenes.placement(cast, state="accepted", of=scenes.group(cast.school, f"10{number}"))
        assert ask(cast.coordinator, row, supervisor="Sam Reed").status_code == 201
    school = client(cast.coordinator)
    cast.coordinator.__dict__.pop("live_memberships", None)
    with django_assert_num_queries(3):
        assert len(school.get(API).data["results"]) == rows
