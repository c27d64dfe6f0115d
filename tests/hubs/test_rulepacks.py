"""The rules that ship: dated, with a source, inherited by region; what nobody has verified never blocks."""

from __future__ import annotations

import datetime as dt
import json
import re

import pytest

from hubs.models import Requirement, Tier
from hubs.rulepacks import FOLDER, load_packs, shipped
from placements.models import Clearance
from tests import scenes
from tests.cast import NOW

PACKS = sorted(FOLDER.glob("*.json"))
TODAY = NOW.date()


def codes(jurisdiction: str) -> set[str]:
    return set(Requirement.objects.in_force(jurisdiction, TODAY).values_list("code", flat=True))


@pytest.mark.parametrize("path", PACKS, ids=lambda path: path.stem)
def test_every_shipped_rule_is_whole(path):
    rows = json.loads(path.read_text(encoding="utf-8"))
    for row in rows:
        made = Requirement(jurisdiction=path.stem, **{**row, "valid_from": dt.date.fromisoformat(row["valid_from"])})
        made.clean_fields()
        assert set(row["tiers"]) <= set(Tier.values), row["code"]
        assert row["source"], row["code"]
        # A parent or carer answers by a link of their own, so each student is asked for.
        assert row["responsible"] != "parent" or row.get("per_student"), row["code"]
        if re.search(r"memory|differ|confirmed", row["source"]):
            assert row["verified"] is False, row["code"]
    assert len({row["code"] for row in rows}) == len(rows)


@pytest.mark.django_db
def test_packs_load_once_and_regions_inherit():
    assert load_packs() == len(shipped()) == Requirement.objects.count()
    assert load_packs() == 0
    assert {"DE-01", "DE-04", "DE-05", "DE-06", "DE-07", "DE-08"} <= codes("DE-BE")
    assert {"ES-01", "ES-04", "ES-05", "ES-05S", "ES-03P", "ES-03T"} <= codes("ES-CT")
    assert "ES-02" in codes("ES-MD")
    assert not {"ES-02", "ES-03P"} & codes("ES")
    assert {"IN-01", "IN-02", "IN-03", "IN-04", "IN-04H", "IN-05"} == codes("IN-DL")
    assert Requirement.objects.in_force("IN", dt.date(2024, 9, 30)).filter(code="IN-01").count() == 0


@pytest.mark.parametrize("jurisdiction", ["DE-BE", "ES-CT", "ES-MD", "IN-DL"])
def test_what_nobody_has_verified_warns_and_never_blocks(cast, jurisdiction):
    load_packs()
    cast.hub.jurisdiction = jurisdiction
    cast.hub.save()
    cast.school.hub = cast.employer.hub = cast.hub
    kind = scenes.encounter_type(cast.hub, "stage", tier="T3", hours=6)
    offer = scenes.opportunity(cast.employer, kind=kind, max_age=18)
    row = scenes.placement(cast, state="accepted", wanted=scenes.session(offer, starts=dt.time(16), ends=dt.time(18)))
    asked = Clearance.objects.filter(placement=row).select_related("requirement")
    assert asked
    for one in asked:
        assert one.blocks == (one.requirement.blocks if one.requirement.verified else "none"), one.requirement.code
    assert {one.requirement.verified for one in asked} == {True, False} or jurisdiction == "ES-MD"
