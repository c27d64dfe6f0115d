"""Comparisons reveal no single employer: attacked at random, within a quarter and over years."""

from __future__ import annotations

import random
from fractions import Fraction
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from employers.comparing import LEAST_CELL, LEAST_GROUP, Guard, Quartiles, cells, place, publish, quartiles
from tests.examples import examples

seeds = st.integers(0, 2**64)


def population(chance: random.Random, employers: dict) -> list[tuple[str, frozenset]]:
    """Groups as the product makes them, over the assessments employers have now."""
    facts = list(employers.values())
    groups = [("all", frozenset(f["id"] for f in facts))]
    for kind in ("hub", "region", "size"):
        for value in sorted({f[kind] for f in facts}):
            groups.append((f"{kind}:{value}", frozenset(f["id"] for f in facts if f[kind] == value)))
    for sector in sorted({s for f in facts for s in f["sectors"]}):
        groups.append((f"sector:{sector}", frozenset(f["id"] for f in facts if sector in f["sectors"])))
    return groups


def history(chance: random.Random) -> tuple[list[list[tuple[str, frozenset]]], dict[int, Fraction]]:
    """Several quarters: employers join, leave and send new assessments; a score for each assessment."""
    scores: dict[int, Fraction] = {}
    employers: dict[int, dict] = {}
    hubs = chance.randint(1, 4)

    def assessed() -> int:
        scores[len(scores)] = Fraction(chance.randint(0, 40), 40)
        return len(scores) - 1

    def add() -> None:
        hub = chance.randrange(hubs)
        employers[len(employers) + 1000 * len(scores)] = {
            "id": assessed(), "hub": hub, "region": hub // 2, "size": chance.choice("abcde"),
            "sectors": chance.sample("pqrstuvw", chance.randint(0, 2)),
        }  # fmt: skip

    for _n in range(chance.randint(5, 90)):
        add()
    quarters = []
    for _quarter in range(chance.randint(1, 5)):
        quarters.append(population(chance, employers))
        for _n in range(chance.choice([0, 0, 1, 1, 2, 5, 20])):
            act = chance.random()
            if act < 0.4:
                add()
            elif employers and act < 0.7:
                employers[chance.choice(list(employers))]["id"] = assessed()
            elif employers:
                del employers[chance.choice(list(employers))]
    return quarters, scores


def shown_over_time(quarters, rule) -> list[tuple[str, frozenset]]:
    """(key, members) of everything published, quarter by quarter."""
    shown: list[tuple[str, frozenset]] = []
    for groups in quarters:
        members = dict(groups)
        allowed = rule(groups, [one for _key, one in shown])
        shown += [(key, members[key]) for key in allowed]
    return shown


def only_the_size(groups, before) -> list[str]:
    """The rule everybody knows, and what it lets through."""
    return [key for key, members in groups if len(members) >= LEAST_GROUP]


def differences(shown: list[frozenset], chance: random.Random, tries: int) -> list[frozenset]:
    """Sets an attacker can form of what is published: random unions, intersections and differences."""
    found = []
    for _n in range(tries):
        reached = chance.choice(shown)
        for _step in range(chance.randint(1, 4)):
            other = chance.choice(shown)
            reached = chance.choice([reached | other, reached & other, reached - other, other - reached])
        if reached:
            found.append(reached)
    return found


@settings(max_examples=examples(300), deadline=None)
@given(seeds)
def test_no_combination_of_what_was_ever_shown_isolates_fewer_than_three(seed):
    chance = random.Random(seed)
    quarters, _scores = history(chance)
    shown = [members for _key, members in shown_over_time(quarters, publish)]
    assert all(len(group) >= LEAST_GROUP for group in shown)
    if shown:
        assert all(len(found) >= LEAST_CELL for found in differences(shown, chance, 60))
        assert all(len(cell) >= LEAST_CELL for cell in cells(shown))


@settings(max_examples=examples(200), deadline=None)
@given(seeds)
def test_members_of_a_cell_can_exchange_scores_and_nothing_shown_changes(seed):
    """So no attacker, with whatever knowledge of who is in which group, can tell whose is whose."""
    chance = random.Random(seed)
    quarters, scores = history(chance)
    shown = shown_over_time(quarters, publish)
    told = [quartiles(scores[one] for one in members) for _key, members in shown]
    exchanged = dict(scores)
    for cell in cells([members for _key, members in shown]):
        ids = sorted(cell)
        exchanged |= dict(zip(ids, chance.sample([scores[one] for one in ids], len(ids)), strict=True))
    assert [quartiles(exchanged[one] for one in members) for _key, members in shown] == told


def test_the_size_rule_alone_would_give_single_employers_away():
    """The control: the same attacks succeed against the rule of eight alone."""
    caught = 0
    for seed in range(40):
        chance = random.Random(seed)
        quarters, _scores = history(chance)
        shown = [members for _key, members in shown_over_time(quarters, only_the_size)]
        caught += bool(shown) and any(len(found) == 1 for found in differences(shown, chance, 60))
    assert caught > 20


def test_the_decision_never_looks_at_scores_and_most_of_a_large_population_is_shown():
    chance = random.Random(3)
    employers = {
        n: {"id": n, "hub": n % 3, "region": 0, "size": "abcde"[n % 5], "sectors": [chance.choice("pqrs")]}
        for n in range(600)
    }
    groups = population(chance, employers)
    assert len(publish(groups)) == len(groups)


@pytest.mark.parametrize(
    ("groups", "expected"),
    [
        ([range(7)], []),
        ([range(8)], [0]),
        ([range(20), range(19)], [0]),  # the one left out would be known
        ([range(20), range(18)], [0]),
        ([range(20), range(17)], [0, 1]),
        ([range(20), range(20)], [0, 1]),
        ([range(20), range(10), range(10, 20)], [0, 1, 2]),
        ([range(20), range(9), range(9, 18)], [0, 1]),  # two would be left
        ([range(20), range(10, 30), range(10)], [0, 1, 2]),
        ([range(20), range(12), range(10, 22)], [0, 1]),  # two lie in both
    ],
)
def test_groups_are_shown_in_order_as_long_as_every_cell_stays_large(groups, expected):
    assert publish([(n, frozenset(group)) for n, group in enumerate(groups)]) == expected


def test_the_next_quarter_waits_until_enough_have_changed():
    first = frozenset(range(12))
    one_new = (first - {0}) | {100}
    three_new = (first - {0, 1, 2}) | {100, 101, 102}
    one_joined, three_joined = first | {100}, first | {100, 101, 102}
    assert [publish([("hub", group)], [first]) for group in (one_new, three_new, one_joined, three_joined, first)] == [
        [], ["hub"], [], ["hub"], ["hub"],
    ]  # fmt: skip


@settings(max_examples=examples(200), deadline=None)
@given(seeds)
def test_the_guard_keeps_the_same_cells_as_the_plain_definition(seed):
    chance = random.Random(seed)
    guard, shown = Guard(), []
    for _n in range(chance.randint(1, 12)):
        group = frozenset(chance.sample(range(60), chance.randint(1, 40)))
        plain = len(group) >= LEAST_GROUP and all(len(c) >= LEAST_CELL for c in cells([*shown, group]))
        assert guard.show(group) == plain
        if plain:
            shown.append(group)


@pytest.mark.parametrize(
    ("percents", "expected"),
    [
        ([0] * 8, (0, 0, 0)),
        ([100] * 8, (100, 100, 100)),
        (range(0, 80, 10), (10, 30, 50)),
        ([12, 13, 47, 48, 52, 53, 97, 98], (15, 50, 55)),
    ],
)
def test_quartiles_are_values_in_steps_of_five(percents, expected):
    assert quartiles(Fraction(one, 100) for one in percents) == Quartiles(*expected)


def test_there_are_no_quartiles_of_nothing():
    with pytest.raises(ValueError, match="no scores"):
        quartiles([])


def test_one_stands_where_its_score_would_stand_as_a_quartile():
    scores = [Fraction(one, 1000) for one in (174, 175, 176, 724, 725, 726)]
    assert [place(score, Quartiles(20, 50, 70)) for score in scores] == [
        "lower", "middle", "middle", "middle", "upper", "upper",
    ]  # fmt: skip
    for score in scores:
        assert place(score, quartiles([score])) == "middle"


def test_several_members_of_one_organisation_count_once():
    """A chain that is active in several hubs would else be a group, or a cell, of itself."""
    chain = dict.fromkeys(range(8), "chain")
    assert not Guard(owners=chain).may_show(frozenset(range(8)))
    assert not Guard(owners=chain).may_show(frozenset(range(14)))
    assert Guard(owners=chain).may_show(frozenset(range(15)))
    everyone = Guard([frozenset(range(20))], owners=dict.fromkeys(range(3), "chain"))
    assert not everyone.may_show(frozenset(range(3, 20)))  # what is left is the chain
    assert everyone.may_show(frozenset(range(5, 20)))
    assert not everyone.may_show(frozenset(range(12)) - frozenset(range(2, 12)))


def test_groups_can_overlap_in_any_way():
    assert all(len(cell) == 1 for cell in cells([frozenset(pair) for pair in combinations(range(4), 2)]))
