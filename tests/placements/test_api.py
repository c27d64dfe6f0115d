"""The API of placements: the verbs of the pages, the same scoping, nothing more shown."""

from __future__ import annotations

import datetime as dt

import pytest
from rest_framework.test import APIClient

from hubs.models import LogEntry
from hubs.rulepacks import load_packs
from placements.domain import brokering
from placements.models import Encounter, Feed, Placement, PlacementRequest
from tests import scenes
from tests.cast import NOW

pytestmark = pytest.mark.urls("tests.placements.api_urls")
API = "/test-api"


@pytest.fixture
def api(cast, clock):
    """A client for each person: `api(cast.coordinator)`."""

    def client(user, acting=None) -> APIClient:
        made = APIClient(headers={"Throughline-Organisation": str(acting.pk)} if acting else {})
        made.force_authenticate(user)
        return made

    return client


def ok(answer, code: int = 200):
    assert answer.status_code == code, answer.data
    return answer.data


def test_the_main_job_from_fit_to_encounter(api, cast, clock):
    group = scenes.group(cast.school)
    session = scenes.session(scenes.opportunity(cast.employer))
    school, desk, employer = api(cast.coordinator), api(cast.amina), api(cast.employer_lead)

    fits = ok(school.get(f"{API}/groups/{group.pk}/sessions/", {"from": "2026-10-01", "to": "2026-10-31"}))
    assert [(one["session"], one["verdict"], one["places_left"]) for one in fits] == [(session.pk, "fits", 20)]
    request = ok(school.post(f"{API}/requests/", {"group": group.pk, "sessions": [session.pk]}, format="json"), 201)
    assert (request["places"], request["state"]) == (6, "submitted")
    held = ok(desk.post(f"{API}/requests/{request['id']}/hold/", {"session": session.pk}, format="json"), 201)
    one = f"{API}/placements/{held['id']}"
    assert ok(desk.post(f"{one}/offer/"))["state"] == "offered"
    assert ok(employer.post(f"{one}/accept/", {"supervisor": "Workshop lead"}, format="json"))["supervisor"] != ""
    placement = Placement.objects.get()
    clock.now = placement.session.starts_at + dt.timedelta(minutes=5)
    students = [student["id"] for student in ok(school.get(f"{one}/"))["students"]]
    ok(employer.post(f"{one}/mark/", {"day": "2026-10-20", "present": students}, format="json"))
    clock.now = placement.session.ends_at
    made = ok(school.post(f"{one}/complete/", {"purpose": True, "outcomes": True, "reflection": None}, format="json"))
    assert len(made) == 6
    ok(employer.post(f"{one}/feedback/", {"two_way": True, "task": True, "again": True}, format="json"))
    assert Encounter.objects.filter(two_way=True, purpose=True, reflection=None).count() == 6
    assert len(ok(school.get(f"{API}/encounters/"))["results"]) == 6


def test_asking_twice_with_one_key_asks_once(api, cast):
    group = scenes.group(cast.school)
    session = scenes.session(scenes.opportunity(cast.employer))
    school = api(cast.coordinator)
    body = {"group": group.pk, "sessions": [session.pk]}
    answers = [
        school.post(f"{API}/requests/", body, format="json", headers={"Idempotency-Key": "k1"}) for _n in range(2)
    ]
    assert [a.status_code for a in answers] == [201, 201]
    assert answers[0].data["id"] == answers[1].data["id"]
    assert PlacementRequest.objects.count() == 1


def test_a_wish_that_cannot_be_is_a_problem_with_its_sentence(api, cast):
    group = scenes.group(cast.school)
    session = scenes.session(scenes.opportunity(cast.employer), places=4)
    answer = api(cast.coordinator).post(
        f"{API}/requests/", {"group": group.pk, "sessions": [session.pk]}, format="json"
    )
    assert (answer.status_code, answer["Content-Type"]) == (409, "application/problem+json")
    assert answer.data["title"] == "See how it is made: This session has 4 places in all."


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"sessions": []},
        {"sessions": [999999]},
        {"sessions": ["x"]},
        {"sessions": [1, 2, 3, 4]},
        {"sessions": "1"},
        {"sessions": [1], "group": 10**30},
        {"sessions": [1], "places": 0},
        {"sessions": [1], "students": [{}]},
    ],
)
def test_a_request_that_makes_no_sense_is_refused(api, cast, body):
    answer = api(cast.coordinator).post(f"{API}/requests/", body, format="json")
    assert (answer.status_code, PlacementRequest.objects.count()) == (400, 0)


def test_ids_of_another_tenant_do_not_exist(api, cast):
    group, foreign = scenes.group(cast.school), scenes.group(cast.other_school)
    session = scenes.session(scenes.opportunity(cast.employer))
    elsewhere = scenes.session(scenes.opportunity(cast.employer_b))
    school = api(cast.coordinator)
    assert school.get(f"{API}/groups/{foreign.pk}/sessions/").status_code == 404
    assert school.get(f"{API}/groups/{foreign.pk}/students/").status_code == 404
    for body in (
        {"group": foreign.pk, "sessions": [session.pk]},
        {"group": group.pk, "sessions": [elsewhere.pk]},
        {"group": group.pk, "sessions": [session.pk], "students": [foreign.students.first().pk]},
    ):
        assert school.post(f"{API}/requests/", body, format="json").status_code == 400
    assert PlacementRequest.objects.count() == 0


def test_an_employer_knows_nobody_before_it_said_yes(api, cast):
    placement = scenes.placement(cast, state="offered")
    PlacementRequest.objects.update(needs="CANARY needs")
    cast.school.students = placement.students.select_related("student")
    for row in placement.students.select_related("student"):
        row.student.name, row.student.is_priority = f"CANARY {row.student.alias}", True
        row.student.save()
    employer = api(cast.employer_lead)
    before = employer.get(f"{API}/placements/{placement.pk}/")
    assert (ok(before)["students"], "CANARY" in str(before.data), "request" in before.data) == ([], False, False)
    after = ok(employer.post(f"{API}/placements/{placement.pk}/accept/"))
    assert sorted(s["shown"] for s in after["students"]) == [f"CANARY 10A-0{n}" for n in range(1, 7)]
    assert "CANARY needs" not in str(after)
    for path in ("requests", "encounters"):
        assert ok(employer.get(f"{API}/{path}/"))["results"] == []


def test_an_employer_sees_no_placement_that_is_only_held(api, cast):
    placement = scenes.placement(cast, state="held")
    employer = api(cast.employer_lead)
    assert employer.get(f"{API}/placements/{placement.pk}/").status_code == 404
    assert ok(employer.get(f"{API}/placements/"))["results"] == []


VERBS = {
    "offer": {}, "release": {}, "withdraw": {}, "accept": {}, "decline": {"reason": "x"}, "cancel": {"reason": "x"},
    "name-students": {"students": []}, "mark": {"day": "2026-10-20", "present": []}, "complete": {}, "feedback": {},
}  # fmt: skip


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("state", ["held", "offered", "ready"])
def test_strangers_change_no_placement(api, cast, verb, state):
    placement = scenes.placement(cast, state=state)
    before = LogEntry.objects.count()
    for person in (cast.other_coordinator, cast.other_lead, cast.coordinator_b, cast.employer_lead_b, cast.chloe):
        answer = api(person).post(f"{API}/placements/{placement.pk}/{verb}/", VERBS[verb], format="json")
        assert answer.status_code == 404
    for person in (cast.ben, cast.school_member):
        answer = api(person).post(f"{API}/placements/{placement.pk}/{verb}/", VERBS[verb], format="json")
        assert answer.status_code in (403, 409)
    placement.refresh_from_db()
    assert (placement.state, LogEntry.objects.count()) == (state, before)


@pytest.mark.parametrize("verb", ["withdraw", "submit", "hold", "refuse"])
def test_strangers_change_no_request(api, cast, verb):
    session = scenes.session(scenes.opportunity(cast.employer))
    row = scenes.request(cast, session)
    body = {"session": session.pk, "reason": "x"}
    before = LogEntry.objects.count()
    for person, code in ((cast.other_coordinator, 404), (cast.employer_lead, 404), (cast.chloe, 404)):
        assert api(person).post(f"{API}/requests/{row.pk}/{verb}/", body, format="json").status_code in (400, code)
    for person in (cast.ben, cast.school_member):
        assert api(person).post(f"{API}/requests/{row.pk}/{verb}/", body, format="json").status_code in (403, 409)
    row.refresh_from_db()
    assert (row.state, LogEntry.objects.count()) == ("submitted", before)


def test_requests_are_withdrawn_refused_and_sent_again(api, cast):
    session = scenes.session(scenes.opportunity(cast.employer))
    row = scenes.request(cast, session)
    school, desk = api(cast.coordinator), api(cast.amina)
    assert school.post(f"{API}/requests/{row.pk}/refuse/", {"reason": "x"}, format="json").status_code == 403
    assert ok(desk.post(f"{API}/requests/{row.pk}/refuse/", {"reason": "Full"}, format="json"))["state"] == "refused"
    assert ok(school.post(f"{API}/requests/{row.pk}/submit/"))["state"] == "submitted"
    assert ok(school.post(f"{API}/requests/{row.pk}/withdraw/"))["state"] == "withdrawn"
    assert school.post(f"{API}/requests/{row.pk}/withdraw/").status_code == 409


def test_clearances_are_done_waived_and_asked_for(api, cast):
    load_packs()
    kind = scenes.encounter_type(cast.hub, "shadow", tier="T3")
    wanted = scenes.session(scenes.opportunity(cast.employer, kind=kind))
    placement = scenes.placement(cast, state="accepted", wanted=wanted)
    school, desk, employer = api(cast.coordinator), api(cast.amina), api(cast.employer_lead)
    rows = {r["code"]: r for r in ok(school.get(f"{API}/clearances/", {"page_size": 100}))["results"]}

    def one(code: str, verb: str) -> str:
        return f"{API}/clearances/{rows[code]['id']}/{verb}/"

    assert ok(school.post(one("ENG-10", "complete"), {"note": "seen"}, format="json"))["state"] == "done"
    assert ok(school.post(one("ENG-10", "reopen"), {"reason": "wrong form"}, format="json"))["state"] == "open"
    assert school.post(one("ENG-10", "waive"), {"reason": "x"}, format="json").status_code == 403
    assert ok(desk.post(one("ENG-10", "waive"), {"reason": "covered"}, format="json"))["state"] == "waived"
    ok(school.post(one("ENG-09", "ask-parent"), {"address": "p@family.example"}, format="json"))
    assert ok(school.post(one("ENG-09", "remind"))) == {"sent": 0}
    assert ok(school.post(one("ENG-01", "remind"))) == {"sent": 1}
    seen = ok(employer.get(f"{API}/clearances/", {"page_size": 100, "placement": placement.pk}))["results"]
    assert {row["responsible"] for row in seen} == {"host"}
    assert employer.post(one("ENG-09", "complete")).status_code == 404


def test_a_feeds_address_is_in_the_answer_to_its_making_only(api, cast):
    school = api(cast.coordinator)
    made = ok(school.post(f"{API}/feeds/", {"group": scenes.group(cast.school).pk}, format="json"), 201)
    assert made["address"].endswith(".ics")
    assert ["address" in row for row in ok(school.get(f"{API}/feeds/"))["results"]] == [False]
    assert ok(school.post(f"{API}/feeds/{made['id']}/revoke/"))["revoked_at"] is not None
    assert api(cast.other_coordinator).post(f"{API}/feeds/{made['id']}/revoke/").status_code == 404
    foreign = scenes.group(cast.other_school)
    assert school.post(f"{API}/feeds/", {"group": foreign.pk}, format="json").status_code == 400
    assert Feed.objects.count() == 1


def test_a_window_that_makes_no_sense_is_refused(api, cast):
    group = scenes.group(cast.school)
    school = api(cast.coordinator)
    for window in ({"from": "x"}, {"from": "2026-10-02", "to": "2026-10-01"}):
        assert school.get(f"{API}/groups/{group.pk}/sessions/", window).status_code == 400


def test_filters_do_not_say_what_exists_elsewhere(api, cast):
    foreign = scenes.group(cast.other_school)
    school = api(cast.coordinator)
    for pk in (foreign.pk, 999999):
        assert ok(school.get(f"{API}/requests/", {"group": pk}))["results"] == []
        assert ok(school.get(f"{API}/placements/", {"group": pk}))["results"] == []


@pytest.mark.parametrize("rows", [1, 3])
def test_lists_cost_the_same_for_one_and_for_three(api, cast, rows, django_assert_num_queries):
    for n in range(rows):
        wanted = scenes.session(scenes.opportunity(cast.employer), on=scenes.DAY + dt.timedelta(days=n))
        group = scenes.group(cast.school, f"10{n}")
        brokering.hold(scenes.request(cast, wanted, of=group), wanted, by=scenes.desk(cast), now=NOW)
    school = api(cast.coordinator)
    for path, queries in (("requests", 6), ("placements", 5), ("clearances", 3), ("encounters", 3), ("feeds", 3)):
        cast.coordinator.__dict__.pop("live_memberships", None)
        with django_assert_num_queries(queries):
            ok(school.get(f"{API}/{path}/"))
