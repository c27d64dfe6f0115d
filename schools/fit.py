"""Does a session fit a group: yes, at what cost, or why not. Pure functions over a compiled school year.

Reason codes and their facts. *Blocks*: past (starts) · outside_term (date, previous_end, next_start) · closure,
public_holiday, staff_day (name, from, to) · weekend (date) · protected_blocked (name, from, to) · notice (have, need:
school weeks) · release_weekday (date, weekday, allowed) · release_period (date, period, allowed) ·
release_hours (date, earliest, latest) · too_many_out
(date, out, students, cap) · times_this_term (times, cap) · protected_subject (subject, date) · year_group_too_young,
year_group_too_old (year_group, ages, from_year, to_year, from_age, to_age). *Costs*: protected_avoid (name, from, to)
· lessons_missed (subject, count, minutes). *Notes*: no_timetable () · no_terms () · week_unknown (date).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from schools.fit_times import DAY_MINUTES, Stretch, stretches
from schools.weeks import days_between, notice_in_school_weeks
from schools.years import (
    AVOID,
    BLOCKS,
    COSTS,
    NOTE,
    BellPeriod,
    CompiledCalendar,
    GroupRules,
    ProtectedPeriod,
    Reason,
    ReleaseRule,
    SchoolYear,
    Span,
    WeekPattern,
    YearGroupOf,
    YearLesson,
    compile_year,
    minutes_of,
)

__all__ = [
    "AVOID",
    "BLOCKS",
    "CANNOT",
    "COSTS",
    "FITS",
    "FITS_AT_COST",
    "NOTE",
    "BellPeriod",
    "CompiledCalendar",
    "DayState",
    "Fit",
    "FitSession",
    "Missed",
    "ProtectedPeriod",
    "Reason",
    "ReleaseRule",
    "SchoolYear",
    "Span",
    "WeekPattern",
    "YearGroupOf",
    "YearLesson",
    "compile_year",
    "day_plan",
    "fit",
    "fit_many",
    "free_map",
]

FITS = "fits"
FITS_AT_COST = "fits_at_cost"
CANNOT = "cannot"
VERDICT_ORDER = {FITS: 0, FITS_AT_COST: 1, CANNOT: 2}
WHOLE_DAY = (0, DAY_MINUTES)
# Reasons that keep a group in for a part of the day: they do not close the day for everything.
NOT_ALL_DAY = frozenset({"protected_subject", "release_period", "release_hours"})


@dataclass(frozen=True, slots=True)
class FitSession:
    """``days``: (local date, start, end) in ``zone``; an end at or before its start is on the next day.

    ``travel_minutes`` one way: the group is away that much before and after. Years and ages are inclusive limits, None
    for none. ``min_notice_weeks`` in school weeks of the asking school.
    """

    days: tuple[tuple[date, time, time], ...]
    zone: str
    travel_minutes: int = 0
    students: int = 1
    min_year: int | None = None
    max_year: int | None = None
    min_age: int | None = None
    max_age: int | None = None
    min_notice_weeks: int = 0


@dataclass(frozen=True, slots=True)
class Missed:
    subject: str
    count: int
    minutes: int


@dataclass(frozen=True, slots=True)
class Fit:
    """``minutes_missed`` counts every minute once, also where a group sits in parallel options.

    ``rank`` orders fits, best first: (verdict, things better avoided, minutes missed, first day).
    """

    verdict: str
    reasons: tuple[Reason, ...]
    lessons_missed: tuple[Missed, ...]
    minutes_missed: int
    rank: tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class DayState:
    """One day of the heat map. ``state``: open, cost (avoid, or a protected subject is taught) or blocked.

    ``lessons`` and ``minutes``: what a whole day out would miss.
    """

    day: date
    state: str
    reasons: tuple[Reason, ...]
    lessons: int
    minutes: int
    letter: str | None


@dataclass(frozen=True, slots=True)
class _DayFit:
    """What one stretch of one day means for one group, whatever the session."""

    reasons: tuple[Reason, ...]
    missed: tuple[Missed, ...]
    minutes: int
    blocked: bool


def fit(
    compiled: CompiledCalendar,
    group_key: str,
    session: FitSession,
    *,
    now: datetime,
    out_that_day: Mapping[date, int] | None = None,
    times_this_term: int = 0,
) -> Fit:
    """Judge one session for one group.

    ``now`` is aware. ``out_that_day``: pupils of the school already out, by date. ``times_this_term``: how often the
    group was or will be out in the term of the session. Raises KeyError for a group the year does not hold, ValueError
    for a session without days or in an unknown zone.
    """
    return next(
        fit_many(
            compiled,
            group_key,
            (session,),
            now=now,
            out_that_day=out_that_day,
            times_this_term=lambda _: times_this_term,
        )
    )


def fit_many(
    compiled: CompiledCalendar,
    group_key: str,
    sessions: Iterable[FitSession],
    *,
    now: datetime,
    out_that_day: Mapping[date, int] | None = None,
    times_this_term: Callable[[date], int] | None = None,
) -> Iterator[Fit]:
    """As ``fit``, for many sessions, in their order. ``times_this_term``: a function of a date in the term."""
    if now.tzinfo is None:
        raise ValueError("now must be aware")
    group = compiled.groups[group_key]
    rules = compiled.rules_for(group_key)
    general = _general_notes(compiled, group_key)
    today = now.astimezone(compiled.zone)
    out = out_that_day or {}
    home = compiled.year.zone
    for session in sessions:
        away = stretches(session.days, zone=session.zone, school_zone=home, travel_minutes=session.travel_minutes)
        base = _base(compiled, group_key, rules, away, general)
        extra = (
            *_suits(group, session),
            *_timing(compiled, session, rules, away[0], today),
            *_caps(session, rules, away, out, times_this_term),
        )
        # All of these block, so they change the verdict and nothing else of what is remembered.
        yield _refused(base, extra) if extra else base


def _refused(base: Fit, extra: tuple[Reason, ...]) -> Fit:
    rank = (VERDICT_ORDER[CANNOT], *base.rank[1:])
    return Fit(CANNOT, extra + base.reasons, base.lessons_missed, base.minutes_missed, rank)


def _base(
    compiled: CompiledCalendar,
    group_key: str,
    rules: GroupRules,
    away: tuple[Stretch, ...],
    general: tuple[Reason, ...],
) -> Fit:
    """What the days themselves say, remembered: thousands of sessions share a few hundred days and hours."""
    key = ("base", group_key, away)
    known = compiled.memory.get(key)
    if isinstance(known, Fit):
        return known
    days = [_day_fit(compiled, group_key, rules, *stretch) for stretch in away]
    # A week inside one exam period has one reason, not five.
    reasons: list[Reason] = []
    for reason in (reason for day in days for reason in day.reasons):
        if reason not in reasons:
            reasons.append(reason)
    missed = _summed([one for day in days for one in day.missed])
    costs = tuple(
        Reason("lessons_missed", {"subject": m.subject, "count": m.count, "minutes": m.minutes}, COSTS) for m in missed
    )
    minutes = sum(day.minutes for day in days)
    levels = {reason.level for reason in reasons}
    verdict = CANNOT if BLOCKS in levels else FITS_AT_COST if COSTS in levels or missed else FITS
    avoided = sum(reason.level == COSTS for reason in reasons)
    rank = (VERDICT_ORDER[verdict], avoided, minutes, away[0][0].toordinal())
    found = Fit(verdict, (*reasons, *costs, *general), missed, minutes, rank)
    compiled.remember(key, found)
    return found


def _summed(missed: Sequence[Missed]) -> tuple[Missed, ...]:
    if len(missed) < 2:
        return tuple(missed)
    counts: dict[str, tuple[int, int]] = {}
    for one in missed:
        count, minutes = counts.get(one.subject, (0, 0))
        counts[one.subject] = (count + one.count, minutes + one.minutes)
    return tuple(Missed(subject, *totals) for subject, totals in sorted(counts.items()))


def _general_notes(compiled: CompiledCalendar, group_key: str) -> tuple[Reason, ...]:
    notes = []
    if not compiled.has_timetable(group_key):
        notes.append(Reason("no_timetable", {}, NOTE))
    if not compiled.has_terms:
        notes.append(Reason("no_terms", {}, NOTE))
    return tuple(notes)


def _suits(group: YearGroupOf, session: FitSession) -> Sequence[Reason]:
    """Year and age limits. A year group is too young only when even its oldest are."""
    if session.min_year is session.max_year is session.min_age is session.max_age is None:
        return ()
    youngest, oldest = group.ages or (None, None)
    year = group.year_group
    too_young = (session.min_year is not None and year is not None and year < session.min_year) or (
        session.min_age is not None and oldest is not None and oldest < session.min_age
    )
    too_old = (session.max_year is not None and year is not None and year > session.max_year) or (
        session.max_age is not None and youngest is not None and youngest > session.max_age
    )
    if not too_young and not too_old:
        return ()
    facts = {
        "year_group": year,
        "ages": group.ages,
        "from_year": session.min_year,
        "to_year": session.max_year,
        "from_age": session.min_age,
        "to_age": session.max_age,
    }
    found = [Reason("year_group_too_young", facts)] if too_young else []
    return [*found, Reason("year_group_too_old", facts)] if too_old else found


def _timing(
    compiled: CompiledCalendar,
    session: FitSession,
    rules: GroupRules,
    stretch: Stretch,
    today: datetime,
) -> Sequence[Reason]:
    first, start, _ = stretch
    if (first, start) <= (today.date(), minutes_of(today.time())):
        return (Reason("past", {"starts": datetime.combine(first, _clock(start))}),)
    need = max(rules.min_notice_weeks, session.min_notice_weeks)
    if not need:
        return ()
    memory_key = ("notice", today.date(), first)
    have = compiled.memory.get(memory_key)
    if not isinstance(have, int):
        have = notice_in_school_weeks(
            today.date(), first, closed=_not_teaching_around(compiled, today.date()), weekdays=compiled.year.weekdays
        )
        compiled.remember(memory_key, have)
    return (Reason("notice", {"have": have, "need": need}),) if have < need else ()


def _not_teaching_around(compiled: CompiledCalendar, today: date) -> frozenset[date]:
    """Days known not to teach, reaching back to today: before the first known term nothing counts as a school week."""
    if not compiled.has_terms or today >= compiled.first:
        return compiled.not_teaching
    key = ("early", today)
    known = compiled.memory.get(key)
    if not isinstance(known, frozenset):
        known = compiled.not_teaching | set(days_between(today - timedelta(days=7), compiled.first))
        compiled.remember(key, known)
    return known


def _caps(
    session: FitSession,
    rules: GroupRules,
    away: Sequence[Stretch],
    out: Mapping[date, int],
    times_this_term: Callable[[date], int] | None,
) -> Sequence[Reason]:
    if rules.max_out_per_day is None and rules.max_times_per_term is None:
        return ()
    found = []
    if rules.max_out_per_day is not None:
        for day in dict.fromkeys(day for day, _, _ in away):
            already = out.get(day, 0)
            if already + session.students > rules.max_out_per_day:
                facts = {"date": day, "out": already, "students": session.students, "cap": rules.max_out_per_day}
                found.append(Reason("too_many_out", facts))
    if rules.max_times_per_term is not None and times_this_term is not None:
        times = times_this_term(away[0][0])
        if times >= rules.max_times_per_term:
            found.append(Reason("times_this_term", {"times": times, "cap": rules.max_times_per_term}))
    return found


def _day_fit(compiled: CompiledCalendar, group: str, rules: GroupRules, day: date, start: int, end: int) -> _DayFit:
    key = (group, day, start, end)
    known = compiled.memory.get(key)
    if not isinstance(known, _DayFit):
        known = _work_out_day(compiled, group, rules, day, start, end)
        compiled.remember(key, known)
    return known


def _work_out_day(
    compiled: CompiledCalendar, group: str, rules: GroupRules, day: date, start: int, end: int
) -> _DayFit:
    closed = compiled.day_reason(day)
    if closed is not None:
        return _DayFit((closed,), (), 0, True)
    reasons = _protected(compiled, group, day, start, end)
    if rules.weekdays is not None and day.weekday() not in rules.weekdays:
        facts = {"date": day, "weekday": day.weekday(), "allowed": tuple(sorted(rules.weekdays))}
        reasons.append(Reason("release_weekday", facts))
    if (rules.earliest and start < minutes_of(rules.earliest)) or (rules.latest and end > minutes_of(rules.latest)):
        reasons.append(Reason("release_hours", {"date": day, "earliest": rules.earliest, "latest": rules.latest}))
    if rules.periods is not None:
        for period in compiled.bell_on(day):
            overlaps = minutes_of(period.start) < end and start < minutes_of(period.end)
            if overlaps and not period.is_break and period.label not in rules.periods:
                facts = {"date": day, "period": period.label, "allowed": tuple(sorted(rules.periods))}
                reasons.append(Reason("release_period", facts))
    slots = [slot for slot in compiled.slots(group, day) if slot[0] < end and start < slot[1]]
    for subject in dict.fromkeys(s for _, _, s in slots if s.casefold() in rules.protected_subjects):
        reasons.append(Reason("protected_subject", {"subject": subject, "date": day}))
    if len(compiled.year.pattern.labels) > 1 and compiled.letter(day) is None:
        reasons.append(Reason("week_unknown", {"date": day}, NOTE))
    cut = [(max(first, start), min(last, end), subject) for first, last, subject in slots]
    missed = _summed([Missed(subject, 1, last - first) for first, last, subject in cut])
    return _DayFit(tuple(reasons), missed, _union(cut), any(r.level == BLOCKS for r in reasons))


def _protected(compiled: CompiledCalendar, group: str, day: date, start: int, end: int) -> list[Reason]:
    found = []
    for period in compiled.protections(group, day):
        first = minutes_of(period.start_time) if period.start_time else 0
        last = minutes_of(period.end_time) if period.end_time else DAY_MINUTES
        if first < end and start < last:
            hard = period.hardness != AVOID
            facts = {"name": period.name, "from": period.start, "to": period.end}
            code = "protected_blocked" if hard else "protected_avoid"
            found.append(Reason(code, facts, BLOCKS if hard else COSTS))
    return found


def _union(slots: Sequence[tuple[int, int, str]]) -> int:
    """Minutes covered by at least one slot."""
    total = 0
    reached = 0
    for first, last, _ in sorted(slots):
        total += max(0, last - max(first, reached))
        reached = max(reached, last)
    return total


def free_map(compiled: CompiledCalendar, group_key: str, first: date, last: date) -> tuple[DayState, ...]:
    """Each day from ``first`` to ``last``, both included, for a whole day out. Raises KeyError for an unknown group."""
    compiled.groups[group_key]
    rules = compiled.rules_for(group_key)
    states = []
    for day in days_between(first, last):
        found = _day_fit(compiled, group_key, rules, day, *WHOLE_DAY)
        hard = [r for r in found.reasons if r.level == BLOCKS and r.code not in NOT_ALL_DAY]
        soft = [r for r in found.reasons if r not in hard and r.level != NOTE]
        state = "blocked" if hard else "cost" if soft else "open"
        lessons = sum(one.count for one in found.missed)
        states.append(DayState(day, state, found.reasons, lessons, found.minutes, compiled.letter(day)))
    return tuple(states)


def day_plan(compiled: CompiledCalendar, group_key: str, day: date) -> tuple[tuple[time, time, str], ...]:
    """The lessons of a group on one day, (start, end, subject) in order; empty when the school does not teach."""
    if compiled.day_reason(day) is not None:
        return ()
    slots = compiled.slots(group_key, day)
    return tuple((_clock(first), _clock(last), subject) for first, last, subject in slots)


def _clock(minutes: int) -> time:
    return time(*divmod(min(minutes, DAY_MINUTES - 1), 60))
