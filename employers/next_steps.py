"""Which three things to do next: by the size of the gap, the size of the employer, the effort; pure."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from fractions import Fraction

from employers.frameworks import Framework, NextStep, Standard
from employers.scoring import Answers, Result, band_of

#: A step of this many hours has to promise a gap larger by the whole scale to be named before one of none.
WORTH_HOURS = 40


@dataclass(frozen=True)
class Chosen:
    """`number` is the step's place among its standard's."""

    standard: Standard
    number: int
    step: NextStep
    gap: Fraction


def chosen(framework: Framework, result: Result, answers: Answers, size: str, most: int = 3) -> list[Chosen]:
    """At most one for each standard, the largest gain for the least effort first.

    The gap of a step is that of the item it improves, else of its standard; what is answered with
    the best level, does not apply or is not asked has none. The same input gives the same steps.
    """
    best: list[Chosen] = []
    for standard in framework.standards():
        found = _of_standard(framework, standard, result, answers, size)
        if found:
            best.append(max(found, key=_worth))  # the first of equals, as max keeps it
    ranked = sorted(best, key=_worth, reverse=True)  # stable: the framework's own order decides ties
    return ranked[:most]


def _worth(one: Chosen) -> Fraction:
    return one.gap - Fraction(one.step.hours, WORTH_HOURS)


def _of_standard(framework: Framework, standard: Standard, result: Result, answers: Answers, size: str) -> list[Chosen]:
    score = result.standards[standard.code]
    band = band_of(framework, score.percent)
    if score.exact is None or band is None:
        return []
    points = {level.level: level.points for level in framework.scale}
    items, found = {item.code: item for item in standard.items}, []
    for number, step in enumerate(standard.next_steps):
        if step.band != band.code or not step.suits(size):
            continue
        gap = 1 - score.exact
        if step.item:
            answer = answers.get(step.item)
            if not items[step.item].asked_of(size) or (answer and answer.level is None):
                continue
            if answer and answer.level is not None:
                gap = 1 - Fraction(points[answer.level], max(points.values()))
        if gap > 0 or band == framework.bands[-1]:
            found.append(Chosen(standard, number, step, gap))
    return found


def step_key(framework: Framework, standard: str, number: int) -> str:
    """How a plan's step remembers the recommendation it came from: by its words, since another version may
    have it at another place. `framework` is the untranslated document."""
    title = framework.standard(standard).next_steps[number].title
    return f"{standard_key(framework, standard)}:{hashlib.sha256(title.encode()).hexdigest()[:12]}"


def standard_key(framework: Framework, standard: str) -> str:
    """How a step of a template names the standard it serves: the beginning of what `step_key` gives for each of
    its recommendations."""
    return f"{framework.code}:{standard}"


def served(key: str) -> str:
    """The key of the standard that a plan's step serves, whether it came from a template or a recommendation."""
    return ":".join(key.split(":")[:2])


def step_places(framework: Framework) -> dict[str, str]:
    """Of every recommendation of the untranslated document, by its key, the place of its title (see `originals`)."""
    return {
        step_key(framework, standard.code, number): f"standard.{standard.code}.next_steps.{number}.title"
        for standard in framework.standards()
        for number in range(len(standard.next_steps))
    }


def strengths(framework: Framework, result: Result, most: int = 3) -> list[Standard]:
    """The standards with the highest scores, from the second band up; the framework's order in ties."""
    least = framework.bands[1].least if len(framework.bands) > 1 else 0
    scored = [(result.standards[s.code].percent, s) for s in framework.standards()]
    good = [(percent, s) for percent, s in scored if percent is not None and percent >= least]
    return [s for _percent, s in sorted(good, key=lambda pair: -pair[0])[:most]]
