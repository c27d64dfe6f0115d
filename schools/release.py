"""When a group may be out: the rules of a school, its year groups and its groups, folded into one a group. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time
from typing import Any

DAY_MINUTES = 24 * 60


@dataclass(frozen=True, slots=True)
class ReleaseRule:
    """When a group may be out. None or empty says nothing. What a rule of the group says of a thing takes the place
    of what its year group's says, and that of what the school's says; of several such, the strictest holds.

    Covers the whole school when ``year_groups`` and ``groups`` are both empty. ``periods``: labels of bell periods a
    session may overlap. ``earliest``, ``latest``: when a group may leave and must be back. ``min_notice_weeks``: school
    weeks. ``max_out_per_day``: pupils. ``max_missed_per_subject``: lessons of one subject in one term.
    """

    year_groups: frozenset[int] = frozenset()
    groups: frozenset[str] = frozenset()
    weekdays: frozenset[int] = frozenset()
    periods: frozenset[str] = frozenset()
    earliest: time | None = None
    latest: time | None = None
    max_out_per_day: int | None = None
    max_times_per_term: int | None = None
    min_notice_weeks: int | None = None
    protected_subjects: frozenset[str] = frozenset()
    max_missed_per_subject: int | None = None


@dataclass(frozen=True, slots=True)
class GroupRules:
    """All release rules of one group folded into one (see `ReleaseRule`)."""

    weekdays: frozenset[int] | None
    periods: frozenset[str] | None
    earliest: time | None
    latest: time | None
    max_out_per_day: int | None
    max_times_per_term: int | None
    min_notice_weeks: int
    protected_subjects: frozenset[str]
    max_missed_per_subject: int | None
    # The hours once more, as minutes of the day; the whole day where there is none.
    first_minute: int
    last_minute: int


def fold(mine: Sequence[ReleaseRule]) -> GroupRules:
    """The rules that cover a group as one."""
    weekdays, periods = _ruling(mine, "weekdays"), _ruling(mine, "periods")
    earliest = max(_ruling(mine, "earliest"), default=None)
    latest = min(_ruling(mine, "latest"), default=None)
    return GroupRules(
        weekdays=frozenset.intersection(*weekdays) if weekdays else None,
        periods=frozenset.intersection(*periods) if periods else None,
        earliest=earliest,
        latest=latest,
        first_minute=minutes_of(earliest) if earliest else 0,
        last_minute=minutes_of(latest) if latest else DAY_MINUTES,
        max_out_per_day=min(_ruling(mine, "max_out_per_day"), default=None),
        max_times_per_term=min(_ruling(mine, "max_times_per_term"), default=None),
        min_notice_weeks=max(_ruling(mine, "min_notice_weeks"), default=0),
        protected_subjects=frozenset(s.casefold() for some in _ruling(mine, "protected_subjects") for s in some),
        max_missed_per_subject=min(_ruling(mine, "max_missed_per_subject"), default=None),
    )


def _ruling(rules: Sequence[ReleaseRule], name: str) -> list[Any]:
    """What rules say of one thing: the groups' where they say anything, else the year groups', else the school's."""
    said: dict[int, list[Any]] = {}
    for rule in rules:
        value = getattr(rule, name)
        if value is not None and value != frozenset():
            said.setdefault(2 if rule.groups else 1 if rule.year_groups else 0, []).append(value)
    return said[max(said)] if said else []


def minutes_of(moment: time) -> int:
    return moment.hour * 60 + moment.minute
