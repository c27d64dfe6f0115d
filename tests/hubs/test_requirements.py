"""What a hub decides about rules: confirmed, tightened, relaxed where it is no law, added."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from cms.domain import open_site
from hubs.actors import system
from hubs.domain import requirements
from hubs.domain.requirements import CannotDecide
from hubs.domain.staff import sync_staff
from hubs.errors import CannotAct
from hubs.models import HubRequirement, LogEntry, Requirement
from hubs.rulepacks import load_packs
from placements.models import Clearance
from tests import scenes
from tests.cast import NOW, actor

WHY = "Agreed with the heads of all schools."


@pytest.fixture
def packs(cast):
    load_packs()
    cast.hub.jurisdiction = cast.hub_b.jurisdiction = "GB-ENG"
    cast.hub.save()
    cast.hub_b.save()


def lead(cast):
    return actor(cast.amina, cast.hub)


def rule(code: str) -> Requirement:
    return Requirement.objects.get(code=code)


def own(cast, **fields) -> Requirement:
    given = {
        "title": "Visitors' badge", "text": "Confirm that badges are ready.", "tiers": ["T3"], "kind": "ack",
        "blocks": "start", "responsible": "host", "source": "Our board, 2026", "valid_from": NOW.date(),
    }  # fmt: skip
    return requirements.add_rule(cast.hub, given | fields, by=lead(cast), now=NOW)


def decided(cast, code: str, blocks: str, reason: str = WHY) -> HubRequirement:
    fields = {"requirement": rule(code), "blocks": blocks, "reason": reason}
    return requirements.decide(cast.hub, fields, by=lead(cast), now=NOW)


def test_a_rule_nobody_verified_blocks_once_the_hub_confirms_it(cast, packs):
    row = decided(cast, "ENG-12", "start")
    assert (row.confirmed_by, LogEntry.objects.about(row).get().facts["rule"]) == (cast.amina, "ENG-12")
    kind = scenes.encounter_type(cast.hub, "stage", tier="T3")
    placed = scenes.placement(
        cast, state="accepted", wanted=scenes.session(scenes.opportunity(cast.employer, kind=kind))
    )
    assert Clearance.objects.get(placement=placed, requirement=rule("ENG-12")).blocks == "start"
    requirements.change_decision(row, {"blocks": "none", "reason": "Not yet."}, by=lead(cast), now=NOW)
    row.refresh_from_db()
    assert (row.blocks, row.reason) == ("none", "Not yet.")
    # What was asked for already keeps the rule of its day.
    assert Clearance.objects.get(placement=placed, requirement=rule("ENG-12")).blocks == "start"


def test_the_law_is_never_relaxed_and_advice_is(cast, packs):
    with pytest.raises(CannotDecide, match="This is the law"):
        decided(cast, "ENG-01", "none")
    assert decided(cast, "ENG-01", "confirm").blocks == "confirm"  # stricter is the hub's to say
    advice = decided(cast, "ENG-10", "none")
    assert advice.blocks == "none"
    with pytest.raises(CannotDecide, match="decided about this rule already"):
        decided(cast, "ENG-10", "start")
    with pytest.raises(CannotDecide, match="Say why"):
        requirements.change_decision(advice, {"reason": " "}, by=lead(cast), now=NOW)
    law = HubRequirement.objects.get(requirement=rule("ENG-01"))
    with pytest.raises(CannotDecide, match="This is the law"):
        requirements.change_decision(law, {"blocks": "none"}, by=lead(cast), now=NOW)


def test_only_a_lead_decides_and_only_about_rules_of_the_hub(cast, packs):
    with pytest.raises(CannotDecide, match="not one of yours"):
        decided(cast, "FR-01", "start")
    for who in (
        actor(cast.ben, cast.hub),
        actor(cast.chloe, cast.hub_b),
        actor(cast.coordinator, cast.hub, cast.school),
    ):
        with pytest.raises(CannotAct):
            requirements.decide(
                cast.hub, {"requirement": rule("ENG-10"), "blocks": "none", "reason": WHY}, by=who, now=NOW
            )
    assert not HubRequirement.objects.exists()


def test_nothing_is_promised_before_publishing_that_nobody_looks_at_then(cast, packs):
    with pytest.raises(CannotDecide, match="Only limits on hours"):
        decided(cast, "ENG-01", "publish")
    kind = scenes.encounter_type(cast.hub, "stage", tier="T3")
    wanted = scenes.session(scenes.opportunity(cast.employer, kind=kind))
    placed = scenes.placement(cast, state="accepted", wanted=wanted)
    Clearance.objects.filter(placement=placed, requirement=rule("ENG-01")).update(blocks="publish", state="open")
    assert Clearance.objects.filter(placement=placed).blocking().filter(requirement=rule("ENG-01")).exists()


def test_a_rule_of_the_hub_holds_there_alone_and_ends(cast, packs):
    made = own(cast)
    assert made in Requirement.objects.of_hub(cast.hub).on(NOW.date())
    assert made not in Requirement.objects.of_hub(cast.hub_b)
    assert made not in Requirement.objects.in_force("GB-ENG", NOW.date())
    kind = scenes.encounter_type(cast.hub, "stage", tier="T3")
    placed = scenes.placement(
        cast, state="accepted", wanted=scenes.session(scenes.opportunity(cast.employer, kind=kind))
    )
    assert Clearance.objects.get(placement=placed, requirement=made).blocks == "start"
    with pytest.raises(CannotDecide, match="keeps its words"):
        requirements.end_rule(made, {"text": "Other"}, by=lead(cast), now=NOW)
    with pytest.raises(CannotDecide, match="ships with the product"):
        requirements.end_rule(rule("ENG-10"), {"valid_to": NOW.date()}, by=lead(cast), now=NOW)
    requirements.end_rule(made, {"valid_to": NOW.date()}, by=lead(cast), now=NOW)
    assert made not in Requirement.objects.of_hub(cast.hub).on(NOW.date() + dt.timedelta(days=1))
    requirements.end_rule(made, {}, by=lead(cast), now=NOW)  # saved with nothing changed
    made.refresh_from_db()
    assert (made.valid_to, own(cast).code != made.code) == (NOW.date(), True)


def test_what_makes_no_rule_is_refused_with_a_reason(cast, packs):
    for fields, words in (
        ({"kind": "consent"}, "papers and confirmations"),
        ({"responsible": "parent"}, "papers and confirmations"),
        ({"tiers": []}, "for which encounters"),
        ({"blocks": "publish"}, "Only limits on hours"),
        ({"valid_from": NOW.date() - dt.timedelta(days=1)}, "from today"),
        ({"valid_to": NOW.date() - dt.timedelta(days=1)}, "from today"),
    ):
        with pytest.raises(CannotDecide, match=words):
            own(cast, **fields)


def test_the_screens_decide_add_and_show_nothing_of_other_hubs(client, cast, packs, monkeypatch):
    monkeypatch.setattr("hubs.middleware.timezone.now", lambda: NOW)
    open_site(cast.hub, by=system(), now=NOW)
    sync_staff(cast.hub)
    theirs = Requirement.objects.create(
        hub=cast.hub_b, jurisdiction="GB-ENG", code="HUB-B-1", title="CANARY of the Fells", text="x", tiers=["T3"],
        kind="ack", blocks="start", responsible="host", is_legal=False, verified=True, valid_from=NOW.date(),
    )  # fmt: skip
    client.force_login(cast.amina)
    form = client.get(reverse("decisions:add"))
    assert form.status_code == 200
    assert "CANARY" not in form.content.decode()
    assert "FR-01" not in form.content.decode()
    sent = {"requirement": rule("ENG-01").pk, "blocks": "none", "reason": WHY}
    assert "This is the law" in client.post(reverse("decisions:add"), sent).content.decode()
    assert client.post(reverse("decisions:add"), sent | {"requirement": rule("ENG-10").pk}).status_code == 302
    row = HubRequirement.objects.get()
    assert WHY in client.get(reverse("requirements:inspect", args=[rule("ENG-10").pk])).content.decode()
    assert client.get(reverse("requirements:inspect", args=[theirs.pk])).status_code == 404
    changed = {"requirement": rule("ENG-10").pk, "blocks": "confirm", "reason": "After all."}
    assert client.post(reverse("decisions:edit", args=[row.pk]), changed).status_code == 302
    row.refresh_from_db()
    assert (row.blocks, row.reason) == ("confirm", "After all.")
    new = {
        "title": "Visitors' badge", "text": "Confirm that badges are ready.", "tiers": ["T3"], "kind": "ack",
        "blocks": "start", "responsible": "host", "source": "Our board", "valid_from": "2026-09-15", "valid_to": "",
    }  # fmt: skip
    assert client.post(reverse("requirements:add"), new).status_code == 302
    made = Requirement.objects.get(hub=cast.hub)
    ended = client.post(reverse("requirements:edit", args=[made.pk]), {**new, "title": "X", "valid_to": "2026-12-18"})
    made.refresh_from_db()
    assert (ended.status_code, made.title, made.valid_to) == (302, "Visitors' badge", dt.date(2026, 12, 18))
    client.force_login(cast.ben)
    assert client.get(reverse("decisions:index")).status_code == 200
    assert client.get(reverse("decisions:add")).status_code == 403
