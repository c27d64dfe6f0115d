"""Schools come with their calendars, timetables, groups and rules."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

from config.demo.files import HOURS, county_calendar, fet_timetable, trust_calendar
from config.demo.places import TOWNS, SchoolPlan
from config.demo.story import Story
from config.demo.world import World
from config.demo.year import SchoolYear, weekday_from
from hubs.actors import Actor
from hubs.models import Role
from schools.domain.calendar import apply_calendar_import, confirm_calendar, plan_calendar_import, read_calendar
from schools.domain.edits import save_closure, save_protected, save_release_rule, set_bell_schedule
from schools.domain.groups import add_group, set_group_size
from schools.domain.schools import add_school
from schools.domain.timetable import apply_timetable_import, plan_timetable_import
from schools.models import Group, School, YearGroup

BELLS = (("09:00", "10:00"), ("10:00", "11:00"), ("11:20", "12:20"), ("13:05", "14:05"), ("14:05", "15:05"))
KEEPERS = {
    "quayside": "Priya Raman", "millbeck": "Owen Hartley", "high": "Martha Vale", "brackenby": "Idris Bowen",
    "technical": "Sanna Holt", "fernside": "Grace Oyelaran", "lantern": "Callum Reyes", "sixth": "Noor Haddad",
    "stonewick": "Elspeth Crane", "hollowdale": "Tobias Marsh", "aldwin": "Bridget Doyle", "fern": "Ruth Ansell",
    "tarn": "Hanna Birkett", "fellgarth": "Peter Dacre",
}  # fmt: skip


def founded(w: World, plan: SchoolPlan, number: int) -> Story:
    """The hub adds the school and its coordinator; then the coordinator sets it up, in a morning."""
    school = _add(w, plan, number)
    w.schools[plan.key] = school
    w.join(school, Role.COORDINATOR, w.address("careers", plan.key), KEEPERS[plan.key])
    yield w.now + dt.timedelta(hours=2)
    by = w.side(school)
    if plan.calendar:
        _calendar(w, school, plan, by)
        _bell(school, plan, by, w.now)
    yield w.now + dt.timedelta(minutes=25)
    _groups(w, school, plan, by)
    if plan.calendar:
        _rules(w, school, plan, by)
    if plan.calendar in ("county", "trust") and plan.key not in ("aldwin", "hollowdale"):
        yield w.working(-7 - number, "08:20")
        confirm_calendar(school, by=by, now=w.now)


def _add(w: World, plan: SchoolPlan, number: int) -> School:
    district, latitude, longitude = TOWNS[plan.town]
    fields = {
        "name": plan.name + (f" {w.copy + 1}" if w.copy else ""),
        "number": f"{900100 + number + 100 * w.copy}",
        "phase": plan.phase,
        "manager": w.managers[number % len(w.managers)],
        "address": f"{number * 7 + 3} School Lane",
        "town": plan.town.removesuffix(" Docks"),
        "postcode": f"{district} {number % 9 + 1}QA",
        "latitude": round(latitude + w.dice.uniform(-0.006, 0.004), 5),
        "longitude": round(longitude + w.dice.uniform(-0.008, 0.006), 5),
        "is_priority": plan.priority,
        "safeguarding_contact": f"Designated safeguarding lead, 01632 960{200 + number}",
        "emergency_phone": f"01632 960{300 + number}",
    }
    return add_school(w.hub, fields, by=w.hat(w.managers[0]), now=w.now)


@lru_cache(maxsize=8)
def _file(kind: str, first: int, last: int) -> bytes:
    years = [SchoolYear(year) for year in range(first, last + 1)]
    return county_calendar(years) if kind == "county" else trust_calendar(years)


def _calendar(w: World, school: School, plan: SchoolPlan, by: Actor) -> None:
    first, last = w.days.years[0].year, w.days.years[-1].year
    if plan.calendar == "old":  # nobody has sent the next year's dates
        last = first
    kind = "county" if plan.calendar == "county" else "trust"
    data, parsed = _parsed(school, kind, first, last, w.now)
    cycle = plan.weeks if kind == "county" else None
    planned = plan_calendar_import(
        school, data, now=w.now, file_name=f"{kind}-term-dates.ics", cycle=cycle, parsed=parsed
    )
    apply_calendar_import(planned, by=by, now=w.now)


_READ: dict[tuple, tuple] = {}


def _parsed(school: School, kind: str, first: int, last: int, now: dt.datetime) -> tuple:
    """Reading starts a process of its own; schools of one county have the same file."""
    key = (kind, first, last)
    if key not in _READ:
        data = _file(kind, first, last)
        _READ[key] = data, read_calendar(school, data, now=now)
    return _READ[key]


def _bell(school: School, plan: SchoolPlan, by: Actor, now: dt.datetime) -> None:
    periods = [
        (name, dt.time.fromisoformat(start), dt.time.fromisoformat(end))
        for name, (start, end) in zip(HOURS, BELLS, strict=True)
    ]
    set_bell_schedule(school, "School day", periods, by=by, now=now)


def _groups(w: World, school: School, plan: SchoolPlan, by: Actor) -> None:
    names = [f"{year}{letter}" for year, letters in plan.forms.items() for letter in letters]
    if plan.timetable and names:
        data = fet_timetable(names, plan.phase, plan.weeks, w.dice)
        planned = plan_timetable_import(school, data, now=w.now, file_name=f"{plan.key}_timetable.csv")
        apply_timetable_import(planned, by=by, now=w.now)
    else:
        for name in names:
            add_group(school, name, year=int(name[:-1]), by=by, now=w.now)
    for group in Group.objects.filter(school=school).select_related("school__hub").order_by("pk"):
        set_group_size(group, plan.size - w.dice.randint(0, max(1, plan.size // 8)), by=by, now=w.now)


def _rules(w: World, school: School, plan: SchoolPlan, by: Actor) -> None:
    rules: dict[str, dict] = {
        "open": {"notice_weeks": 1},
        "usual": {"notice_weeks": 2, "most_times_a_term": 4, "latest": dt.time(15, 30)},
        "careful": {"notice_weeks": 3, "most_out_per_day": 90, "most_times_a_term": 4, "latest": dt.time(15, 30)},
        "wednesday": {"notice_weeks": 2, "weekdays": [1, 2, 3], "most_out_per_day": 60},
    }
    save_release_rule(school, None, rules[plan.rule], by=by, now=w.now)
    years = {row.number: row for row in YearGroup.objects.filter(school=school)}
    if plan.rule == "careful":
        exam_year = {"notice_weeks": 4, "most_times_a_term": 2,
                     "protected_subjects": ["Mathematics"]}  # fmt: skip
        save_release_rule(school, years[11], exam_year, by=by, now=w.now)
    for year in w.days.years[1:] if plan.calendar != "old" else ():
        _periods(w, school, year, years, by)


def _periods(w: World, school: School, year: SchoolYear, years: dict[int, YearGroup], by: Actor) -> None:
    june = weekday_from(dt.date(year.year + 1, 6, 20), 0)
    march = weekday_from(dt.date(year.year + 1, 3, 1), 0)
    days = [("Year 10 end-of-year exams", "blocked", june, 4, 10), ("Year 9 options fortnight", "avoid", march, 11, 9)]
    for name, hardness, first, length, number in days:
        if number in years:
            values = {"name": name, "hardness": hardness, "starts_on": first,
                      "ends_on": first + dt.timedelta(days=length), "year_groups": [years[number]]}  # fmt: skip
            save_protected(school, values, by=by, now=w.now)
    if school.phase == "through":
        founders = weekday_from(dt.date(year.year + 1, 3, 15), 4)
        values = {"kind": "staff_day", "name": "Founders' day", "starts_on": founders, "ends_on": founders}
        save_closure(school, values, by=by, now=w.now)
