"""What a timetable makes besides its lessons: a bell schedule, groups, the anchor of the week pattern."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from schools.domain.groups import year_groups_for
from schools.domain.imports import year_groups_made
from schools.hours import BellPeriod
from schools.models import BellPeriod as BellPeriodRow
from schools.models import BellSchedule, Group, School, Term, WeekMark
from schools.weeks import labels_for_marks


@dataclass(frozen=True)
class NewGroup:
    """`part`: of a class, or of several: an option set."""

    key: str
    year: int | None
    part: bool


def write_bell(school: School, periods: Iterable[BellPeriod]) -> list[int]:
    schedule = BellSchedule.objects.create(hub_id=school.hub_id, school=school, name=_("School day"))
    rows = {
        period.label[:40]: BellPeriodRow(
            schedule=schedule, name=period.label[:40], starts_at=period.start, ends_at=period.end
        )
        for period in periods
        if period.end > period.start
    }
    BellPeriodRow.objects.bulk_create(rows.values())
    return [schedule.pk]


def create_groups(school: School, groups: Sequence[NewGroup], before: dict[str, Any]) -> list[int]:
    """Makes the groups; returns the ids of year groups made for them."""
    numbers = {group.year for group in groups if group.year}
    made, years = year_groups_made(school, numbers), year_groups_for(school, numbers)
    created = Group.objects.bulk_create(
        Group(
            hub_id=school.hub_id,
            school=school,
            key=group.key,
            name=group.key[:60],
            kind=Group.Kind.SET if group.part else Group.Kind.CLASS,
            year_group=years.get(group.year) if group.year else None,
        )
        for group in groups
    )
    before["created"]["schools.group"] = [group.pk for group in created]
    return made


def anchor_of(school: School, letters: tuple[str, ...], now: dt.datetime) -> dt.date:
    """The first letter falls on the first week the calendar marks so, else on its first term."""
    marks = WeekMark.objects.filter(school=school).values_list("monday", "letter")
    marked = [monday for monday, letter in labels_for_marks(marks, letters) if letter == letters[0]]
    term = Term.objects.filter(school=school).order_by("starts_on").first()
    year = school.hub.academic_year_of(now.astimezone(school.zone).date())[0]
    return marked[0] if marked else term.starts_on if term else year
