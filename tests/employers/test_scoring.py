"""Scores are exact, fair to the order of things, and provable."""

from __future__ import annotations

import json
import os
import random
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from employers.evidence import CODES
from employers.frameworks import Band, Framework, Item, Level, Pillar, Standard
from employers.frameworks_reading import read
from employers.scoring import (
    NOT_APPLICABLE,
    NOT_ENOUGH,
    Given,
    as_data,
    band_of,
    changes,
    fingerprint,
    floor_percent,
    from_data,
    score,
)
from tests.examples import examples

SIZES = ("sole", "micro", "small", "medium", "large")
BANDS = (Band("low", 0, "Low"), Band("mid", 50, "Mid"), Band("top", 90, "Top"))
EXAMPLES = int(os.environ.get("SCORING_EXAMPLES") or examples(500))


def made(chance: random.Random) -> tuple[Framework, dict[str, Given], str]:
    """A random framework with random answers, some of them missing or not applicable."""
    tops = sorted(chance.sample(range(1, 40), chance.randint(1, 5)))
    scale = tuple(Level(n, points, str(n)) for n, points in enumerate([0, *tops]))
    pillars = tuple(
        Pillar(
            f"P{p}",
            "pillar",
            tuple(
                Standard(
                    f"S{p}.{s}",
                    "standard",
                    "",
                    tuple(
                        Item(
                            f"I{p}.{s}.{i}",
                            "item",
                            weight=chance.choice([1, 1, 1, 2, 3, 7, 1000]),
                            sizes=tuple(sorted(chance.sample(SIZES, chance.randint(0, 3)))),
                        )
                        for i in range(chance.randint(1, 7))
                    ),
                )
                for s in range(chance.randint(1, 4))
            ),
        )
        for p in range(chance.randint(1, 4))
    )
    framework = Framework("x", "1", "employer", "en", "X", "", chance.choice([1, 50, 60, 100]), scale, BANDS, pillars)
    answers = {
        code: Given(chance.choice([None, *(level.level for level in scale)]))
        for code in framework.items()
        if chance.random() < 0.8
    }
    return framework, answers, chance.choice(SIZES)


def slow(framework: Framework, answers: dict[str, Given], size: str) -> dict:
    """The same rules once more, written as they are said, one step at a time."""
    top = max(level.points for level in framework.scale)
    value = {level.level: Fraction(level.points, top) for level in framework.scale}
    out: dict = {"standards": {}, "pillars": {}}
    for pillar in framework.pillars:
        scored = []
        for standard in pillar.standards:
            applicable, weights, sums = 0, Fraction(0), Fraction(0)
            count = 0
            for item in standard.items:
                if item.sizes and size not in item.sizes:
                    continue
                if item.code in answers and answers[item.code].level is None:
                    continue
                applicable += 1
                if item.code in answers:
                    count += 1
                    weights += item.weight
                    sums += item.weight * value[answers[item.code].level]
            enough = count > 0 and Fraction(count, applicable) >= Fraction(framework.enough_percent, 100)
            out["standards"][standard.code] = sums / weights if enough else None
            if enough:
                scored.append(sums / weights)
        out["pillars"][pillar.code] = sum(scored) / len(scored) if scored else None
    present = [one for one in out["pillars"].values() if one is not None]
    out["overall"] = sum(present) / len(present) if present else None
    return out


def exacts(result) -> dict:
    return {
        "standards": {code: one.exact for code, one in result.standards.items()},
        "pillars": {code: one.exact for code, one in result.pillars.items()},
        "overall": result.overall.exact,
    }


def seeds(test):
    return settings(max_examples=EXAMPLES, deadline=None)(given(st.integers(0, 2**64))(test))


@pytest.mark.slow
def test_equals_the_slow_implementation_on_ten_thousand_random_frameworks():
    chance = random.Random(7)
    for _n in range(10_000):
        case = made(chance)
        assert exacts(score(*case)) == slow(*case)


@seeds
def test_the_order_of_items_and_answers_changes_nothing(seed):
    chance = random.Random(seed)
    framework, answers, size = made(chance)

    def shuffled(parts):
        return tuple(chance.sample(parts, len(parts)))

    other = replace(
        framework,
        pillars=shuffled(
            tuple(
                replace(p, standards=shuffled(tuple(replace(s, items=shuffled(s.items)) for s in p.standards)))
                for p in framework.pillars
            )
        ),
    )
    again = dict(chance.sample(sorted(answers.items()), len(answers)))
    one, two = score(framework, answers, size), score(other, again, size)
    assert as_data(framework, one) == as_data(other, two)
    assert fingerprint("f", answers, size, as_data(framework, one)) == fingerprint(
        "f", again, size, as_data(other, two)
    )


@seeds
def test_a_better_answer_never_lowers_a_score(seed):
    chance = random.Random(seed)
    framework, answers, size = made(chance)
    before = score(framework, answers, size)
    top = framework.scale[-1].level
    given_levels = [code for code, one in answers.items() if one.level is not None and one.level < top]
    if not given_levels:
        return
    code = chance.choice(given_levels)
    level = answers[code].level
    assert level is not None
    after = score(framework, {**answers, code: Given(chance.randint(level + 1, top))}, size)
    for old, new in [
        *((before.standards[c], after.standards[c]) for c in before.standards),
        *((before.pillars[c], after.pillars[c]) for c in before.pillars),
        (before.overall, after.overall),
    ]:
        assert (old.exact is None) == (new.exact is None)
        if old.exact is not None:
            assert new.exact >= old.exact


@seeds
def test_answering_an_open_item_with_the_best_level_never_lowers_its_standard(seed):
    chance = random.Random(seed)
    framework, answers, size = made(chance)
    standard = chance.choice(list(framework.standards()))
    missing = [item.code for item in standard.items if item.code not in answers]
    if not missing:
        return
    after = score(framework, {**answers, missing[0]: Given(framework.scale[-1].level)}, size)
    old, new = score(framework, answers, size).standards[standard.code], after.standards[standard.code]
    if old.exact is not None and new.exact is not None:
        assert new.exact >= old.exact


@seeds
def test_a_first_answer_no_worse_than_its_standards_score_lowers_nothing(seed):
    """Where the standard has a score. Where it has none yet, its pillar and the whole alone may move."""
    chance = random.Random(seed)
    framework, answers, size = made(chance)
    before = score(framework, answers, size)
    missing = [
        (pillar.code, standard.code, item.code)
        for pillar in framework.pillars
        for standard in pillar.standards
        for item in standard.items
        if item.asked_of(size) and item.code not in answers
    ]
    if not missing:
        return
    pillar, standard, item = chance.choice(missing)
    least, top = before.standards[standard].exact, framework.scale[-1].points
    levels = [one.level for one in framework.scale if least is None or Fraction(one.points, top) >= least]
    after = score(framework, {**answers, item: Given(chance.choice(levels))}, size)
    old = exacts(before)["standards"] | exacts(before)["pillars"] | {"overall": before.overall.exact}
    new = exacts(after)["standards"] | exacts(after)["pillars"] | {"overall": after.overall.exact}
    if least is None:
        moved = {code for code in old if old[code] != new[code]}
        assert moved <= {standard, pillar, "overall"}
    else:
        assert [code for code in old if old[code] is not None and new[code] < old[code]] == []


def test_what_no_mean_can_promise_of_a_first_answer():
    """A standard that begins to count, by a best answer, may lie below its pillar's mean; and a poor first answer
    lowers a mean, whatever is done about thresholds."""
    items = [tuple(Item(f"I{s}{n}", "item") for n in range(2)) for s in range(2)]
    pillar = Pillar("P", "p", tuple(Standard(f"S{n}", "s", "", own) for n, own in enumerate(items)))
    scale = (Level(0, 0, "0"), Level(1, 1, "1"))
    framework = Framework("x", "1", "employer", "en", "X", "", 60, scale, BANDS, (pillar,))
    given = {"I00": Given(1), "I01": Given(1), "I10": Given(0)}
    before, after = (score(framework, one, "small") for one in (given, {**given, "I11": Given(1)}))
    assert (before.pillars["P"].percent, before.standards["S1"].percent) == (100, None)
    assert (after.pillars["P"].percent, after.standards["S1"].percent) == (75, 50)
    one, answers = one_standard(4, 4, -1, top=4)
    assert [score(one, more, "small").standards["S"].percent for more in (answers, {**answers, "I2": Given(0)})] == [
        100, 66,
    ]  # fmt: skip


@seeds
def test_weights_count_by_their_ratio_alone(seed):
    chance = random.Random(seed)
    framework, answers, size = made(chance)
    factor = chance.randint(2, 9)
    heavier = replace(
        framework,
        pillars=tuple(
            replace(
                p,
                standards=tuple(
                    replace(s, items=tuple(replace(i, weight=i.weight * factor) for i in s.items)) for s in p.standards
                ),
            )
            for p in framework.pillars
        ),
    )
    assert exacts(score(heavier, answers, size)) == exacts(score(framework, answers, size))


@seeds
def test_a_result_survives_being_kept_and_a_changed_answer_changes_the_fingerprint(seed):
    framework, answers, size = made(random.Random(seed))
    result = score(framework, answers, size)
    kept = json.loads(json.dumps(as_data(framework, result)))
    assert from_data(kept) == result
    for code, one in answers.items():
        other = {**answers, code: Given(None if one.level is not None else 0)}
        assert fingerprint("f", other, size, kept) != fingerprint("f", answers, size, kept)
        break


def one_standard(*levels: int | None, top: int = 100, enough: int = 60) -> tuple[Framework, dict[str, Given]]:
    """A standard of one item for each level; -1 is an item not answered."""
    items = tuple(Item(f"I{n}", "item") for n in range(len(levels)))
    scale = tuple(Level(n, n, str(n)) for n in range(top + 1))
    framework = Framework(
        "x", "1", "employer", "en", "X", "", enough, scale, BANDS, (Pillar("P", "p", (Standard("S", "s", "", items),)),)
    )
    return framework, {f"I{n}": Given(level) for n, level in enumerate(levels) if level != -1}


@pytest.mark.parametrize(
    ("part", "whole", "percent", "band"),
    [
        (4999, 10000, 49, "low"),
        (49999999, 100000000, 49, "low"),
        (1, 2, 50, "mid"),
        (8999, 10000, 89, "mid"),
        (9, 10, 90, "top"),
        (1, 1, 100, "top"),
        (0, 1, 0, "low"),
        (1, 3, 33, "low"),
    ],
)
def test_percents_are_floored_before_the_band_is_chosen(part, whole, percent, band):
    framework, _answers = one_standard(0)
    found = floor_percent(Fraction(part, whole))
    chosen = band_of(framework, found)
    assert (found, chosen.code if chosen else None) == (percent, band)


def test_no_score_has_no_band():
    assert band_of(one_standard(0)[0], None) is None


@pytest.mark.parametrize(
    ("levels", "exact", "why"),
    [
        ((1, 1, 1, -1, -1), Fraction(1, 4), ""),  # three of five: just enough
        ((1, 1, -1, -1), None, NOT_ENOUGH),
        ((1, None, -1), None, NOT_ENOUGH),
        ((1, None, None), Fraction(1, 4), ""),
        ((None, None), None, NOT_APPLICABLE),
        ((-1, -1), None, NOT_ENOUGH),
    ],
)
def test_a_standard_needs_three_fifths_of_what_applies(levels, exact, why):
    framework, answers = one_standard(*levels, top=4)
    one = score(framework, answers, "small").standards["S"]
    assert (one.exact, one.why) == (exact, why)


def test_change_is_said_only_where_both_years_have_a_score():
    framework, answers = one_standard(1, 1, top=4)
    before, now = score(framework, answers, "small"), score(framework, {**answers, "I0": Given(4)}, "small")
    empty = score(framework, {}, "small")
    assert (changes(now, before), changes(now, empty)) == ({"S": 37}, {})


def test_the_shipped_framework_scores_by_size():
    text = (Path(__file__).parents[2] / "employers" / "data" / "good_hosting.json").read_text(encoding="utf-8")
    framework = read(text, sizes=SIZES, evidence=CODES)
    full = {code: Given(4) for code in framework.items()}
    asked_of = {size: score(framework, full, size).overall.answered for size in SIZES}
    assert (len(framework.pillars), len(list(framework.standards()))) == (3, 9)
    assert asked_of == {"sole": 23, "micro": 32, "small": 34, "medium": 37, "large": 37}
    assert {s.percent for s in score(framework, full, "sole").standards.values()} == {100}
