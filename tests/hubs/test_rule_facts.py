"""What is known of the field's rules against what the packs ask: nothing is left out without a word."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from hubs.models import Requirement
from hubs.rulepacks import FOLDER, shipped

PACKS = {rule.code: rule for rule in shipped()}
#: Countries whose packs ship.
COUNTRIES = {"GB", "FR", "DE", "ES", "BR", "IN"}
#: A rule of one country's region or kind stands with its country's.
FACTS: list[dict[str, Any]] = json.loads((FOLDER / "facts" / "rules.json").read_text(encoding="utf-8"))
HOURS: list[dict[str, Any]] = json.loads((FOLDER / "facts" / "hours.json").read_text(encoding="utf-8"))
STRICTNESS = {"none": 0, "start": 1, "confirm": 2, "publish": 3}


@pytest.mark.parametrize("fact", [*FACTS, *HOURS], ids=lambda fact: fact.get("id") or fact["whom"])
def test_a_known_rule_is_in_a_pack_or_says_why_not(fact):
    codes = fact.get("codes", [])
    assert bool(codes) != bool(fact.get("left_out", "").strip())
    assert [code for code in codes if code not in PACKS] == []


def test_every_code_of_the_packs_holds_exactly_one_known_rule():
    held = Counter(code for fact in FACTS for code in fact.get("codes", []))
    assert held == Counter(dict.fromkeys(PACKS, 1))
    assert {rule.jurisdiction[:2] for rule in PACKS.values()} == COUNTRIES


@pytest.mark.parametrize("fact", [fact for fact in FACTS if "codes" in fact], ids=lambda fact: fact["id"])
def test_a_pack_is_no_surer_and_no_stricter_than_what_is_known(fact):
    rules = [PACKS[code] for code in fact["codes"]]
    assert {rule.jurisdiction[:2] for rule in rules} == {fact["jurisdiction"][:2]}
    if fact["known"] == "unverified":
        assert [rule.code for rule in rules if rule.verified] == []
    for rule in rules:
        assert STRICTNESS[rule.blocks] <= STRICTNESS[fact["blocks"]], rule.code
        if fact["known"] == "verified" and fact["blocks"] != "none" and not rule.verified:
            # What is known of the law in general is not always known of this part of it; then its source says so.
            assert "confirmed" in rule.source or "memory" in rule.source or "differ" in rule.source, rule.code


@pytest.mark.parametrize("fact", [fact for fact in HOURS if "codes" in fact], ids=lambda fact: fact["whom"])
def test_the_numbers_of_the_packs_are_those_that_are_known(fact):
    limits = [PACKS[code].limits for code in fact["codes"] if PACKS[code].limits.get("when") != "exams"]
    for name in ("day_hours", "week_hours", "earliest", "latest", "break_minutes"):
        if name in fact:
            assert fact[name] in {limit[name] for limit in limits if name in limit}, name
    if fact["known"] == "unverified":
        sure = [code for code in fact["codes"] if PACKS[code].verified]
        assert [code for code in sure if code not in {"ENG-05"}] == []  # the eight hours are advice HSE gives


def test_what_nobody_verified_is_not_law_that_blocks():
    kinds = Requirement.Kind
    assert {rule.kind for rule in PACKS.values()} <= set(kinds.values)
    assert all(rule.verified or "confirmed" in rule.source or "memory" in rule.source or "differ" in rule.source
               for rule in PACKS.values())  # fmt: skip
