"""The same verbs for a client: scope, idempotency, refusals as problems."""

import datetime as dt

import pytest
from rest_framework.test import APIClient

from employers.models import Site
from opportunities.domain import plans
from opportunities.models import ActionPlan, ActionPlanTemplate, Opportunity, Session, TemplateStep
from schools.models import Closure
from tests import scenes
from tests.cast import NOW
from tests.opportunities.making import DAY, draft, in_state, kind, lead, published, session, site

pytestmark = pytest.mark.urls("tests.opportunities.api_urls")


@pytest.fixture(autouse=True)
def _at_now(monkeypatch, now):
    monkeypatch.setattr("hubs.middleware.timezone.now", lambda: now)


@pytest.fixture
def call(cast):
    """call(person, method, path, body, **headers) -> response"""

    def inner(person, method, path, body=None, **headers):
        client = APIClient()
        client.force_authenticate(person)
        client.force_login(person)
        return getattr(client, method)(f"/test-api/{path}", body, format="json", headers=headers)

    return inner


DAYS = [{"on": "2026-10-13", "starts_at": "09:00", "ends_at": "15:00"}]


def test_a_client_does_the_whole_road(cast, call):
    place = call(cast.employer_lead, "post", "sites/", {"name": "Dock workshop"}).json()["id"]
    body = {
        "encounter_type": kind(cast.hub).pk, "title": "Behind the scenes", "summary": "See it made.", "site": place,
        "supervisor": "The workshop lead",
    }  # fmt: skip
    made = call(cast.employer_lead, "post", "opportunities/", body)
    assert (made.status_code, made.json()["state"]) == (201, "draft")
    pk = made.json()["id"]
    early = call(cast.employer_lead, "post", f"opportunities/{pk}/submit/")
    assert (early.status_code, early.json()["code"]) == (409, "not_ready")
    added = call(cast.employer_lead, "post", "sessions/", {"opportunity": pk, "days": DAYS, "places": 9, "times": 2})
    assert (added.status_code, [row["places"] for row in added.json()]) == (201, [9, 9])
    assert call(cast.employer_lead, "post", f"opportunities/{pk}/submit/").json()["state"] == "submitted"
    assert call(cast.employer_lead, "post", f"opportunities/{pk}/approve/").status_code == 403
    back = call(cast.amina, "post", f"opportunities/{pk}/send-back/", {"comment": "What to wear?"})
    assert (back.json()["state"], back.json()["comment"]) == ("draft", "What to wear?")
    changed = call(cast.employer_lead, "patch", f"opportunities/{pk}/", {"clothing": "Boots"})
    assert changed.json()["clothing"] == "Boots"
    call(cast.employer_lead, "post", f"opportunities/{pk}/submit/")
    assert call(cast.amina, "post", f"opportunities/{pk}/approve/").json()["state"] == "published"
    one = added.json()[1]["id"]
    assert call(cast.employer_lead, "post", f"sessions/{one}/places/", {"places": 4}).json()["places"] == 4
    assert call(cast.employer_lead, "post", f"sessions/{one}/cancel/", {"reason": "x"}).json()["state"] == "cancelled"
    for verb, body, state in (
        ("pause", {}, "paused"), ("resume", {}, "published"), ("withdraw", {"reason": "Moving"}, "withdrawn"),
    ):  # fmt: skip
        assert call(cast.employer_lead, "post", f"opportunities/{pk}/{verb}/", body).json()["state"] == state


def test_a_client_that_says_what_it_read_overwrites_nobody(cast, call):
    one = session(published(cast), cast, on=DAY + dt.timedelta(days=1), places=9)
    url = f"sessions/{one.pk}/places/"
    assert call(cast.employer_lead, "post", url, {"places": 4, "places_seen": 9}).json()["places"] == 4
    late = call(cast.employer_lead, "post", url, {"places": 8, "places_seen": 9})
    assert (late.status_code, late.json()["code"], late.json()["places"]) == (409, "stale", 4)


def test_creating_twice_with_one_key_creates_once(cast, call):
    row = draft(cast)
    body = {"opportunity": row.pk, "days": DAYS, "places": 9}
    first = call(cast.employer_lead, "post", "sessions/", body, **{"Idempotency-Key": "k1"})
    second = call(cast.employer_lead, "post", "sessions/", body, **{"Idempotency-Key": "k1"})
    other = call(cast.employer_lead, "post", "sessions/", body | {"places": 8}, **{"Idempotency-Key": "k1"})
    assert (first.status_code, second.status_code, second.json()) == (201, 201, first.json())
    assert (other.status_code, Session.objects.count()) == (422, 1)


def test_a_series_of_a_client_skips_what_the_pages_skip(cast, call):
    scenes.group(cast.school)
    Closure.objects.create(
        hub=cast.hub, school=cast.school, name="Half term", starts_on="2026-10-19", ends_on="2026-10-23"
    )
    body = {"opportunity": draft(cast).pk, "days": DAYS, "places": 9, "times": 3}
    made = call(cast.employer_lead, "post", "sessions/", body).json()
    assert [row["days"][0]["on"] for row in made] == ["2026-10-13", "2026-10-27", "2026-11-03"]


def test_a_client_says_how_large_a_group_may_be(cast, call):
    body = {"opportunity": draft(cast).pk, "days": DAYS, "places": 9, "group_min": 2, "group_max": 5}
    assert [row["group_max"] for row in call(cast.employer_lead, "post", "sessions/", body).json()] == [5]
    refused = call(cast.employer_lead, "post", "sessions/", body | {"group_max": 1})
    assert (refused.status_code, Session.objects.count()) == (409, 1)
    assert "cannot be smaller" in refused.content.decode()


def test_a_stale_change_is_refused(cast, call):
    row = in_state(cast, "draft")
    old = row.updated_at - dt.timedelta(seconds=1)
    answer = call(
        cast.employer_lead, "patch", f"opportunities/{row.pk}/", {"title": "Mine", "seen_at": old.isoformat()}
    )
    row.refresh_from_db()
    assert (answer.status_code, answer.json()["code"], row.title) == (409, "stale", "Behind the scenes")


def test_state_and_comment_are_read_only(cast, call):
    row = in_state(cast, "draft")
    call(cast.employer_lead, "patch", f"opportunities/{row.pk}/", {"state": "published", "comment": "Mine"})
    row.refresh_from_db()
    assert (row.state, row.comment) == ("draft", "")


def test_plans_are_adopted_and_their_steps_moved(cast, call):
    template = ActionPlanTemplate.objects.create(hub=cast.hub, name="A year", state="published")
    for week in (5, 8, 9):
        TemplateStep.objects.create(template=template, title=f"Week {week}", week=week)
    made = call(cast.employer_lead, "post", f"templates/{template.pk}/adopt/")
    assert made.status_code == 201
    one, two, three = (row["id"] for row in made.json()["steps"])
    again = call(cast.employer_lead, "post", f"templates/{template.pk}/adopt/")
    assert (again.status_code, again.json()["code"]) == (409, "already_adopted")
    assert call(cast.employer_lead, "post", f"plan-steps/{one}/complete/").json()["state"] == "done"
    assert call(cast.employer_lead, "post", f"plan-steps/{two}/skip/", {"reason": "Busy"}).json()["state"] == "skipped"
    moved = call(cast.employer_lead, "post", f"plan-steps/{three}/move/", {"due_on": "2026-12-01"})
    assert moved.json()["due_on"] == "2026-12-01"
    new = {"plan": made.json()["id"], "title": "Tea", "due_on": "2026-12-02"}
    assert call(cast.employer_lead, "post", "plan-steps/", new).status_code == 201
    early = call(cast.employer_lead, "post", f"plans/{made.json()['id']}/complete/")
    assert early.status_code == 409


def paths(cast):
    row = in_state(cast, "draft")
    template = ActionPlanTemplate.objects.create(hub=cast.hub, name="A year", state="published")
    TemplateStep.objects.create(template=template, title="One", week=5)
    plan = plans.adopt(template, cast.employer, by=lead(cast), now=NOW)
    step, one = plan.steps.get(), row.sessions.get()
    return [
        ("get", f"opportunities/{row.pk}/"), ("patch", f"opportunities/{row.pk}/"),
        *(("post", f"opportunities/{row.pk}/{verb}/") for verb in (
            "submit", "approve", "send-back", "take-back", "pause", "resume", "withdraw", "confirm")),
        ("get", f"sessions/{one.pk}/"), ("post", f"sessions/{one.pk}/places/"), ("post", f"sessions/{one.pk}/cancel/"),
        ("get", f"plans/{plan.pk}/"), ("post", f"plans/{plan.pk}/complete/"), ("post", f"plans/{plan.pk}/abandon/"),
        ("get", f"plan-steps/{step.pk}/"), ("post", f"plan-steps/{step.pk}/complete/"),
        ("get", f"sites/{row.site_id}/"), ("patch", f"sites/{row.site_id}/"),
        ("get", f"employers/{cast.employer.pk}/"), ("patch", f"employers/{cast.employer.pk}/"),
    ]  # fmt: skip


@pytest.mark.parametrize("persona", ["other_lead", "coordinator", "employer_lead_b", "chloe"])
def test_strangers_get_404_and_change_nothing(cast, call, persona):
    found = paths(cast)

    def snapshot():
        return [list(model.objects.order_by("pk").values()) for model in (Opportunity, Session, ActionPlan, Site)]

    before = snapshot()
    body = {"reason": "x", "comment": "x", "places": 3, "title": "x", "name": "x"}
    answers = {path: call(getattr(cast, persona), method, path, body).status_code for method, path in found}
    assert set(answers.values()) == {404}, answers
    assert snapshot() == before


def test_a_viewer_of_the_hub_reads_and_gets_403(cast, call):
    body = {"reason": "x", "comment": "x", "places": 3, "title": "x", "name": "x"}
    answers = {
        (method, call(cast.ben, method, path, body).status_code)
        for method, path in paths(cast)
        if not path.endswith(("resume/", "abandon/", "take-back/"))
    }
    # A move that no longer starts from this state is 409 for everybody.
    assert answers - {("post", 409)} == {("get", 200), ("patch", 403), ("post", 403)}


def test_what_belongs_to_others_does_not_exist_in_a_body(cast, call):
    theirs = Site.objects.create(hub=cast.hub, employer=cast.other_employer, name="Bakehouse")
    body = {"encounter_type": kind(cast.hub_b).pk, "title": "x", "summary": "x", "site": theirs.pk}
    answer = call(cast.employer_lead, "post", "opportunities/", body)
    assert (answer.status_code, sorted(answer.json()["errors"])) == (400, ["encounter_type", "site"])


def test_schools_see_published_ones_without_what_is_internal(cast, call):
    row = published(cast)
    draft(cast)
    page = call(cast.coordinator, "get", "opportunities/").json()["results"]
    assert [one["id"] for one in page] == [row.pk]
    assert {"comment", "plan_step", "submitted_at", "paused_until", "supervisor", "stand_in"} & set(page[0]) == set()
    assert "comment" in call(cast.employer_lead, "get", f"opportunities/{row.pk}/").json()
    assert call(cast.coordinator, "patch", f"opportunities/{row.pk}/", {"title": "Ours"}).status_code == 403


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(
    ("path", "statements"), [("opportunities/", 5), ("sessions/", 4), ("plans/", 4), ("sites/", 3)]
)
def test_lists_take_the_same_statements(cast, call, rows, path, statements, django_assert_num_queries):
    row = published(cast)
    for number in range(1, rows):
        published(cast, site=site(cast, f"Site {number}"))
    for number in range(rows):
        template = ActionPlanTemplate.objects.create(hub=cast.hub, name=f"Year {number}", state="published")
        TemplateStep.objects.create(template=template, title="One", week=5)
        plans.adopt(template, cast.employer, by=lead(cast), now=NOW)
    assert row.pk
    client = APIClient()
    client.force_authenticate(cast.employer_lead)
    client.get(f"/test-api/{path}")
    cast.employer_lead.__dict__.pop("live_memberships", None)
    with django_assert_num_queries(statements):
        assert len(client.get(f"/test-api/{path}").json()["results"]) == rows


def test_session_days_are_checked_with_a_sentence(cast, call):
    pk = draft(cast).pk
    body = {"opportunity": pk, "days": [DAYS[0] | {"on": "2026-01-13"}], "places": 9}
    answer = call(cast.employer_lead, "post", "sessions/", body)
    assert answer.json()["title"] == "Tue 13 January 2026 has passed. Choose a day that lies ahead."
    assert session(Opportunity.objects.get(pk=pk), cast).places == 12


def test_a_client_confirms_a_public_holiday(cast, call):
    pk = draft(cast).pk
    body = {"opportunity": pk, "days": [DAYS[0] | {"on": "2026-12-25"}], "places": 9}
    answer = call(cast.employer_lead, "post", "sessions/", body)
    assert (answer.status_code, answer.json()["code"], answer.json()["days"]) == (409, "nobody_comes", ["2026-12-25"])
    assert "is a public holiday: Christmas Day." in answer.json()["title"]
    assert call(cast.employer_lead, "post", "sessions/", body | {"anyway": True}).status_code == 201
