"""Weeks in which the schools of a hub could all let a year group go: for choosing when, before anything is planned."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from hubs.models import Hub, User
from schools.domain.compile import compile_schools, group_key
from schools.domain.words import sentence
from schools.fit import CompiledCalendar
from schools.fit_hours import SchoolWeek, mondays, school_week
from schools.models import Group, School

WEEKDAYS = 5
MOST_BEST = 5


@dataclass(frozen=True)
class CommonWeek:
    """`days`: by weekday, in how many schools every class could go out; `all_week`: in how many on each day the
    school teaches. `why`: (school, words) of those that could not all week."""

    monday: dt.date
    schools: int
    days: tuple[int, ...]
    all_week: int
    why: tuple[tuple[School, str], ...]
    #: In how many schools there are lessons at all.
    teaching: int


@dataclass(frozen=True)
class CommonWeeks:
    """`weeks`: each in which at least one school teaches. `unknown`: schools without term dates or such a class."""

    weeks: tuple[CommonWeek, ...]
    schools: int
    unknown: tuple[School, ...]

    def best(self, after: dt.date) -> list[CommonWeek]:
        """The weeks beginning after a day in which most schools could go all week, the earlier of two alike first."""
        able = [week for week in self.weeks if week.all_week and week.monday > after]
        return sorted(able, key=lambda week: (-week.all_week, -sum(week.days), week.monday))[:MOST_BEST]


def year_numbers(hub: Hub) -> list[int]:
    """The year groups there are in the hub's schools."""
    rows = Group.objects.filter(hub=hub, is_active=True, school__is_active=True, year_group__isnull=False)
    return sorted(set(rows.order_by().values_list("year_group__number", flat=True)))


def common_weeks(hub: Hub, year: int, first: dt.date, last: dt.date, *, manager: User | None = None) -> CommonWeeks:
    """The weeks that touch `first` … `last` for the classes of one year group. Two queries, and ten for all
    schools whose calendars this process does not hold."""
    schools = School.objects.filter(hub=hub, is_active=True, **({"manager": manager} if manager else {}))
    rows = {row.pk: row for row in schools.order_by("name", "pk")}
    for row in rows.values():
        row.hub = hub
    classes = _classes(rows, year)
    compiled = compile_schools([rows[pk] for pk in classes])
    known = {
        rows[pk]: (compiled[pk], [key for key in keys if key in compiled[pk].groups])
        for pk, keys in classes.items()
        if compiled[pk].has_terms
    }
    weeks = [_week(known, monday) for monday in mondays(first, last)] if known else []
    return CommonWeeks(
        tuple(week for week in weeks if week.teaching),
        len(known),
        tuple(row for row in rows.values() if row not in known),
    )


def _classes(rows: dict[int, School], year: int) -> dict[int, list[str]]:
    """Keys of the active classes of a year group, by school in the order of `rows`."""
    groups = Group.objects.filter(
        school__in=list(rows), is_active=True, kind=Group.Kind.CLASS, year_group__number=year
    )  # fmt: skip
    found: dict[int, list[str]] = {}
    for pk, school in groups.order_by("pk").values_list("pk", "school_id"):
        found.setdefault(school, []).append(group_key(pk))
    return {pk: found[pk] for pk in rows if pk in found}


def _week(known: dict[School, tuple[CompiledCalendar, list[str]]], monday: dt.date) -> CommonWeek:
    found = {school: school_week(compiled, keys, monday) for school, (compiled, keys) in known.items()}
    weeks = list(found.values())
    return CommonWeek(
        monday=monday,
        schools=len(weeks),
        days=tuple(sum(week.able[number] == week.groups for week in weeks) for number in range(WEEKDAYS)),
        all_week=sum(week.all_week == week.groups for week in weeks),
        why=tuple((school, _words(week)) for school, week in found.items() if week.why),
        teaching=sum(week.teaches > 0 for week in weeks),
    )


def _words(week: SchoolWeek) -> str:
    return "; ".join(sentence(reason) for reason in week.why)
