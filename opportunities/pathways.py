"""Where one student stands on a pathway: what is done, what is next, what is missing, and why.

Pure: plain values in, plain values out, no Django, no clock. Dates are local; hours are what an encounter
is credited with; years are a school's own numbers (Year 10 is 10). Every answer carries its reasons as
codes with facts; `opportunities/pathways_words.py` makes sentences of them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

DONE, NEXT, OPEN, WAITING = "done", "next", "open", "waiting"
MET, DUE, MISSED = "met", "due", "missed"
#: Why a step has to wait.
NEEDS_TYPE, SHORTER_FIRST, SAME_SECTOR, GAP = "needs_type", "shorter_first", "same_sector", "gap"


@dataclass(frozen=True)
class Had:
    """One encounter somebody attended. `sectors` may be empty: not known, or of no field."""

    on: dt.date
    type: str
    hours: float = 1
    sectors: frozenset[str] = frozenset()
    opportunity: int | None = None
    small_employer: bool = False
    unaccompanied: bool = False


@dataclass(frozen=True)
class Step:
    """One step: a type, perhaps in one sector or at one opportunity. `year` is when it is meant to be done by
    the end of; `after` are types that have to come first; `gap_weeks` count from what did the step before."""

    type: str
    hours: float = 1
    unaccompanied: bool = False
    sector: str = ""
    opportunity: int | None = None
    year: int | None = None
    after: frozenset[str] = frozenset()
    gap_weeks: int = 0


@dataclass(frozen=True)
class Rules:
    """`shorter_first`: how many shorter encounters come before days without school staff. `other_sector`: in how
    many of the last encounters a sector must not have been seen. `small_by`: the year by whose end one
    encounter was with a small employer. 0 or None: the rule does not hold."""

    shorter_first: int = 2
    other_sector: int = 2
    small_by: int | None = None


@dataclass(frozen=True)
class Reason:
    """`what` is a code of a type or sector; `needed` and `have` count; `on` is the first day it could be."""

    code: str
    what: str = ""
    needed: int = 0
    have: int = 0
    on: dt.date | None = None


@dataclass(frozen=True)
class Standing:
    """One step for one student. `by` did it; `why` keeps it waiting; `late` when its year is over."""

    step: Step
    state: str
    by: Had | None = None
    why: tuple[Reason, ...] = ()
    late: bool = False


@dataclass(frozen=True)
class Report:
    """`avoid`: sectors of the last encounters, for whatever comes next without a sector of its own. `small`
    is None while no rule asks for a small employer."""

    steps: tuple[Standing, ...]
    avoid: frozenset[str] = frozenset()
    small: str | None = None

    @property
    def done(self) -> int:
        return sum(one.state == DONE for one in self.steps)

    @property
    def next(self) -> Standing | None:
        return next((one for one in self.steps if one.state == NEXT), None)

    @property
    def missing(self) -> tuple[Standing, ...]:
        """Steps not done whose year is over."""
        return tuple(one for one in self.steps if one.late)


def judge(steps: Sequence[Step], had: Sequence[Had], rules: Rules, *, year: int | None, today: dt.date) -> Report:
    """The report of a student in `year` (None: not known, so nothing is late).

    One encounter does one step. As many steps are done as can be; where there is a choice, earlier steps
    before later ones, and each by its earliest encounter. The order of steps is advice: only rules,
    prerequisites and gaps make one wait.
    """
    past = sorted(had, key=lambda one: one.on)
    by = assign(steps, past)
    standings, found_next = [], False
    for number, step in enumerate(steps):
        if number in by:
            standings.append(Standing(step, DONE, by=past[by[number]]))
            continue
        before = past[by[number - 1]] if number - 1 in by else None
        why = tuple(reasons(step, past, rules, before=before, today=today))
        state = WAITING if why else OPEN if found_next else NEXT
        found_next = found_next or state == NEXT
        late = step.year is not None and year is not None and year > step.year
        standings.append(Standing(step, state, why=why, late=late))
    return Report(tuple(standings), avoided(past, rules), _small(past, rules, year))


def reasons(
    step: Step, past: Sequence[Had], rules: Rules, *, before: Had | None = None, today: dt.date
) -> Iterator[Reason]:
    """Everything that keeps a student with this past, in the order of days, from the step. `before` did the
    step before it."""
    types = {one.type for one in past}
    for code in sorted(step.after - types):
        yield Reason(NEEDS_TYPE, what=code)
    if step.unaccompanied and rules.shorter_first:
        shorter = sum(one.hours < step.hours and not one.unaccompanied for one in past)
        if shorter < rules.shorter_first:
            yield Reason(SHORTER_FIRST, needed=rules.shorter_first, have=shorter)
    if step.sector and step.sector in avoided(past, rules):
        yield Reason(SAME_SECTOR, what=step.sector, needed=rules.other_sector)
    if step.gap_weeks and before is not None:
        first = before.on + dt.timedelta(weeks=step.gap_weeks)
        if today < first:
            yield Reason(GAP, on=first)


def avoided(past: Sequence[Had], rules: Rules) -> frozenset[str]:
    """The sectors of the last encounters, `past` being in the order of days."""
    last = past[-rules.other_sector :] if rules.other_sector else ()
    return frozenset().union(*(one.sectors for one in last))


def does(had: Had, step: Step) -> bool:
    """Whether the encounter is what the step asks for."""
    return (
        had.type == step.type
        and (not step.sector or step.sector in had.sectors)
        and (step.opportunity is None or step.opportunity == had.opportunity)
    )


def assign(steps: Sequence[Step], past: Sequence[Had]) -> dict[int, int]:
    """Step → the encounter that did it, both by number; `past` in the order of days.

    A matching with as many steps as possible; among those the one whose done steps come first, then the one
    whose encounters come first, step by step.
    """
    fits = {number: [n for n, one in enumerate(past) if does(one, step)] for number, step in enumerate(steps)}
    done: list[int] = []
    holders: dict[int, int] = {}
    for number in fits:
        if _augment(number, fits, holders, set()):
            done.append(number)
    found: dict[int, int] = {}
    for position, number in enumerate(done):
        rest = done[position + 1 :]
        found[number] = next(
            n for n in fits[number] if n not in found.values() and _all_fit(rest, fits, taken={*found.values(), n})
        )
    return found


def _augment(step: int, fits: dict[int, list[int]], holders: dict[int, int], seen: set[int]) -> bool:
    """Give the step an encounter, moving others to another one where they have it (an augmenting path)."""
    for encounter in fits[step]:
        if encounter in seen:
            continue
        seen.add(encounter)
        if encounter not in holders or _augment(holders[encounter], fits, holders, seen):
            holders[encounter] = step
            return True
    return False


def _all_fit(steps: Sequence[int], fits: dict[int, list[int]], *, taken: set[int]) -> bool:
    holders: dict[int, int] = {}
    return all(_augment(step, fits, holders, set(taken)) for step in steps)


def _small(past: Sequence[Had], rules: Rules, year: int | None) -> str | None:
    if rules.small_by is None:
        return None
    if any(one.small_employer for one in past):
        return MET
    return MISSED if year is not None and year > rules.small_by else DUE


def never_open(steps: Sequence[Step], rules: Rules) -> list[tuple[int, tuple[Reason, ...]]]:
    """Steps that somebody who had nothing before could not begin after doing all steps before them, each by
    number with its reasons. Gaps are waited out. A pathway with one of these leads nowhere."""
    past: list[Had] = []
    day, found = dt.date(2000, 1, 1), []
    for number, step in enumerate(steps):
        day += dt.timedelta(weeks=max(1, step.gap_weeks))
        why = tuple(reasons(step, past, rules, today=day))
        if why:
            found.append((number, why))
        sectors = frozenset({step.sector}) if step.sector else frozenset()
        past.append(Had(day, step.type, step.hours, sectors, step.opportunity, unaccompanied=step.unaccompanied))
    return found
