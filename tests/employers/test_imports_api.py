"""Lists of employers in the API, and two records put together: the verbs of the pages."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from employers import import_jobs, importing
from employers.domain import load_sectors
from employers.models import Employer, EmployerImport
from tests.cast import NOW
from tests.employers import lists

LISTS = "/api/v1/employer-imports/"
ALIKE = ("Brightwater Engineers", *[""] * 9)


@pytest.fixture(autouse=True)
def _at_now(db, monkeypatch):
    load_sectors()
    monkeypatch.setattr("hubs.middleware.timezone.now", lambda: NOW)


def api(user) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


@pytest.fixture
def desk(cast) -> APIClient:
    return api(cast.amina)


def upload(client, *rows, **headers):
    file = SimpleUploadedFile("list.csv", lists.text(*rows))
    return client.post(LISTS, {"file": file}, format="multipart", headers=headers)


def test_a_list_is_uploaded_decided_imported_and_undone(desk, cast):
    made = upload(desk, lists.MILL, ALIKE)
    one = f"{LISTS}{made.data['id']}/"
    assert (made.status_code, made.data["state"], Employer.objects.filter(hub=cast.hub).count()) == (201, "waiting", 2)
    plan = desk.get(f"{one}plan/").data
    mill, alike = plan["lines"]
    assert (mill["choice"], mill["likenesses"], alike["choice"]) == ("new", [], "")
    assert alike["likenesses"] == [
        {"key": cast.employer.pk, "name": cast.employer.name, "why": "a name much like it", "is_sure": False}
    ]
    undecided = desk.post(f"{one}confirm/", {"digest": plan["digest"]}, format="json")
    assert (undecided.status_code, undecided.data["code"]) == (409, "undecided")
    said = desk.post(f"{one}choices/", {"choices": {"3": str(cast.employer.pk)}}, format="json").data
    assert (said["lines"][1]["choice"], said["counts"]["undecided"]) == (str(cast.employer.pk), 0)
    stale = desk.post(f"{one}confirm/", {"digest": plan["digest"]}, format="json")
    assert stale.data["code"] == "changed"
    done = [
        desk.post(f"{one}confirm/", {"digest": said["digest"]}, format="json", headers={"Idempotency-Key": "a"})
        for _ in range(2)
    ]
    assert [answer.data["state"] for answer in done] == ["imported", "imported"]
    assert (done[0].data["outcome"]["new"], Employer.objects.filter(name="Old Mill Bakery Ltd").count()) == (1, 1)
    assert desk.post(f"{one}undo/").data["state"] == "undone"
    assert Employer.objects.filter(hub=cast.hub).count() == 2


def test_what_is_left_is_decided_at_once_columns_are_said_and_a_list_is_put_aside(desk):
    one = f"{LISTS}{upload(desk, lists.MILL, ALIKE).data['id']}/"
    assert desk.post(f"{one}choices/", {"rest": "out"}, format="json").data["counts"]["out"] == 1
    no_line = desk.post(f"{one}choices/", {"choices": {"second": "out"}}, format="json")
    assert (no_line.status_code, "“second” is no number of a line" in str(no_line.data)) == (400, True)
    columns = EmployerImport.objects.get().columns
    wrong = desk.post(f"{one}columns/", {"columns": ["", *columns[1:]]}, format="json")
    assert "Say which column is the name" in str(wrong.data)
    assert desk.post(f"{one}columns/", {"columns": columns}, format="json").data["columns"] == columns
    assert desk.post(f"{one}put-aside/").data["state"] == "dropped"


def test_a_long_list_is_imported_after_the_answer(desk, monkeypatch):
    monkeypatch.setattr(importing, "AT_ONCE", 1)
    one = f"{LISTS}{upload(desk, lists.MILL, lists.FORGE).data['id']}/"
    digest = desk.get(f"{one}plan/").data["digest"]
    states = [desk.post(f"{one}confirm/", {"digest": digest}, format="json").data["state"] for _ in range(2)]
    assert (states, desk.post(f"{one}take-back/").data["state"]) == (["queued", "queued"], "waiting")
    desk.post(f"{one}confirm/", {"digest": digest}, format="json")
    assert import_jobs.run_due(NOW) == 1
    assert desk.get(one).data["state"] == "imported"


def test_one_file_sent_twice_with_one_key_is_one_list(desk):
    first, again = (upload(desk, lists.MILL, **{"Idempotency-Key": "k"}) for _ in range(2))
    assert (first.data["id"], EmployerImport.objects.count()) == (again.data["id"], 1)


def test_a_viewer_looks_and_nobody_else_does(desk, cast):
    one = f"{LISTS}{upload(desk, lists.MILL).data['id']}/"
    ben = api(cast.ben)
    assert [ben.get(one).status_code, ben.get(f"{one}plan/").status_code] == [200, 200]
    assert [ben.post(f"{one}{verb}/").status_code for verb in ("undo", "confirm", "choices")] == [403] * 3
    for stranger in (cast.coordinator, cast.employer_lead):
        assert [api(stranger).get(one).status_code, api(stranger).get(LISTS).data["results"]] == [404, []]
        assert upload(api(stranger), lists.MILL).status_code == 403


def test_two_records_are_compared_and_put_together_once(desk, cast):
    stays, goes = cast.employer, cast.other_employer
    Employer.objects.filter(pk=goes.pk).update(website="https://saffron.example")
    there = f"/api/v1/employers/{stays.pk}/merge/"
    found = desk.get(there, {"other": goes.pk}).data
    differ = {one["name"]: (one["goes"], one["taken"]) for one in found["fields_that_differ"]}
    assert (differ["name"], differ["website"]) == ((goes.name, False), ("https://saffron.example", True))
    assert desk.get(there, {"other": stays.pk}).data["code"] == "same"
    assert desk.get(there, {"other": 0}).status_code == 400
    done = [desk.post(there, {"other": goes.pk, "take": ["name"]}, format="json") for _ in range(2)]
    assert [answer.status_code for answer in done] == [200, 200]
    assert done[1].data == {"employer": stays.pk, "moved": {}}
    name = goes.name
    stays.refresh_from_db()
    goes.refresh_from_db()
    assert (stays.name, stays.website, goes.merged_into_id) == (name, "", stays.pk)


def test_only_the_hubs_staff_puts_records_together(desk, cast):
    there = f"/api/v1/employers/{cast.employer.pk}/"
    assert desk.get(f"{there}lookalikes/").data == []
    for person, seen in ((cast.ben, 403), (cast.employer_lead, 403), (cast.coordinator, 404)):
        client = api(person)
        assert client.get(f"{there}lookalikes/").status_code == seen
        assert client.get(f"{there}merge/", {"other": cast.other_employer.pk}).status_code == seen
        sent = client.post(f"{there}merge/", {"other": cast.other_employer.pk}, format="json")
        assert sent.status_code == seen
    assert not Employer.objects.exclude(merged_into=None).exists()


def test_a_list_that_is_not_imported_is_not_undone(desk):
    one = f"{LISTS}{upload(desk, lists.MILL).data['id']}/"
    refused = desk.post(f"{one}undo/")
    assert (refused.status_code, desk.get(one).data["state"]) == (409, "waiting"), refused.data
