"""Rows named in a body or a query instead of the address: another's changes and shows nothing.

Each call is first made with one's own rows, and must then do something; otherwise its refusal
with another's would prove nothing.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.cache import cache

from hubs.api import ACTING_HEADER
from tests.isolation.personas import PERSONAS, PUBLIC
from tests.isolation.walker import Answer, Walker, fingerprint, undone, writes

pytestmark = pytest.mark.django_db

PROTECTED = {"name": "Mocks", "hardness": "blocked", "starts_on": "2026-11-02", "ends_on": "2026-11-03"}
OFFER = {"title": "A day with us", "summary": "What we do.", "min_age": 14, "max_age": 16}


@dataclass(frozen=True)
class Carried:
    """`<kind>` in the path, the query or a value stands for a row; `given` names the one that is swapped."""

    who: str
    path: str
    swapped: str
    body: dict[str, Any] = field(default_factory=dict)
    side: str = ""
    strangers: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.who} {self.path} {self.swapped}"


def school(path: str, swapped: str, body: dict[str, Any], who: str = "coordinator") -> Carried:
    return Carried(who, path, swapped, body, "school", ("northgate", "tarn"))


def employer(path: str, swapped: str, body: dict[str, Any], who: str = "employer_lead") -> Carried:
    return Carried(who, path, swapped, body, "employer", ("saffron", "fellside"))


#: A session of the same hub is nobody's secret; one of the other hub is.
FAR = ("fellside",)
REQUEST = {"sessions": ["<session>"], "group": "<group>", "places": 4}
CALLS = (
    school("/switch/", "school", {"organisation": "<school>"}),
    employer("/switch/", "employer", {"organisation": "<employer>"}),
    school("/school/requests/new/?session=<session>&group=<group>", "group", {"who": "some", "places": 2}),
    Carried("coordinator", "/school/requests/new/?session=<session>&group=<group>", "session",
            {"who": "some", "places": 2}, "school", FAR),
    school("/school/placements/<placement>/students/", "student", {"students": ["<student>"]}),
    school("/school/feeds/", "group", {"what": "group-<group>"}),
    employer("/employer/feeds/", "site", {"what": "site-<site>"}),
    school("/school/calendar/protected/new/", "group", {**PROTECTED, "groups": ["<group>"]}),
    school("/school/calendar/protected/new/", "year", {**PROTECTED, "year_groups": ["<year>"]}),
    Carried("employer_lead", "/employer/opportunities/new/", "encounter_type",
            {**OFFER, "encounter_type": "<encounter_type>"}, "employer", FAR),
    employer("/employer/opportunities/new/?step=<plan_step>", "plan_step",
             {**OFFER, "encounter_type": "<encounter_type>"}),
    employer("/employer/opportunities/<draft>/practical/", "site", {"place": "site-<site>"}),
    employer("/employer/organisation/documents/new/", "site", {"kind": "other", "reference": "P 1", "site": "<site>"}),
    Carried("amina", "/admin/desk/<open_request>/hold/", "session", {"session": "<session>", "places": 1}, "", FAR),
    school("/api/v1/requests/", "group", REQUEST),
    school("/api/v1/requests/", "group", REQUEST, who="amina"),
    Carried("coordinator", "/api/v1/requests/", "session", REQUEST, "school", FAR),
    school("/api/v1/requests/", "student", {"sessions": ["<session>"], "students": ["<student>"]}),
    school("/api/v1/requests/", "student", {"sessions": ["<session>"], "students": ["<student>"]}, who="amina"),
    school("/api/v1/placements/<placement>/name-students/", "student", {"students": ["<student>"]}),
    school("/api/v1/placements/<placement>/name-students/", "student", {"students": ["<student>"]}, who="amina"),
    school("/api/v1/protected-periods/", "group", {**PROTECTED, "groups": ["<group>"]}),
    school("/api/v1/protected-periods/", "group", {**PROTECTED, "groups": ["<group>"]}, who="amina"),
    school("/api/v1/protected-periods/", "year", {**PROTECTED, "year_groups": ["<year>"]}),
    school("/api/v1/event-rules/", "bell", {"words": "Founders", "kind": "short_day", "bell": "<bell>"}),
    school("/api/v1/release-rules/", "group", {"group": "<group>", "weekdays": [1]}),
    school("/api/v1/release-rules/", "group", {"group": "<group>", "weekdays": [1]}, who="amina"),
    school("/api/v1/release-rules/", "year", {"year_group": "<year>", "weekdays": [1]}),
    school("/api/v1/feeds/", "group", {"group": "<group>"}),
    school("/api/v1/feeds/", "group", {"group": "<group>"}, who="amina"),
    employer("/api/v1/feeds/", "site", {"site": "<site>"}),
    employer("/api/v1/opportunities/", "site", {**OFFER, "encounter_type": "<encounter_type>", "site": "<site>"}),
    employer("/api/v1/opportunities/", "site", {**OFFER, "encounter_type": "<encounter_type>", "site": "<site>"},
             who="amina"),
    employer("/api/v1/opportunities/", "plan_step",
             {**OFFER, "encounter_type": "<encounter_type>", "plan_step": "<plan_step>"}),
    employer("/api/v1/opportunities/", "plan_step",
             {**OFFER, "encounter_type": "<encounter_type>", "plan_step": "<plan_step>"}, who="amina"),
    employer("/api/v1/plan-steps/", "plan", {"plan": "<plan>", "title": "Tea", "due_on": "2026-12-01"}),
    employer("/api/v1/sessions/", "draft",
             {"opportunity": "<draft>", "places": 3, "anyway": True,
              "days": [{"on": "2026-12-01", "starts_at": "09:00", "ends_at": "12:00"}]}),
    employer("/api/v1/documents/", "site", {"kind": "other", "reference": "P 1", "site": "<site>"}),
    employer("/api/v1/documents/", "site", {"kind": "other", "reference": "P 1", "site": "<site>"}, who="amina"),
    Carried("amina", "/api/v1/requests/<open_request>/hold/", "session", {"session": "<session>"}, "", FAR),
)  # fmt: skip


@pytest.mark.parametrize("call", CALLS, ids=str)
def test_another_s_row_in_a_body_changes_and_shows_nothing(world, call):
    walker = Walker(next(one for one in PERSONAS if one.name == call.who), world)
    own = {**world.rows["harbour"], **world.rows["brightwater"], **world.rows["quayside"]}
    mine = send(walker, call, own)
    assert mine.status < 400, f"with one's own rows it answers {mine.status}: {mine.text[:400]}"
    assert mine.written or call.path == "/switch/", f"with one's own rows it changes nothing: {mine.text[:400]}"
    for stranger in call.strangers:
        theirs = {**world.rows[world.hub_of(stranger)], **world.rows[stranger]}
        answer = send(walker, call, own | {call.swapped: theirs[call.swapped]})
        assert (stranger, answer.changed) == (stranger, False), f"{answer.status} {sorted(answer.written)}"
        assert answer.canaries - PUBLIC - walker.persona.reads == set()
        if call.path == "/switch/":
            assert answer.status == 404


def test_the_header_of_the_api_names_no_stranger(world):
    walker = Walker(next(one for one in PERSONAS if one.name == "coordinator"), world)
    for stranger in ("northgate", "brightwater", "tarn", "fellside"):
        with undone():
            headers = {ACTING_HEADER: str(world.organisations[stranger].pk)}
            body = {"group": world.rows["quayside"]["group"]}
            response = walker.client.post("/api/v1/feeds/", body, content_type="application/json", headers=headers)
            assert (stranger, response.status_code) == (stranger, 404)


def send(walker: Walker, call: Carried, rows: dict[str, Any]) -> Answer:
    cache.clear()
    walker.client.cookies = walker.cookies_for(call.side)
    path = _filled(call.path, rows)
    body = _filled(call.body, rows)
    extra: dict[str, Any] = {"data": urlencode(body, doseq=True), "content_type": "application/x-www-form-urlencoded"}
    if path.startswith("/api/"):
        extra = {"data": json.dumps(body), "content_type": "application/json"}
        if walker.persona.is_staff and call.side:
            extra["headers"] = {ACTING_HEADER: str(rows[call.side])}
    with undone(), writes() as written:
        response = walker.client.generic("POST", path, **extra)
        answer = Answer(response, written)
        answer.changed = bool(written) and fingerprint() != walker.before
        answer.text = response.content.decode()
    return answer


def _filled(value: Any, rows: dict[str, Any]) -> Any:
    if isinstance(value, dict):
        return {name: _filled(one, rows) for name, one in value.items()}
    if isinstance(value, list):
        return [_filled(one, rows) for one in value]
    if not isinstance(value, str):
        return value
    for kind, row in rows.items():
        if value == f"<{kind}>":
            return row
        value = value.replace(f"<{kind}>", str(row))
    return value
