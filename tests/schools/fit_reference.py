"""Fit a second time: slow and obvious, written apart from `schools.fit`, to hold against it.

Everything is counted minute by minute and day by day, from the rows of the year themselves. It shares the
values that are passed in and nothing of how they are looked up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from schools.fit import FitSession, ReleaseRule, SchoolYear, Span, YearGroupOf

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)


def minutes_away(session: FitSession, school_zone: str) -> set[tuple[date, int]]:
    """(date, minute) on the school's clock for every minute away. Instants are walked one by one; within one
    zone the wall clock is walked instead, as nobody's session is longer because the clocks change."""
    found = set()
    for day, start, end in session.days:
        last_day = day + DAY if end <= start else day
        if session.zone == school_zone:
            at = datetime.combine(day, start) - session.travel_minutes * MINUTE
            until = datetime.combine(last_day, end) + session.travel_minutes * MINUTE
            while at < until:
                found.add((at.date(), at.hour * 60 + at.minute))
                at += MINUTE
            continue
        zone, home = ZoneInfo(session.zone), ZoneInfo(school_zone)
        at = datetime.combine(day, start, zone).astimezone(ZoneInfo("UTC")) - session.travel_minutes * MINUTE
        until = datetime.combine(last_day, end, zone).astimezone(ZoneInfo("UTC")) + session.travel_minutes * MINUTE
        while at < until:
            here = at.astimezone(home)
            found.add((here.date(), here.hour * 60 + here.minute))
            at += MINUTE
    return found


def within(day: date, spans: tuple[Span, ...]) -> bool:
    return any(span.start <= day <= span.end for span in spans)


def is_holiday(year: SchoolYear, day: date) -> bool:
    """No lessons, and not because of a staff day."""
    return within(day, year.closures) or within(day, year.public_holidays) or not within(day, year.terms)


def teaches(year: SchoolYear, day: date) -> bool:
    return day.weekday() in year.weekdays and not is_holiday(year, day) and not within(day, year.staff_days)


def monday(day: date) -> date:
    while day.weekday() != 0:
        day -= DAY
    return day


def is_school_week(year: SchoolYear, start: date) -> bool:
    return any((start + n * DAY).weekday() in year.weekdays and not is_holiday(year, start + n * DAY) for n in range(7))


def letter(year: SchoolYear, day: date) -> str:
    """Week by week from the anchor, forwards or backwards."""
    pattern = year.pattern
    if len(pattern.labels) == 1:
        return pattern.labels[0]
    week, wanted, place = monday(pattern.anchor), monday(day), 0
    while week != wanted:
        forwards = wanted > week
        crossed = week if forwards else week - 7 * DAY
        if pattern.counts_holiday_weeks or is_school_week(year, crossed):
            place += 1 if forwards else -1
        week += 7 * DAY if forwards else -7 * DAY
    return pattern.labels[place % len(pattern.labels)]


def lessons_on(year: SchoolYear, group: str, day: date) -> list:
    if not teaches(year, day):
        return []
    week = letter(year, day)
    return [
        one for one in year.lessons if one.group == group and one.weekday == day.weekday() and one.week in (None, week)
    ]


def minute_of(at: time) -> int:
    return at.hour * 60 + at.minute


def missed(year: SchoolYear, group: str, session: FitSession) -> tuple[dict[str, tuple[int, int]], int]:
    """({subject: (lessons, minutes)}, minutes in which at least one lesson is missed)."""
    away = minutes_away(session, year.zone)
    totals: dict[str, tuple[int, int]] = {}
    covered = set()
    for day in sorted({day for day, _ in away}):
        for lesson in set(lessons_on(year, group, day)):
            lost = {(day, m) for m in range(minute_of(lesson.start), minute_of(lesson.end))} & away
            if lost:
                count, minutes = totals.get(lesson.subject, (0, 0))
                totals[lesson.subject] = (count + 1, minutes + len(lost))
                covered |= lost
    return totals, len(covered)


def notice(year: SchoolYear, today: date, day: date) -> int:
    """Whole school weeks: school weekdays of school weeks from today up to the day, over those of a week."""
    counted, at = 0, today
    while at < day:
        if at.weekday() in year.weekdays and is_school_week(year, monday(at)):
            counted += 1
        at += DAY
    return counted // len(year.weekdays)


def verdict(year: SchoolYear, group: str, session: FitSession, *, now: datetime, out: dict[date, int]) -> str:
    """ "cannot", "fits_at_cost" or "fits", for a year without marks, sets and periods."""
    known = next(one for one in year.groups if one.key == group)
    away = sorted(minutes_away(session, year.zone))
    here = now.astimezone(ZoneInfo(year.zone))
    mine = holding(year.release, known)
    if away[0] <= (here.date(), here.hour * 60 + here.minute):
        return "cannot"
    if any(not teaches(year, day) for day, _ in away):
        return "cannot"
    for rule in mine:
        if rule.weekdays and any(day.weekday() not in rule.weekdays for day, _ in away):
            return "cannot"
        if rule.earliest and any(minute < minute_of(rule.earliest) for _, minute in away):
            return "cannot"
        if rule.latest and any(minute >= minute_of(rule.latest) for _, minute in away):
            return "cannot"
        cap = rule.max_out_per_day
        if cap is not None and any(out.get(day, 0) + session.students > cap for day in {day for day, _ in away}):
            return "cannot"
        if notice(year, here.date(), away[0][0]) < (rule.min_notice_weeks or 0):
            return "cannot"
    touched = [period for period in year.protected if _touches(period, known.year_group, away)]
    if any(period.hardness == "blocked" for period in touched):
        return "cannot"
    totals, _minutes = missed(year, group, session)
    if any(subject in rule.protected_subjects for rule in mine for subject in totals):
        return "cannot"
    return "fits_at_cost" if touched or totals else "fits"


def holding(rules: Sequence[ReleaseRule], group: YearGroupOf) -> list[ReleaseRule]:
    """The group's rules; of the year group's what none of them speaks of; of the school's what neither speaks of."""
    blank, spoken, found = ReleaseRule(), set[str](), []
    for some in (
        [rule for rule in rules if group.key in rule.groups],
        [rule for rule in rules if not rule.groups and group.year_group in rule.year_groups],
        [rule for rule in rules if not rule.groups and not rule.year_groups],
    ):
        found += [replace(rule, **{name: getattr(blank, name) for name in spoken}) for rule in some]
        spoken |= {f.name for f in fields(ReleaseRule) for rule in some if getattr(rule, f.name) not in (None, set())}
    return found


def _touches(period, year_group: int | None, away: list[tuple[date, int]]) -> bool:
    if period.year_groups and year_group not in period.year_groups:
        return False
    first = minute_of(period.start_time) if period.start_time else 0
    last = minute_of(period.end_time) if period.end_time else 24 * 60
    return any(period.start <= day <= period.end and first <= minute < last for day, minute in away)
