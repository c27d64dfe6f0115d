"""Does a session fit a group: yes, at what cost, or why not. Pure functions over a compiled school year.

Reason codes and their facts. *Blocks*: past (starts) · outside_term (date, previous_end, next_start) · closure,
public_holiday, staff_day (name, from, to) · short_day (name, from, to, earliest, latest: when there are lessons) ·
weekend (date) · protected_blocked (name, from, to, starts?, ends?) · notice (have, need: school weeks) ·
release_weekday (date, weekday, allowed) · release_period (date, period, allowed) ·
release_hours (date, earliest, latest) · too_many_out
(date, out, students, cap) · times_this_term (times, cap) · protected_subject (subject, date) · subject_too_often
(subject, times, cap) · year_group_too_young, year_group_too_old (year_group, ages, from_year, to_year, from_age,
to_age). *Costs*: protected_avoid (as protected_blocked) · subject_again (subject, times) · lessons_missed (subject,
count, minutes). *Notes*: no_timetable () · no_terms () · week_unknown (date).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime, time
from math import inf
from typing import cast

from schools.fit_days import CUT_KEY, GroupDay, closing, group_day, hours_on, summed, unique
from schools.fit_times import Stretch, stretches
from schools.fit_types import CANNOT, FITS, FITS_AT_COST, VERDICT_ORDER, DayState, Fit, FitSession, Missed, Told
from schools.release import DAY_MINUTES, ReleaseRule, minutes_of
from schools.weeks import days_between
from schools.years import (
    AVOID,
    BLOCKS,
    COSTS,
    NOTE,
    BellPeriod,
    CompiledCalendar,
    ProtectedPeriod,
    Reason,
    SchoolYear,
    ShortDay,
    Span,
    WeekPattern,
    YearGroupOf,
    YearLesson,
    compile_year,
)

__all__ = [
    "AVOID",
    "BLOCKS",
    "CANNOT",
    "COSTS",
    "FITS",
    "FITS_AT_COST",
    "NOTE",
    "TOO_OFTEN",
    "BellPeriod",
    "CompiledCalendar",
    "DayState",
    "Fit",
    "FitSession",
    "Judge",
    "Missed",
    "ProtectedPeriod",
    "Reason",
    "ReleaseRule",
    "SchoolYear",
    "ShortDay",
    "Span",
    "WeekPattern",
    "YearGroupOf",
    "YearLesson",
    "compile_year",
    "day_plan",
    "fit",
    "fit_many",
    "free_map",
    "missed_on",
]

# From this time in one term on, a lesson of one subject counts as something better avoided.
TOO_OFTEN = 3

Before = Mapping[str, int]


def fit(
    compiled: CompiledCalendar,
    group_key: str,
    session: FitSession,
    *,
    now: datetime,
    out_that_day: Mapping[date, int] | None = None,
    times_this_term: int = 0,
    missed_before: Before | None = None,
) -> Fit:
    """Judge one session for one group.

    ``now`` is aware. ``out_that_day``: pupils of the school already out, by date. ``times_this_term``: how often the
    group was or will be out in the term of the session; ``missed_before``: lessons it misses by that, by subject.
    Raises KeyError for a group the year does not hold, ValueError for a session without days or in an unknown zone.
    """
    return next(
        fit_many(
            compiled,
            group_key,
            (session,),
            now=now,
            out_that_day=out_that_day,
            times_this_term=lambda _: times_this_term,
            missed_before=lambda _: missed_before or {},
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
    missed_before: Callable[[date], Before] | None = None,
) -> Iterator[Fit]:
    """As ``fit``, for many sessions, in their order. The two last are functions of a date in the term."""
    if now.tzinfo is None:
        raise ValueError("now must be aware")
    judge = Judge(compiled, group_key, now, out_that_day or {}, times_this_term, missed_before)
    return map(judge.fit, sessions)


class Judge:
    """One group asking at one instant; answers that many sessions share are kept for the length of the asking."""

    def __init__(
        self,
        compiled: CompiledCalendar,
        group_key: str,
        now: datetime,
        out: Mapping[date, int],
        times: Callable[[date], int] | None = None,
        before: Callable[[date], Before] | None = None,
    ) -> None:
        self.compiled = compiled
        self.key = group_key
        self.group = compiled.groups[group_key]
        self.rules = compiled.rules_for(group_key)
        self.home = compiled.year.zone
        self.days = cast("dict[date, GroupDay]", compiled.days_of(group_key))
        here = now.astimezone(compiled.zone)
        self.today, self.minute = here.date(), minutes_of(here.time())
        self.out, self.times, self.before = out, times, before
        self.notice = self.rules.min_notice_weeks
        self.roomy = self._roomy()
        self.notes = _general_notes(compiled, group_key)
        self.extras: dict[tuple[date | int | None, ...], tuple[Reason, ...]] = {}
        self.tell = self._tell  # bound once, for all fits

    def fit(self, session: FitSession) -> Fit:
        """One day in the school's own zone, the usual case, is worked out here and now: a list asks 20,000 times."""
        days = session.days
        if len(days) == 1 and session.zone == self.home:
            ((on, leaves, returns),) = days
            travel = session.travel_minutes
            start = leaves.hour * 60 + leaves.minute - travel
            end = returns.hour * 60 + returns.minute + travel
            if 0 <= start < end - 2 * travel and end <= DAY_MINUTES:
                hours = (self.days.get(on) or group_day(self.compiled, self.key, on)).hours
                cut = hours.cuts.get(start * CUT_KEY + end) or hours.cut(start, end)
                return self._judged(session, on, start, cut.why != "", cut.avoided, cut.minutes)
        away = self.away(session)
        return self._judged(session, away[0][0], away[0][1], *self._measure(away))

    def _judged(self, session: FitSession, on: date, start: int, blocked: bool, avoided: int, minutes: int) -> Fit:
        """``on`` and ``start``: when the group leaves, on its own clock."""
        key = (on, session.min_notice_weeks, session.min_year, session.max_year, session.min_age, session.max_age)
        extra = self.extras.get(key)
        if extra is None:
            extra = _suits(self.group, session) + self._timing(session, on, start)
            if on > self.today:  # of today's sessions some have begun
                self.extras[key] = extra
        if session.students > self.roomy:
            extra += self._caps(session)
        again: tuple[Reason, ...] = ()
        if self.before is not None:
            again = self._again(self.away(session))
            blocked = blocked or any(reason.level == BLOCKS for reason in again)
            avoided += sum(reason.facts["times"] >= TOO_OFTEN for reason in again)  # type: ignore[operator]  # a count
        verdict = CANNOT if blocked or extra else FITS_AT_COST if avoided or minutes or again else FITS
        return Fit(verdict, minutes, (VERDICT_ORDER[verdict], avoided, minutes, on.toordinal()), self.tell, session,
                   extra, again)  # fmt: skip

    def why_not(self, session: FitSession, away: tuple[Stretch, ...], students: int) -> str:
        """The code of the first thing that keeps ``students`` of the group in, or "": a count needs no more.

        ``away`` is what ``away`` gives for the session.
        """
        timing = self._timing(session, away[0][0], away[0][1])
        if timing:
            return timing[0].code
        cap = self.rules.max_out_per_day
        for on, start, end in away:
            code = hours_on(self.compiled, self.key, on).why_not(start, end)
            if code:
                return code
            if cap is not None and self.out.get(on, 0) + students > cap:
                return "too_many_out"
        return ""

    def away(self, session: FitSession) -> tuple[Stretch, ...]:
        """When the group is away, on its own clock."""
        return stretches(session.days, zone=session.zone, school_zone=self.home, travel_minutes=session.travel_minutes)

    def _day(self, day: date) -> GroupDay:
        return self.days.get(day) or group_day(self.compiled, self.key, day)

    def _measure(self, away: tuple[Stretch, ...]) -> tuple[bool, int, int]:
        """(whether the days themselves block, things better avoided, minutes missed)."""
        cuts = []
        for on, start, end in away:
            hours = self._day(on).hours
            cuts.append(hours.cuts.get(start * CUT_KEY + end) or hours.cut(start, end))
        protected = [reason for cut in cuts for reason in cut.protected]
        avoided = sum(reason.level == COSTS for reason in unique(protected)) if protected else 0
        return any([cut.why for cut in cuts]), avoided, sum([cut.minutes for cut in cuts])  # noqa: C419 - a third faster

    def _missed(self, away: tuple[Stretch, ...]) -> tuple[Missed, ...]:
        return summed(one for on, start, end in away for one in self._day(on).missed(start, end))

    def _again(self, away: tuple[Stretch, ...]) -> tuple[Reason, ...]:
        """Subjects missed in this term already, which this would be one time more of."""
        cap = self.rules.max_missed_per_subject
        before = self.before(away[0][0]) if self.before is not None else {}
        if not before and cap is None:
            return ()
        found = []
        for one in self._missed(away):
            times = before.get(one.subject, 0) + one.count
            if cap is not None and times > cap:
                found.append(Reason("subject_too_often", {"subject": one.subject, "times": times, "cap": cap}))
            elif times > one.count:
                found.append(Reason("subject_again", {"subject": one.subject, "times": times}, COSTS))
        return tuple(found)

    def _timing(self, session: FitSession, first: date, start: int) -> tuple[Reason, ...]:
        if first <= self.today and (first, start) <= (self.today, self.minute):
            return (Reason("past", {"starts": datetime.combine(first, _clock(start))}),)
        need = max(self.notice, session.min_notice_weeks)
        if not need:
            return ()
        have = self.compiled.notice(self.today, first)
        return (Reason("notice", {"have": have, "need": need}),) if have < need else ()

    def _roomy(self) -> float:
        """Up to how many students nobody has to count who is out already, and how often."""
        cap = self.rules.max_out_per_day
        if self.rules.max_times_per_term is not None or (cap is not None and self.out):
            return -1
        return inf if cap is None else cap

    def _caps(self, session: FitSession) -> tuple[Reason, ...]:
        away = self.away(session)
        found = []
        cap, most = self.rules.max_out_per_day, self.rules.max_times_per_term
        if cap is not None and (self.out or session.students > cap):
            for day in dict.fromkeys(day for day, _, _ in away):
                already = self.out.get(day, 0)
                if already + session.students > cap:
                    facts = {"date": day, "out": already, "students": session.students, "cap": cap}
                    found.append(Reason("too_many_out", facts))
        if most is not None and self.times is not None:
            times = self.times(away[0][0])
            if times >= most:
                found.append(Reason("times_this_term", {"times": times, "cap": most}))
        return tuple(found)

    def _tell(self, session: FitSession, extra: tuple[Reason, ...], again: tuple[Reason, ...]) -> Told:
        away = self.away(session)
        reasons = unique(r for on, start, end in away for r in self._day(on).reasons(start, end))
        missed = self._missed(away)
        costs = tuple(
            Reason("lessons_missed", {"subject": m.subject, "count": m.count, "minutes": m.minutes}, COSTS)
            for m in missed
        )
        return (*extra, *reasons, *again, *costs, *self.notes), missed


def _general_notes(compiled: CompiledCalendar, group_key: str) -> tuple[Reason, ...]:
    notes = []
    if not compiled.has_timetable(group_key):
        notes.append(Reason("no_timetable", {}, NOTE))
    if not compiled.has_terms:
        notes.append(Reason("no_terms", {}, NOTE))
    return tuple(notes)


def _suits(group: YearGroupOf, session: FitSession) -> tuple[Reason, ...]:
    """Year and age limits. A year group is too young only when even its oldest are."""
    youngest, oldest = group.ages or (None, None)
    year = group.year_group
    too_young = (session.min_year is not None and year is not None and year < session.min_year) or (
        session.min_age is not None and oldest is not None and oldest < session.min_age
    )
    too_old = (session.max_year is not None and year is not None and year > session.max_year) or (
        session.max_age is not None and youngest is not None and youngest > session.max_age
    )
    facts = {
        "year_group": year,
        "ages": group.ages,
        "from_year": session.min_year,
        "to_year": session.max_year,
        "from_age": session.min_age,
        "to_age": session.max_age,
    }
    codes = (("year_group_too_young", too_young), ("year_group_too_old", too_old))
    return tuple(Reason(code, facts) for code, holds in codes if holds)


def missed_on(compiled: CompiledCalendar, group_key: str, session: FitSession) -> tuple[Missed, ...]:
    """The lessons the group misses by a session, whether or not it may go. Raises as ``fit`` does."""
    away = stretches(
        session.days, zone=session.zone, school_zone=compiled.year.zone, travel_minutes=session.travel_minutes
    )
    days = [(group_day(compiled, group_key, on), start, end) for on, start, end in away]
    return summed(one for day, start, end in days for one in day.missed(start, end))


def free_map(compiled: CompiledCalendar, group_key: str, first: date, last: date) -> tuple[DayState, ...]:
    """Each day from ``first`` to ``last``, both included, for as long a day out as the group's hours allow.

    Raises KeyError for an unknown group.
    """
    compiled.groups[group_key]
    states = []
    for day in days_between(first, last):
        found = group_day(compiled, group_key, day)
        out = found.longest
        reasons = tuple(found.reasons(*out))
        hard = closing(found, reasons)
        soft = [r for r in reasons if r not in hard and r.level != NOTE]
        state = "blocked" if hard else "cost" if soft else "open"
        lessons = sum(one.count for one in found.missed(*out))
        minutes = found.hours.cut(*out).minutes
        states.append(DayState(day, state, reasons, lessons, minutes, compiled.letter(day)))
    return tuple(states)


def day_plan(compiled: CompiledCalendar, group_key: str, day: date) -> tuple[tuple[time, time, str], ...]:
    """The lessons of a group on one day, (start, end, subject) in order; empty when the school does not teach."""
    if compiled.day_reason(day) is not None:
        return ()
    slots = compiled.slots(group_key, day)
    return tuple((_clock(first), _clock(last), subject) for first, last, subject in slots)


def _clock(minutes: int) -> time:
    return time(*divmod(min(minutes, DAY_MINUTES - 1), 60))
