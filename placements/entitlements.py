"""What a student is entitled to, and what is missing of it: pure functions over what they had.

The rules are dated data per jurisdiction, each with its source; ages are those a year group's
students turn in the academic year.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

HOURS, MEANINGFUL_A_YEAR, WORKPLACES = "hours", "meaningful_a_year", "workplaces"


@dataclass(frozen=True)
class Entitlement:
    """`need` is hours or a number of encounters; `by_age` is when it has to be had, None: each
    year, or while at school. In force from `since`."""

    code: str
    jurisdiction: str
    title: str
    kind: str
    need: Decimal
    source: str
    since: dt.date
    by_age: int | None = None


@dataclass(frozen=True)
class Had:
    """One encounter that was attended."""

    on: dt.date
    hours: Decimal
    meaningful: bool
    is_workplace: bool


@dataclass(frozen=True)
class Standing:
    """How far one student is; `missing` is never negative. `due` is whether the year in which
    it has to be had is the present one, or past."""

    entitlement: Entitlement
    have: Decimal
    missing: Decimal
    due: bool

    @property
    def met(self) -> bool:
        return self.missing == 0


#: Where a title is shown it is translated; the sources are public guidance of the day named.
RULES: tuple[Entitlement, ...] = (
    Entitlement(
        "hours-50", "GB-ENG", "50 hours with employers while at school", HOURS, Decimal(50),
        "equalex, framework of 50 hours, 2025", dt.date(2025, 9, 1),
    ),
    Entitlement(
        "meaningful-year", "GB-ENG", "A meaningful encounter each year", MEANINGFUL_A_YEAR, Decimal(1),
        "Gatsby benchmarks, 2025, benchmark 5", dt.date(2025, 9, 1),
    ),
    Entitlement(
        "workplace-16", "GB-ENG", "Two experiences of workplaces by 16", WORKPLACES, Decimal(2),
        "Gatsby benchmarks, 2025, benchmark 6", dt.date(2025, 9, 1), by_age=16,
    ),
    Entitlement(
        "workplace-18", "GB-ENG", "One more experience of a workplace by 18", WORKPLACES, Decimal(3),
        "Gatsby benchmarks, 2025, benchmark 6", dt.date(2025, 9, 1), by_age=18,
    ),
)  # fmt: skip


def rules_of(jurisdiction: str, on: dt.date) -> list[Entitlement]:
    """Those in force there on a day; a region has those of its country ("GB-ENG-NE" of "GB-ENG")."""
    return [rule for rule in RULES if f"{jurisdiction}-".startswith(f"{rule.jurisdiction}-") and rule.since <= on]


def standings(
    rules: Iterable[Entitlement], had: Sequence[Had], *, turns: int | None, year: tuple[dt.date, dt.date]
) -> list[Standing]:
    """How far somebody is with each rule. `turns`: the age they turn this academic year, None
    when it is not known; `year` is its first and last day."""
    return [_standing(rule, had, turns, year) for rule in rules]


def _standing(rule: Entitlement, had: Sequence[Had], turns: int | None, year: tuple[dt.date, dt.date]) -> Standing:
    have = _have(rule, had, year)
    due = rule.kind == MEANINGFUL_A_YEAR or (rule.by_age is not None and turns is not None and turns >= rule.by_age)
    return Standing(rule, have, max(rule.need - have, Decimal(0)), due)


def _have(rule: Entitlement, had: Sequence[Had], year: tuple[dt.date, dt.date]) -> Decimal:
    if rule.kind == HOURS:
        return sum((one.hours for one in had), Decimal(0))
    if rule.kind == WORKPLACES:
        return Decimal(sum(one.is_workplace for one in had))
    first, last = year
    return Decimal(sum(one.meaningful and first <= one.on <= last for one in had))
