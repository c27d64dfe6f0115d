"""Rounds, badges, frameworks as files and recommended steps for clients: what the pages do, with their refusals."""

from __future__ import annotations

import datetime as dt
import hashlib

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from employers import assessing, badges, framing, rounds
from employers.models import AssessmentRound, Badge
from hubs.actors import system
from hubs.models import LogEntry
from opportunities.domain import plans
from opportunities.models import ActionPlanTemplate, PlanStep
from tests.cast import NOW, actor
from tests.employers.assessments import confirmed, said_all, sent

ROUNDS, BADGES = "/api/v1/assessment-rounds/", "/api/v1/badges/"
DAY = dt.timedelta(days=1)
#: Of the hub's rounds, those an employer was asked in, the same as its own, and badges.
STATEMENTS = [3, 3, 4, 2]


@pytest.fixture(autouse=True)
def _at_now(monkeypatch):
    monkeypatch.setattr("hubs.middleware.timezone.now", lambda: NOW)


@pytest.fixture
def framework(cast):
    return framing.load_framework(cast.hub, by=system(), now=NOW)


def client(user) -> APIClient:
    made = APIClient()
    made.force_authenticate(user)
    return made


@pytest.fixture
def lead(cast, framework):
    return client(cast.employer_lead)


@pytest.fixture
def staff(cast, framework):
    return client(cast.amina)


@pytest.fixture
def by(cast):
    return actor(cast.employer_lead, cast.hub, cast.employer)


@pytest.fixture
def desk(cast):
    return actor(cast.amina, cast.hub)


def fields(framework, **others) -> dict:
    days = {"opens_on": str(NOW.date()), "closes_on": str(NOW.date() + 30 * DAY)}
    return {"framework": framework.pk, "name": "Autumn", **days, **others}


# ---- Rounds ---------------------------------------------------------------------------


def test_a_round_from_planning_to_its_report(staff, lead, cast, framework, by):
    made = staff.post(ROUNDS, fields(framework), format="json", headers={"Idempotency-Key": "r"})
    again = staff.post(ROUNDS, fields(framework), format="json", headers={"Idempotency-Key": "r"})
    assert (made.status_code, made.json()["state"], again.json()) == (201, "planned", made.json())
    one = f"{ROUNDS}{made.json()['id']}/"
    assert [lead.get(one).status_code, lead.get(ROUNDS).json()["results"]] == [404, []]  # not asked yet
    assert staff.patch(one, {"name": "Late autumn"}, format="json").json()["name"] == "Late autumn"
    assert staff.post(f"{one}open/").json()["state"] == "open"
    assert staff.patch(one, {"sizes": ["large"]}, format="json").status_code == 409
    shown = lead.get(one).json()
    assert (shown["name"], "report" in shown) == ("Late autumn", False)
    (mine,) = lead.get(f"{ROUNDS}mine/").json()
    assert (mine["round"]["id"], mine["answered"], mine["assessment"]) == (shown["id"], False, None)
    row = sent(cast.employer, by)
    (mine,) = lead.get(f"{ROUNDS}mine/").json()
    assert (mine["answered"], mine["assessment"]) == (True, row.pk)
    closed = staff.post(f"{one}close/").json()
    assert (closed["state"], closed["report"]["answered"]) == ("closed", 1)


def test_a_planned_round_is_called_off_and_an_open_one_is_not(staff, framework):
    one = f"{ROUNDS}{staff.post(ROUNDS, fields(framework), format='json').json()['id']}/"
    two = f"{ROUNDS}{staff.post(ROUNDS, fields(framework, name='Spring'), format='json').json()['id']}/"
    staff.post(f"{two}open/")
    assert staff.post(f"{one}call-off/").json()["state"] == "closed"
    assert [staff.post(f"{two}call-off/").status_code, staff.post(f"{one}open/").status_code] == [409, 409]


@pytest.mark.parametrize(
    ("wrong", "status"),
    [({"sizes": ["huge"]}, 400), ({"closes_on": "2020-01-01"}, 409), ({"framework": 0}, 400), ({"name": ""}, 400)],
)
def test_a_round_nobody_could_answer_is_refused(staff, framework, wrong, status):
    assert staff.post(ROUNDS, fields(framework) | wrong, format="json").status_code == status
    assert not AssessmentRound.objects.exists()


def test_employers_plan_no_rounds_and_do_nothing_to_those_they_are_asked_in(lead, cast, framework, desk):
    assert lead.post(ROUNDS, fields(framework), format="json").status_code == 403
    dates = {"opens_on": NOW.date(), "closes_on": NOW.date() + 30 * DAY, "sectors": []}
    row = rounds.plan_round(cast.hub, {"framework": framework, "name": "Autumn", **dates}, by=desk, now=NOW)
    rounds.open_round(row, by=desk, now=NOW)
    one = f"{ROUNDS}{row.pk}/"
    assert [
        lead.patch(one, {"name": "Ours"}, format="json").status_code,
        lead.post(f"{one}close/").status_code,
        lead.post(f"{one}call-off/").status_code,
        client(cast.coordinator).get(one).status_code,
        client(cast.chloe).get(one).status_code,
    ] == [403, 403, 403, 404, 404]


def test_lists_take_the_same_statements_for_one_and_three(staff, lead, cast, framework, desk, by):
    costs = []
    for number in (1, 2, 3):
        dates = {"opens_on": NOW.date(), "closes_on": NOW.date() + 30 * DAY, "sectors": []}
        row = rounds.plan_round(cast.hub, {"framework": framework, "name": str(number), **dates}, by=desk, now=NOW)
        rounds.open_round(row, by=desk, now=NOW)
        assessed = confirmed(cast.employer, by, desk)
        badges.issue(assessed, by=by, now=NOW)
        if number != 2:
            costs.append([statements(who, url) for who, url in
                          ((staff, ROUNDS), (lead, ROUNDS), (lead, f"{ROUNDS}mine/"), (lead, BADGES))])  # fmt: skip
    assert costs == [STATEMENTS, STATEMENTS]


def statements(who: APIClient, url: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert who.get(url).status_code == 200
    return len(queries)


# ---- Badges ---------------------------------------------------------------------------


def test_a_badge_is_shown_once_whatever_is_sent_twice_and_taken_back(lead, cast, by, desk):
    row = confirmed(cast.employer, by, desk)
    key = {"Idempotency-Key": "b"}
    made = lead.post(BADGES, {"assessment": row.pk}, format="json", headers=key)
    again = lead.post(BADGES, {"assessment": row.pk}, format="json", headers=key)
    shown = made.json()
    assert (made.status_code, shown["standing"], again.json()) == (201, "valid", shown)
    badge = Badge.objects.get()
    assert (shown["address"], shown["credential"]) == (badges.address_of(badge), badge.credential)
    taken = lead.post(f"{BADGES}{badge.pk}/withdraw/")
    assert (taken.status_code, taken.json()["standing"]) == (200, "withdrawn")
    assert lead.post(f"{BADGES}{badge.pk}/withdraw/").status_code == 409


def test_a_badge_says_when_its_answers_were_corrected(lead, cast, by, desk):
    row = confirmed(cast.employer, by, desk)
    badges.issue(row, by=by, now=NOW)
    copy = assessing.correct(row, by=by, now=NOW)
    assessing.save_answers(copy, said_all(copy, 3), by=by, now=NOW)
    assessing.submit(copy, by=by, now=NOW)
    assert [one["standing"] for one in lead.get(BADGES).json()["results"]] == ["replaced"]


def test_only_a_lead_shows_only_what_the_hub_has_confirmed(lead, staff, cast, by, desk):
    row = sent(cast.employer, by)
    assert lead.post(BADGES, {"assessment": row.pk}, format="json").status_code == 409
    assessing.confirm(row, by=desk, now=NOW)
    asked = [client(cast.employer_member), staff, client(cast.other_lead)]
    assert [one.post(BADGES, {"assessment": row.pk}, format="json").status_code for one in asked] == [403, 403, 400]
    assert not Badge.objects.exists()
    badge = badges.issue(row, by=by, now=NOW)
    assert client(cast.other_lead).post(f"{BADGES}{badge.pk}/withdraw/").status_code == 404
    assert staff.post(f"{BADGES}{badge.pk}/withdraw/").status_code == 200  # the hub may


# ---- Frameworks and steps ---------------------------------------------------------------


def test_a_framework_is_exported_as_it_was_sealed_and_another_hub_imports_it(lead, cast, framework):
    answer = lead.get(f"/api/v1/standards-frameworks/{framework.pk}/export/")
    assert hashlib.sha256(answer.content).hexdigest() == framework.sealed_sha256
    taken = framing.import_framework(cast.hub_b, answer.content.decode(), by=system(cast.hub_b.pk), now=NOW)
    assert framing.exported(taken) == answer.content.decode()


def test_a_draft_is_exported_to_nobody(staff, framework, desk):
    draft = framing.new_version(framework, "2099.1", by=desk, now=NOW)
    assert staff.get(f"/api/v1/standards-frameworks/{draft.pk}/export/").status_code == 404


def test_a_recommended_step_goes_on_the_plan_once(lead, cast, by):
    row = sent(cast.employer, by, 2, A1_1=0)
    url = f"/api/v1/self-assessments/{row.pk}/"
    first = lead.get(f"{url}result/").json()["next_steps"][0]
    asked = {"standard": first["standard"], "number": first["number"]}
    told = lead.post(f"{url}plan-step/", asked, format="json")
    assert (told.status_code, told.json()["code"]) == (409, "no_plan")
    template = ActionPlanTemplate.objects.create(hub=cast.hub, name="A year", state="published")
    plan = plans.adopt(template, cast.employer, by=by, now=NOW)
    key = {"Idempotency-Key": "s"}
    made = lead.post(f"{url}plan-step/", asked, format="json", headers=key)
    again = lead.post(f"{url}plan-step/", asked, format="json", headers=key)
    assert (made.status_code, made.json()["plan"], made.json()["title"]) == (201, plan.pk, first["title"])
    assert (again.json(), PlanStep.objects.count()) == (made.json(), 1)
    told = lead.post(f"{url}plan-step/", asked, format="json")
    assert (told.status_code, told.json()["code"]) == (409, "planned_already")
    assert lead.get(f"{url}result/").json()["next_steps"][0]["planned"] is True
    unknown = lead.post(f"{url}plan-step/", {"standard": "A1", "number": 99}, format="json")
    assert (unknown.status_code, unknown.json()["code"]) == (409, "unknown_step")
    assert client(cast.other_lead).post(f"{url}plan-step/", asked, format="json").status_code == 404
    assert LogEntry.objects.get(subject_type="opportunities.planstep").via == "api"
