"""Schools with their calendars, timetables, classes and students."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from config.scale.size import Ground, write
from schools.domain.revision import calendar_changed
from schools.models import (
    BellPeriod,
    BellSchedule,
    Closure,
    Enrolment,
    Group,
    Lesson,
    ReleaseRule,
    School,
    Student,
    Term,
    WeekPattern,
    YearGroup,
)

YEARS = range(7, 14)
BELLS = (("P1", 9, 0), ("P2", 10, 0), ("P3", 11, 20), ("P4", 13, 5), ("P5", 14, 5))
SUBJECTS = ("English", "Mathematics", "Science", "History", "Geography", "Art", "PE", "Music", "Computing", "French")
EVERY_NTH_LACKS = 10  # schools whose calendar nobody has sent


@dataclass
class Campus:
    """One school with its groups and, in the order of the groups, their students."""

    school: School
    groups: list[Group] = field(default_factory=list)
    students: list[Student] = field(default_factory=list)


def build(ground: Ground) -> list[Campus]:
    campuses = [Campus(_school(ground, number)) for number in range(ground.size.schools)]
    _groups(ground, campuses)
    _students(ground, campuses)
    known = [one for number, one in enumerate(campuses) if number % EVERY_NTH_LACKS != EVERY_NTH_LACKS - 1]
    _calendars(ground, known)
    _timetables(ground, known)
    for one in campuses:  # as whoever writes one of these rows does: else each page compiles the year anew
        calendar_changed(one.school)
    return campuses


def _school(ground: Ground, number: int) -> School:
    return School.objects.create(
        name=f"Broadwater School {number + 1}",
        number=f"{810000 + number}",
        manager=ground.manager,
        town=f"Ward {number % 24 + 1}",
        latitude=round(54 + ground.dice.uniform(-0.4, 0.4), 5),
        longitude=round(-1.5 + ground.dice.uniform(-0.6, 0.6), 5),
        is_priority=number % 4 == 0,
        calendar_checked_at=ground.now - dt.timedelta(days=number),
        **ground.common,
    )


def _groups(ground: Ground, campuses: list[Campus]) -> None:
    years = write(
        YearGroup,
        (
            YearGroup(school=one.school, name=f"Year {n}", number=n, age=n + 5, **ground.common)
            for one in campuses
            for n in YEARS
        ),
    )
    groups = write(
        Group,
        (
            Group(
                school_id=year.school_id,
                name=f"{year.number}{letter}",
                key=f"{year.number}{letter}",
                year_group=year,
                size=ground.size.students,
                **ground.common,
            )
            for year in years
            for letter in "ABCDEFGH"[: ground.size.classes]
        ),
    )
    at = {one.school.pk: one for one in campuses}
    for group in groups:
        at[group.school_id].groups.append(group)


def _students(ground: Ground, campuses: list[Campus]) -> None:
    for one in campuses:
        rows = [(group, f"{group.name}-{n:02}") for group in one.groups for n in range(1, ground.size.students + 1)]
        one.students = write(
            Student,
            (
                Student(
                    school=one.school,
                    alias=alias,
                    year_group_id=group.year_group_id,
                    is_priority=ground.dice.random() < 0.2,
                    **ground.common,
                )
                for group, alias in rows
            ),
        )
        pairs = zip(one.students, rows, strict=True)
        write(Enrolment, (Enrolment(student=student, group=group) for student, (group, _alias) in pairs))


def _calendars(ground: Ground, campuses: list[Campus]) -> None:
    terms, closures = [], []
    for one in campuses:
        own = {"school": one.school, **ground.common}
        for year in ground.days.years:
            terms += [Term(name=f"Term {n}", starts_on=a, ends_on=b, **own) for n, (a, b) in enumerate(year.terms, 1)]
            closures += [Closure(name=name, starts_on=a, ends_on=b, **own) for name, a, b in year.holidays]
            closures += [
                Closure(kind="staff_day", name="Staff day", starts_on=day, ends_on=day, **own)
                for day in year.staff_days
            ]
    write(Term, terms)
    write(Closure, closures)


def _timetables(ground: Ground, campuses: list[Campus]) -> None:
    monday = ground.days.years[0].days[0]
    lessons = []
    write(
        WeekPattern,
        (WeekPattern(school=one.school, letters=["A", "B"], anchor_on=monday, **ground.common) for one in campuses),
    )
    write(
        ReleaseRule,
        (
            ReleaseRule(school=one.school, notice_weeks=2, most_out_per_day=60, most_times_a_term=4, **ground.common)
            for one in campuses
        ),
    )
    bells = write(
        BellSchedule, (BellSchedule(school=one.school, name="School day", **ground.common) for one in campuses)
    )
    write(
        BellPeriod,
        (
            BellPeriod(schedule=bell, name=name, starts_at=dt.time(hour, minute), ends_at=dt.time(hour + 1, minute))
            for bell in bells
            for name, hour, minute in BELLS
        ),
    )
    for one in campuses:
        for number, group in enumerate(one.groups):
            lessons += [
                Lesson(
                    school=one.school,
                    group=group,
                    subject=SUBJECTS[(number + day * 3 + slot + 5 * (letter == "B")) % len(SUBJECTS)],
                    weekday=day,
                    week_letter=letter,
                    starts_at=dt.time(hour, minute),
                    ends_at=dt.time(hour + 1, minute),
                    period=name,
                    key=f"{letter}{day}{name}",
                    **ground.common,
                )
                for letter in "AB"
                for day in range(5)
                for slot, (name, hour, minute) in enumerate(BELLS)
            ]
    write(Lesson, lessons)
