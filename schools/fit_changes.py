"""What would make a session fit a group that cannot go: the smallest changes, each tried before it is said.

Codes and their facts: *other_day* (date, verdict, minutes) · *fewer_students* (students, was) · *more_notice*
(next: the first school day that is far enough ahead) · *rule* (code and facts of the reason it would lift).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta

from schools.fit import fit_many
from schools.fit_types import CANNOT, Fit, FitSession
from schools.years import NOTE, CompiledCalendar, Reason

# How far another day may lie from the day on offer, and how many are named.
NEAREST_DAYS = 28
MOST_DAYS_NAMED = 2
# Blocks that are a rule somebody at the school set, and may set aside once.
RULES = frozenset(
    {"notice", "release_weekday", "release_period", "release_hours", "too_many_out", "times_this_term",
     "protected_subject", "subject_too_often"}
)  # fmt: skip

Judge = Callable[[FitSession], Fit]


@dataclass(frozen=True, slots=True)
class Change:
    code: str
    facts: Mapping[str, object] = field(default_factory=dict)


def changes(
    compiled: CompiledCalendar,
    group_key: str,
    session: FitSession,
    *,
    now: datetime,
    out_that_day: Mapping[date, int] | None = None,
    times_this_term: Callable[[date], int] | None = None,
    missed_before: Callable[[date], Mapping[str, int]] | None = None,
) -> tuple[Change, ...]:
    """The nearest changes under which the group could go; empty when it can already, or when none of them helps.

    Arguments as for ``schools.fit.fit_many``. The same hours on another day within four weeks, the nearest first and
    the cheaper of two equally near; fewer students; when asking would be in time; and a rule of the school that alone
    stands in the way. Several days move together.
    """

    def judge(wanted: FitSession) -> Fit:
        return next(
            fit_many(
                compiled, group_key, (wanted,), now=now, out_that_day=out_that_day, times_this_term=times_this_term,
                missed_before=missed_before,
            )
        )  # fmt: skip

    found = judge(session)
    if found.verdict != CANNOT:
        return ()
    blocks = [reason for reason in found.reasons if reason.level not in (NOTE, "costs")]
    if any(reason.code.startswith("year_group_too") for reason in blocks):
        return ()  # no other day makes anybody older
    return (
        *_fewer(session, blocks, judge),
        *_other_days(session, judge),
        *_notice(compiled, session, blocks, now),
        *_rules(blocks),
    )


def _other_days(session: FitSession, judge: Judge) -> Iterator[Change]:
    tried = []
    for distance in range(1, NEAREST_DAYS + 1):
        for days in (-distance, distance):
            moved = replace(session, days=_moved(session.days, days))
            found = judge(moved)
            if found.verdict != CANNOT:
                tried.append((distance, found.rank[:3], moved.days[0][0], found))
        if len(tried) >= MOST_DAYS_NAMED:
            break
    for _distance, _rank, day, found in sorted(tried, key=lambda one: one[:3])[:MOST_DAYS_NAMED]:
        yield Change("other_day", {"date": day, "verdict": found.verdict, "minutes": found.minutes_missed})


def _moved(days: tuple[tuple[date, time, time], ...], by: int) -> tuple[tuple[date, time, time], ...]:
    return tuple((day + timedelta(days=by), start, end) for day, start, end in days)


def _fewer(session: FitSession, blocks: list[Reason], judge: Judge) -> Iterator[Change]:
    full = [reason.facts for reason in blocks if reason.code == "too_many_out"]
    if not full:
        return
    room = min(int(str(facts["cap"])) - int(str(facts["out"])) for facts in full)
    if 0 < room < session.students and judge(replace(session, students=room)).verdict != CANNOT:
        yield Change("fewer_students", {"students": room, "was": session.students})


def _notice(compiled: CompiledCalendar, session: FitSession, blocks: list[Reason], now: datetime) -> Iterator[Change]:
    """When notice is all that is missing: the first day far enough ahead, for the next session of its kind."""
    if [reason.code for reason in blocks] != ["notice"]:
        return
    need = int(str(blocks[0].facts["need"]))
    today, day = now.astimezone(compiled.zone).date(), session.days[0][0]
    for ahead in range(1, 366):
        later = day + timedelta(days=ahead)
        if compiled.day_reason(later) is None and compiled.notice(today, later) >= need:
            yield Change("more_notice", {"next": later})
            return


def _rules(blocks: list[Reason]) -> Iterator[Change]:
    """One kind of rule alone in the way: whoever set it may set it aside for once."""
    codes = {reason.code for reason in blocks}
    if len(codes) == 1 and codes <= RULES:
        yield Change("rule", {"code": blocks[0].code, **blocks[0].facts})
