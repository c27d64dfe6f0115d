"""What became of a standard where a step that serves it was done: before and after, of every step on plans.

A change and not a cause: what else happened between two answers stands in no record. So beside it stands
how the same standard moved where no such step was done, and of few employers nothing is said.
"""

from __future__ import annotations

import datetime as dt
import statistics
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from employers.models import SelfAssessment
from employers.next_steps import served
from hubs.models import Hub
from opportunities.models import PlanStep

#: Of fewer employers a middle says who they are or what chance did, and nothing of the step.
LEAST_PAIRS = 3

History = Mapping[int, list[tuple[dt.datetime, dict]]]  # by employer: when sent, and its result; oldest first


@dataclass
class Done:
    """A step as it stands on plans: on how many, done on how many, and each employer's percents before and after."""

    title: str
    standard: str
    planned: int = 0
    done: set[int] = field(default_factory=set)
    pairs: dict[int, tuple[int, int]] = field(default_factory=dict)
    finished: int = 0


def standard_of(key: str) -> str:
    """The code of the standard a plan's step serves, without its framework's."""
    return served(key).partition(":")[2]


def lines(hub: Hub, code: str, steps: list[PlanStep], changes: Iterable[tuple[int, dict[str, int]]]) -> list[list]:
    """[[key, title as it stands on the newest plan, standard, planned, done, pairs, middle before, middle after,
    higher, same, lower, elsewhere]] of the standards with this code. `pairs`: how many employers were scored before
    the step was done and again after, and of them `higher`, `same` and `lower` the second time. `elsewhere`: the
    middle of `changes` (by employer and standard, in points) where no step that serves the standard was done.
    Percents and points are whole; where fewer than `LEAST_PAIRS` employers stand behind them they are None. One
    statement."""
    found = _gathered(steps, _history(hub, code, steps))
    moved = list(changes)
    return [_line(key, one, _elsewhere(one.standard, found.values(), moved)) for (key, _title), one in found.items()]


def _history(hub: Hub, code: str, steps: list[PlanStep]) -> History:
    did = {step.employer_id for step in steps if step.state == "done"}
    sent = SelfAssessment.objects.standing().filter(hub=hub, framework__code=code, employer__in=did)
    history: dict[int, list[tuple[dt.datetime, dict]]] = defaultdict(list)
    rows = sent.exclude(result={}).order_by("submitted_at", "pk")
    for employer, at, result in rows.values_list("employer", "submitted_at", "result"):
        history[employer].append((at, result))
    return history


def _gathered(steps: list[PlanStep], history: History) -> dict[tuple[str, str], Done]:
    """What was recommended is one step by its key, whatever it is called on a plan; of templates' steps several serve
    one standard, and their titles tell them apart."""
    found: dict[tuple[str, str], Done] = {}
    for step in steps:
        if step.state == "skipped":
            continue
        key = (step.standard, "" if step.standard.count(":") > 1 else step.title)
        one = found.setdefault(key, Done(step.title, standard_of(step.standard)))
        one.title = step.title
        one.planned += 1
        if step.state == "done" and step.done_at:
            one.finished += 1
            one.done.add(step.employer_id)
            pair = _pair(history.get(step.employer_id, []), step.done_at, one.standard)
            # Of somebody who did it in two years the first time counts: each employer stands for one.
            if pair and step.employer_id not in one.pairs:
                one.pairs[step.employer_id] = pair
    return found


def _pair(history: list[tuple[dt.datetime, dict]], done_at: dt.datetime, standard: str) -> tuple[int, int] | None:
    """The standard's percent in the last answers sent before it was done, and in the first sent after."""
    percents = [(at, result["standards"].get(standard, {}).get("percent")) for at, result in history]
    before = [percent for at, percent in percents if at <= done_at and percent is not None]
    after = [percent for at, percent in percents if at > done_at and percent is not None]
    return (before[-1], after[0]) if before and after else None


def _elsewhere(standard: str, found: Iterable[Done], moved: list[tuple[int, dict[str, int]]]) -> int | None:
    did = {employer for one in found if one.standard == standard for employer in one.done}
    return _middle([by[standard] for employer, by in moved if employer not in did and standard in by])


def _line(key: str, one: Done, elsewhere: int | None) -> list:
    pairs = list(one.pairs.values())
    told = len(pairs) >= LEAST_PAIRS
    higher, lower = sum(a > b for b, a in pairs), sum(a < b for b, a in pairs)
    directions = [higher, len(pairs) - higher - lower, lower] if told else [None, None, None]
    return [
        key, one.title, one.standard, one.planned, one.finished, len(pairs), _middle([b for b, _a in pairs]),
        _middle([a for _b, a in pairs]), *directions, elsewhere if told else None,
    ]  # fmt: skip


def _middle(found: list[int]) -> int | None:
    return statistics.median_low(found) if len(found) >= LEAST_PAIRS else None
