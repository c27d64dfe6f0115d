"""Agreements in the API: the verbs of the pages, and no more shown."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from hubs.models import Message
from placements.domain import agreements
from placements.models import Agreement, Placement, Signature
from tests.cast import NOW
from tests.employers import papers
from tests.placements.agreed import CANARY, agreed, of_school

API = "/api/v1/agreements/"


@pytest.fixture
def french(cast, clock) -> Placement:
    """One student, so one text with four lines."""
    return agreed(cast, "FR", size=1)


def client(person, key: str = "") -> APIClient:
    made = APIClient(headers={"Idempotency-Key": key} if key else {})
    made.force_authenticate(person)
    return made


def draw(cast, row: Placement) -> dict:
    (made,) = client(cast.coordinator).post(API, {"placement": row.pk}, format="json").json()
    return made


def lines(shown: dict) -> dict[str, dict]:
    return {one["party"]: one for one in shown["signatures"] if one["withdrawn_at"] is None}


def test_the_school_draws_up_and_each_side_sees_what_is_its_own(cast, french):
    made = draw(cast, french)
    assert (made["version"], made["newest"], sorted(lines(made))) == (1, True, ["host", "parent", "school", "student"])
    assert CANARY not in str(made)
    for person, parties in ((cast.coordinator, 4), (cast.amina, 4), (cast.employer_lead, 1)):
        (shown,) = client(person).get(API, {"placement": french.pk}).json()["results"]
        assert (shown["id"], len(shown["signatures"])) == (made["id"], parties)
    for person in (cast.other_coordinator, cast.other_lead, cast.coordinator_b):
        assert client(person).get(f"{API}{made['id']}/").status_code == 404


def test_another_text_is_another_version_and_the_old_one_is_not_the_newest(cast, french):
    first = draw(cast, french)
    Placement.objects.update(supervisor="Mme Roux")
    second = draw(cast, french)
    found = {one["version"]: one["newest"] for one in client(cast.coordinator).get(API).json()["results"]}
    assert (first["version"], second["version"], found) == (1, 2, {1: False, 2: True})


def test_each_side_signs_its_own_line_once_whatever_is_sent_again(cast, french):
    made = draw(cast, french)
    there, line = f"{API}{made['id']}/sign/", lines(made)["host"]["id"]
    body = {"line": line, "name": "Lead Brightwater", "capacity": "Lead"}
    assert client(cast.coordinator).post(there, body, format="json").status_code == 403
    answers = [client(cast.employer_lead, "k-1").post(there, body, format="json") for _turn in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert lines(answers[1].json())["host"]["name"] == "Lead Brightwater"
    assert client(cast.employer_lead).post(there, body, format="json").status_code == 409
    parents = lines(made)["parent"]["id"]
    assert client(cast.employer_lead).post(there, body | {"line": parents}, format="json").status_code == 404
    assert client(cast.coordinator).post(there, body | {"line": 999_999}, format="json").status_code == 404


def test_paper_is_recorded_with_its_scan_and_taken_back(cast, french):
    made = draw(cast, french)
    there, line = f"{API}{made['id']}/", lines(made)["parent"]["id"]
    scan = SimpleUploadedFile("signed.pdf", papers.pdf(), content_type="application/pdf")
    paper = {"line": line, "name": "A. Blanc", "signed_on": "2026-09-10", "scan": scan}
    said = client(cast.coordinator).post(f"{there}sign-outside/", paper, format="multipart")
    assert said.status_code == 200, said.json()
    assert (lines(said.json())["parent"]["outside"], bool(Signature.objects.get(pk=line).scan)) == (True, True)
    back = client(cast.coordinator).post(f"{there}withdraw/", {"line": line, "reason": "Changed."}, format="json")
    parents = [one for one in back.json()["signatures"] if one["party"] == "parent"]
    assert [bool(one["withdrawn_at"]) for one in parents] == [True, False]
    late = {"line": parents[1]["id"], "name": "A. Blanc", "signed_on": "2027-01-01"}
    answer = client(cast.coordinator).post(f"{there}sign-outside/", late, format="json")
    assert (answer.status_code, "has not come yet" in answer.content.decode()) == (409, True)


def test_a_link_goes_to_whoever_signs(cast, french):
    made = draw(cast, french)
    body = {"line": lines(made)["parent"]["id"], "address": "family@home.example", "language": "fr"}
    assert client(cast.coordinator).post(f"{API}{made['id']}/ask/", body, format="json").status_code == 200
    sent = Message.objects.get(kind="signature-asked")
    assert (sent.address, sent.language) == ("family@home.example", "fr")
    body["line"] = lines(made)["host"]["id"]
    assert client(cast.employer_lead).post(f"{API}{made['id']}/ask/", body, format="json").status_code == 403


def test_the_paper_is_a_pdf_and_is_gone_for_the_employer_once_called_off(cast, french):
    made = draw(cast, french)
    for person in (cast.coordinator, cast.amina, cast.employer_lead):
        answer = client(person).get(f"{API}{made['id']}/pdf/")
        assert (answer.status_code, answer.content[:5]) == (200, b"%PDF-")
        assert "no-store" in answer["Cache-Control"]
    Placement.objects.update(state="cancelled")
    assert client(cast.employer_lead).get(f"{API}{made['id']}/pdf/").status_code == 404
    assert client(cast.employer_lead).get(API).json()["results"] == []


def test_whoever_only_reads_draws_up_nothing(cast, french):
    for person in (cast.school_member, cast.ben):
        assert client(person).post(API, {"placement": french.pk}, format="json").status_code == 403
    assert client(cast.employer_lead).post(API, {"placement": french.pk}, format="json").status_code == 403
    assert client(cast.other_coordinator).post(API, {"placement": french.pk}, format="json").status_code == 400
    assert not Agreement.objects.exists()


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_takes_the_same_statements(cast, clock, rows, django_assert_num_queries):
    agreements.draw_up(agreed(cast, "FR", size=rows), by=of_school(cast), now=NOW)
    school = client(cast.coordinator)
    cast.coordinator.__dict__.pop("live_memberships", None)
    with django_assert_num_queries(4):
        assert len(school.get(API).json()["results"]) == rows
