"""How many groups could come on a date: asked here, answered by a floor above.

Opportunities may not import placements, where fit is known; so the floor above registers
one function, and until it has, nobody is told anything.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Reach:
    """Groups of the hub that fit the ages, and how many of them could come on the days."""

    groups: int
    able: int
    sentence: str
    reasons: tuple[str, ...] = ()


Day = tuple[dt.date, dt.time, dt.time]
Estimator = Callable[[object, Sequence[Day], dt.datetime], Reach | None]
_estimators: list[Estimator] = []


def answer_with(estimator: Estimator) -> None:
    """Register the answer: `estimator(opportunity, days, now)`. The last one counts."""
    _estimators[:] = [estimator]


def reach_of(opportunity, days: Sequence[Day], now: dt.datetime) -> Reach | None:
    """The answer for these local days, or None while nobody can answer."""
    return _estimators[0](opportunity, days, now) if _estimators and days else None
