"""Scores of a self-assessment, in exact fractions; no Django, no clock, no rounding on the way.

An item scores its level's points over the most points of the scale. A standard is the weighted
mean of its applicable, answered items; with too few of the applicable answered it has no score.
A pillar is the mean of its scored standards, the whole the mean of its scored pillars. Percents
are floored before a band is chosen, so that 49.99 % is not 50.

A better answer in place of one that is there lowers nothing. A first answer joins a mean: it lowers
nothing either if its standard is scored and it is no worse than that score; else it may lower its
standard, or bring in a standard that lies below its pillar's mean (see docs/decisions.md).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from employers.frameworks import Band, Framework, Item, Standard

#: Why there is no score.
NOT_ENOUGH = "not_enough"
NOT_APPLICABLE = "not_applicable"


@dataclass(frozen=True)
class Given:
    """One answer: a level of the scale, or None for "does not apply here"."""

    level: int | None


Answers = Mapping[str, Given]  # by the item's code; an item not in it is not answered


@dataclass(frozen=True)
class Score:
    """`exact` is between 0 and 1, or None; then `why` is `NOT_ENOUGH` or `NOT_APPLICABLE`."""

    exact: Fraction | None
    answered: int
    applicable: int
    why: str = ""

    @property
    def percent(self) -> int | None:
        """Whole percent, floored."""
        return None if self.exact is None else floor_percent(self.exact)


@dataclass(frozen=True)
class Result:
    """Scores by code, and of the whole."""

    standards: dict[str, Score]
    pillars: dict[str, Score]
    overall: Score


def floor_percent(exact: Fraction) -> int:
    return 100 * exact.numerator // exact.denominator


def band_of(framework: Framework, percent: int | None) -> Band | None:
    """The highest band that begins at or below `percent`; None without a score."""
    if percent is None:
        return None
    return max((band for band in framework.bands if band.least <= percent), key=lambda band: band.least)


def score(framework: Framework, answers: Answers, size: str) -> Result:
    """`size` is the class of the organisation, which decides what is asked. Raises KeyError for a
    level the scale does not have; answers to items that are not asked count for nothing."""
    points = {level.level: level.points for level in framework.scale}
    most = max(points.values())
    standards: dict[str, Score] = {}
    pillars: dict[str, Score] = {}
    for pillar in framework.pillars:
        own = {s.code: _standard(framework, s, answers, size, points, most) for s in pillar.standards}
        standards |= own
        pillars[pillar.code] = _mean(list(own.values()))
    return Result(standards, pillars, _mean(list(pillars.values())))


def asked(standard: Standard, size: str) -> list[Item]:
    return [item for item in standard.items if item.asked_of(size)]


def _standard(
    framework: Framework, standard: Standard, answers: Answers, size: str, points: dict[int, int], most: int
) -> Score:
    items = asked(standard, size)
    applicable = [item for item in items if item.code not in answers or answers[item.code].level is not None]
    levels = [(item.weight, answers[item.code].level) for item in applicable if item.code in answers]
    if not applicable:
        return Score(None, 0, 0, NOT_APPLICABLE)
    if 100 * len(levels) < framework.enough_percent * len(applicable) or not levels:
        return Score(None, len(levels), len(applicable), NOT_ENOUGH)
    total = sum(weight * points[level] for weight, level in levels if level is not None)
    return Score(Fraction(total, most * sum(weight for weight, _level in levels)), len(levels), len(applicable))


def _mean(parts: list[Score]) -> Score:
    answered, applicable = sum(p.answered for p in parts), sum(p.applicable for p in parts)
    scored = [part.exact for part in parts if part.exact is not None]
    if scored:
        return Score(sum(scored, Fraction(0)) / len(scored), answered, applicable)
    why = NOT_APPLICABLE if all(part.why == NOT_APPLICABLE for part in parts) else NOT_ENOUGH
    return Score(None, answered, applicable, why)


def changes(now: Result, before: Result) -> dict[str, int]:
    """Percentage points by standard since last time, of the floored percents a person saw;
    only for standards scored both times."""
    return {
        code: one.percent - earlier.percent
        for code, one in now.standards.items()
        if (earlier := before.standards.get(code)) and one.percent is not None and earlier.percent is not None
    }


# ---- Kept and proved ---------------------------------------------------------------


def as_data(framework: Framework, result: Result) -> dict:
    """The result as JSON: exact as "n/d", floored percent, band, counts."""
    return {
        "standards": {code: _score_data(framework, one) for code, one in sorted(result.standards.items())},
        "pillars": {code: _score_data(framework, one) for code, one in sorted(result.pillars.items())},
        "overall": _score_data(framework, result.overall),
    }


def _score_data(framework: Framework, one: Score) -> dict:
    band = band_of(framework, one.percent)
    return {
        "exact": None if one.exact is None else f"{one.exact.numerator}/{one.exact.denominator}",
        "percent": one.percent,
        "band": band.code if band else None,
        "answered": one.answered,
        "applicable": one.applicable,
        "why": one.why,
    }


def from_data(data: Mapping) -> Result:
    """What `as_data` made, read again."""
    return Result(
        {code: _score_from(one) for code, one in data["standards"].items()},
        {code: _score_from(one) for code, one in data["pillars"].items()},
        _score_from(data["overall"]),
    )


def _score_from(data: Mapping) -> Score:
    exact = None if data["exact"] is None else Fraction(data["exact"])
    return Score(exact, data["answered"], data["applicable"], data["why"])


def canonical(value) -> bytes:
    """One spelling of a JSON value: sorted keys, no spaces, UTF-8."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def fingerprint(framework_sha256: str, answers: Answers, size: str, result: Mapping) -> str:
    """SHA-256 over which framework was asked of which size, what was answered and what came out.

    Whoever holds the framework's document and the answers computes it anew and compares."""
    said = {code: given.level for code, given in answers.items()}
    material = {"framework": framework_sha256, "size": size, "answers": said, "result": result}
    return hashlib.sha256(canonical(material)).hexdigest()
