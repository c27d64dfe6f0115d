"""Clients do what the pages do."""

from __future__ import annotations

import datetime as dt

import pytest
from rest_framework.test import APIClient

from employers import framing
from employers.models import EvidenceFigure, SelfAssessment
from hubs.actors import system
from tests.cast import NOW, actor
from tests.employers.assessments import confirmed, sent

URL = "/api/v1/self-assessments/"


@pytest.fixture
def api(cast):
    framing.load_framework(cast.hub, by=system(), now=NOW)
    client = APIClient()
    client.force_authenticate(cast.employer_lead)
    return client


def answers(framework: dict, size: str = "small") -> list[dict]:
    return [
        {"item": item["code"], "level": 3}
        for pillar in framework["pillars"]
        for standard in pillar["standards"]
        for item in standard["items"]
        if not item["sizes"] or size in item["sizes"]
    ]


def test_from_beginning_to_correction(api, cast):
    framework = api.get("/api/v1/standards-frameworks/").json()["results"][0]
    made = api.post(URL, headers={"Idempotency-Key": "k"})
    assert made.status_code == 201, made.content
    one = f"{URL}{made.json()['id']}/"
    saved = api.post(f"{one}answer/", {"answers": answers(framework["document"])}, format="json")
    assert (saved.status_code, len(saved.json()["written"]), saved.json()["conflicts"]) == (200, 34, [])
    assert api.post(f"{one}submit/").json()["result"]["overall"]["percent"] == 75
    assert api.post(f"{one}confirm/").status_code == 403
    staff = APIClient()
    staff.force_authenticate(cast.amina)
    back = staff.post(f"{one}hand-back/", {"comment": "Look again."}, format="json")
    assert (back.json()["state"], back.json()["comment"]) == ("open", "Look again.")
    assert api.post(f"{one}submit/").status_code == 200
    assert staff.post(f"{one}confirm/", {}, format="json").json()["state"] == "reviewed"
    assert staff.post(f"{one}finalise/").json()["state"] == "final"
    correction = api.post(f"{one}correct/")
    assert (correction.status_code, correction.json()["version"], len(correction.json()["answers"])) == (201, 2, 34)


def test_a_conflict_is_told_with_the_other_answer(api):
    one = f"{URL}{api.post(URL).json()['id']}/answer/"
    api.post(one, {"answers": [{"item": "A1.1", "level": 3}]}, format="json")
    told = api.post(
        one, {"answers": [{"item": "A1.1", "level": 0}, {"item": "A1.2", "level": 1}]}, format="json"
    ).json()
    assert (told["written"], [(a["item"], a["level"], a["revision"]) for a in told["conflicts"]]) == (
        ["A1.2"], [("A1.1", 3, 1)],
    )  # fmt: skip


@pytest.mark.parametrize(
    "answer", [{"item": "A1.1", "level": 9}, {"item": "A1.1"}, {"item": "Z", "level": 1},
               {"item": "A1.1", "not_applicable": True}],
)  # fmt: skip
def test_what_cannot_be_an_answer_is_told(api, answer):
    one = f"{URL}{api.post(URL).json()['id']}/answer/"
    told = api.post(one, {"answers": [answer]}, format="json")
    assert (told.status_code, SelfAssessment.objects.get().answers.count()) == (409, 0)


def test_others_find_nothing_and_drafts_are_the_hubs(api, cast):
    pk = api.post(URL).json()["id"]
    other = APIClient()
    other.force_authenticate(cast.other_lead)
    assert [other.get(f"{URL}{pk}/").status_code, other.post(f"{URL}{pk}/submit/").status_code] == [404, 404]
    assert other.get(URL).json()["results"] == []


def test_a_client_reads_what_the_page_of_a_result_shows(api, cast):
    for code in ("contact_named", "plan_of_year"):
        EvidenceFigure.objects.create(
            hub=cast.hub, employer=cast.employer, code=code, part=0, whole=1, since=NOW.date(), until=NOW.date(),
            counted_at=NOW,
        )  # fmt: skip
    by, desk = actor(cast.employer_lead, cast.hub, cast.employer), actor(cast.amina, cast.hub)
    last = confirmed(cast.employer, by, desk, 1, now=NOW - dt.timedelta(days=365))
    row = sent(cast.employer, by, 4, B1_1=0, B1_2=0, B1_3=0, B1_4=0)
    shown = api.get(f"{URL}{row.pk}/result/").json()
    assert shown["overall"] | {"name": ""} == {
        "code": "overall", "name": "", "percent": 88, "band": "Established", "change": None, "why": "", "answered": 34,
        "applicable": 34,
    }  # fmt: skip
    standards = {one["code"]: (one["percent"], one["change"]) for one in shown["standards"]}
    assert (len(standards), standards["A1"], standards["B1"]) == (9, (100, 75), (0, -25))
    assert (len(shown["strengths"]), [one["standard"] for one in shown["next_steps"]][:1]) == (3, ["B1"])
    assert [(one["item"], one["kind"], one["record"]) for one in shown["differences"]] == [
        ("A1.1", "above", ["The record names no main contact with an address."]),
        ("A1.2", "above", ["There is no action plan for this school year."]),
    ]
    assert (shown["comparisons"], [one["assessment"] for one in shown["years"]]) == ([], [last.pk, row.pk])
    assert [one["percents"]["B1"] for one in shown["years"]] == [25, 0]


def test_what_was_not_sent_has_no_result_and_others_find_none(api, cast):
    pk = api.post(URL).json()["id"]
    told = api.get(f"{URL}{pk}/result/")
    assert (told.status_code, told.json()["code"]) == (409, "not_sent")
    other = APIClient()
    other.force_authenticate(cast.other_lead)
    assert other.get(f"{URL}{pk}/result/").status_code == 404
