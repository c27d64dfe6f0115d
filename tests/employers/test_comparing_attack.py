"""What somebody who knows every group's members, and perhaps one score, can be certain of: nothing of anyone else.

The attacker here is exact: it goes through every world, that is every way in which scores may lie in
the cells of the groups shown, and keeps those in which each published figure may have come about.
What all of them agree on is known. (Members of one cell are alike to it, so a world is a count of
each score for each cell.) Populations are chosen badly on purpose: all alike, alike by cell, at the
two ends.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from contextlib import suppress
from fractions import Fraction
from functools import cache
from itertools import product
from math import prod

import pytest

from employers.comparing import Quartiles, cells, drawn, publish, quartiles

LEVELS = (0, 50, 100)
MOST_WORLDS = 200_000

Counts = tuple[int, ...]  # how many of each level
Part = Callable[[Sequence[int], random.Random], list[int]]


def everybody(members: Sequence[int], lot: random.Random) -> list[int]:
    """The control: figures of the whole group."""
    return list(members)


def figures(percents: Sequence[int]) -> Quartiles:
    return quartiles(Fraction(one, 100) for one in percents)


@cache
def may_come(counts: Counts, size: int) -> frozenset[Quartiles]:
    """The figures that some part of this size may give."""
    taken = product(*(range(min(size, count) + 1) for count in counts))
    return frozenset(
        figures([level for level, count in zip(LEVELS, one, strict=True) for _n in range(count)])
        for one in taken
        if sum(one) == size
    )


def worlds(cell: Sequence[int], known: dict[int, int]) -> list[Counts]:
    if cell[0] in known:
        return [tuple(int(known[cell[0]] == level) for level in LEVELS)]
    several = range(len(cell) + 1)
    return [one for one in product(several, repeat=len(LEVELS)) if sum(one) == len(cell)]


def known_of(groups: Sequence[frozenset[int]], told: Sequence[Quartiles], part: Part, known: dict[int, int]) -> list:
    """The cells of whose members the attacker knows the score. Raises OverflowError for too many worlds."""
    parted = [*cells(groups)]
    apart = [[one] for cell in parted for one in cell if one in known]
    parted = [sorted(rest) for cell in parted if (rest := cell - known.keys())] + apart
    inside = [[n for n, cell in enumerate(parted) if cell[0] in group] for group in groups]
    sizes = [len(part(range(len(group)), random.Random(0))) for group in groups]
    choices = [worlds(cell, known) for cell in parted]
    if prod(len(one) for one in choices) > MOST_WORLDS:
        raise OverflowError("more worlds than can be gone through")
    possible: list[set[int]] = [set() for _cell in parted]
    for world in product(*choices):
        counts = [tuple(map(sum, zip(*(world[n] for n in own), strict=True))) for own in inside]
        if all(figure in may_come(*one) for figure, *one in zip(told, counts, sizes, strict=True)):
            for seen, count in zip(possible, world, strict=True):
                seen.update(level for level, n in zip(LEVELS, count, strict=True) if n)
            if all(len(seen) == len(LEVELS) for seen in possible):
                break
    return [
        cell for cell, seen in zip(parted, possible, strict=True) if len(seen) == 1 and cell[0] not in known
    ]  # fmt: skip


def attacked(seed: int, part: Part) -> list:
    """Some groups, shown as the rule has it, over a population without much variety; then the attack."""
    chance = random.Random(seed)
    everyone = range(chance.randint(8, 15))
    tries = [frozenset(everyone)]
    tries += [frozenset(chance.sample(everyone, chance.randint(8, len(everyone)))) for _n in range(12)]
    groups = [tries[key] for key in publish(list(enumerate(tries)))[:4]]
    ends = chance.choice([(0, 100), LEVELS])
    scores = dict.fromkeys(everyone, chance.choice(ends))
    if chance.random() < 0.6:
        for cell in cells(groups):
            scores |= dict.fromkeys(cell, chance.choice(ends))
    for one in chance.sample(everyone, chance.randint(0, 2)):
        scores[one] = chance.choice(ends)
    told = [figures([scores[one] for one in part(sorted(group), chance)]) for group in groups]
    insider = chance.choice(everyone)
    return known_of(groups, told, part, {insider: scores[insider]} if chance.random() < 0.6 else {})


def successes(seeds: range, part: Part) -> tuple[int, int]:
    """(how many attacks were gone through, how many found something out)."""
    through = found = 0
    for seed in seeds:
        with suppress(OverflowError):
            found += bool(attacked(seed, part))
            through += 1
    return through, found


@pytest.mark.parametrize(
    ("seeds", "least"), [(range(60), 40), pytest.param(range(1000, 1600), 400, marks=pytest.mark.slow)]
)
def test_nobody_can_be_certain_of_the_score_of_another(seeds, least):
    through, found = successes(seeds, drawn)
    assert (through >= least, found) == (True, 0)


def test_figures_of_the_whole_group_would_tell():
    """The control: the same attacker, against the same groups with nobody left out."""
    _through, found = successes(range(60), everybody)
    assert found > 0


def test_one_who_is_not_at_the_top_would_know_that_all_the_others_are():
    told = [figures([0] + [100] * 7)]
    group = [frozenset(range(8))]
    assert known_of(group, told, everybody, {0: 0}) == [list(range(1, 8))]
    assert known_of(group, [figures([100] * 5)], drawn, {0: 0}) == []


def test_a_median_that_jumps_when_three_join_would_tell_of_all_three():
    before, after = frozenset(range(8)), frozenset(range(11))
    scores = [0, 0, 0, 100, 100, 100, 100, 100, 0, 0, 0]
    told = [figures([scores[one] for one in group]) for group in (before, after)]
    assert known_of([before, after], told, everybody, {}) == [[8, 9, 10]]
    # Even the two drawings that contradict each other most.
    apart = [figures([0, 100, 100, 100, 100]), figures([0, 0, 0, 0, 0, 0, 100])]
    assert known_of([before, after], apart, drawn, {}) == []
