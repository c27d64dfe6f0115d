"""What somebody is written to about, by the API: their own word, and only where it is asked."""

from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from hubs.models import MessagePreference, Role
from tests.cast import join

URL = "/api/v1/message-preferences/"
LISTED = ("kind", "organisation", "choices", "chosen")


def client_of(user) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


def rows(client, kind: str) -> list[dict]:
    return [{name: row[name] for name in LISTED} for row in client.get(URL).json() if row["kind"] == kind]


def test_each_kind_is_listed_for_each_organisation_of_the_caller(cast):
    join(cast.coordinator, cast.hub, Role.COORDINATOR, cast.other_school)
    found = rows(client_of(cast.coordinator), "starts-soon")
    choices = ["gathered", "at_once", "off"]
    assert sorted(row["organisation"] for row in found) == sorted([cast.school.pk, cast.other_school.pk])
    assert [(row["choices"], row["chosen"]) for row in found] == [(choices, "gathered")] * 2
    hub = rows(client_of(cast.amina), "request-submitted")
    assert [(row["organisation"], row["choices"]) for row in hub] == [(None, ["at_once", "gathered"])]


def test_choice_is_kept_and_may_be_repeated(cast):
    client = client_of(cast.coordinator)
    given = {"kind": "starts-soon", "organisation": cast.school.pk, "choice": "off"}
    for _twice in range(2):
        answer = client.post(URL, given, format="json")
        assert (answer.status_code, answer.json()["chosen"]) == (200, "off")
    said = MessagePreference.objects.get()
    assert (said.user, said.address, said.organisation_id, said.choice) == (
        cast.coordinator, "coordinator@quayside.example", cast.school.pk, "off",
    )  # fmt: skip
    assert [row["chosen"] for row in rows(client, "starts-soon")] == ["off"]
    assert [row["chosen"] for row in rows(client_of(cast.employer_lead), "starts-soon")] == ["gathered"]


@pytest.mark.parametrize(
    "given",
    [
        {"kind": "starts-tomorrow", "choice": "off"},  # leaves no choice
        {"kind": "feedback-reminder", "choice": "off"},  # goes to employers
        {"kind": "starts-soon", "choice": "never"},
        {"kind": "nothing", "choice": "off"},
        {"kind": "starts-soon", "choice": "off", "organisation": None},
        {"kind": "starts-soon", "choice": "off", "organisation": "other"},
        {},
    ],
)
def test_what_is_not_offered_is_refused(cast, given):
    place = cast.other_school.pk if given.get("organisation") == "other" else given.get("organisation", cast.school.pk)
    answer = client_of(cast.coordinator).post(URL, given | {"organisation": place}, format="json")
    assert answer.status_code == 400
    assert not MessagePreference.objects.exists()


def test_choice_that_a_kind_does_not_leave_is_refused_with_a_sentence(cast):
    given = {"kind": "calendar-clash", "organisation": cast.school.pk, "choice": "off"}
    answer = client_of(cast.coordinator).post(URL, given, format="json")
    assert (answer.status_code, "does not leave that choice" in answer.content.decode()) == (409, True)


def test_strangers_of_the_hub_find_nothing(cast):
    assert client_of(cast.coordinator_b).get(URL).status_code == 404
    assert APIClient().get(URL).status_code == 401
