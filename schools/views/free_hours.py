"""The whole school at a glance: how many groups could go at each hour of a week, and week by week of the year."""

from __future__ import annotations

import datetime as dt

from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from hubs.edges import portal_page
from schools.domain.compile import compile_school, group_key
from schools.domain.groups import classes
from schools.domain.words import weekday_name
from schools.fit import CompiledCalendar
from schools.fit_hours import hours_of, week_of, weekday_over
from schools.models import Group
from schools.pictures_hours import span, week_table, week_words, year_table
from schools.views.calendar import date_or_none
from schools.views.own import calendar_crumb, own, page, school_of
from schools.weeks import WEEK, monday_of


@portal_page("school")
@require_safe
def free_hours(request):
    """`week`: a day of the week shown; `weekday`: 0 is Monday; `years`: the number of a year group."""
    school = school_of(request)
    compiled = compile_school(school)
    every = classes(own(request, Group))
    years = {group.year_group.number: group.year_group.name for group in every if group.year_group}
    year = request.GET.get("years", "")
    groups = [group for group in every if year not in map(str, years) or _of_year(group, year)]
    day = date_or_none(request.GET.get("week", "")) or request.now.astimezone(school.zone).date()
    weekday = _weekday(request, compiled, day)
    first, last = school.hub.academic_year_of(day)
    context = page(
        request,
        _("Hours when groups can go"),
        calendar_crumb(),
        groups=groups,
        filters=_filters(years, year, weekday, compiled),
        **_tables(compiled, groups, day, (first, last), weekday, _url(year, weekday)),
    )
    return render(request, "schools/hours.html", context)


def _of_year(group: Group, year: str) -> bool:
    return group.year_group is not None and str(group.year_group.number) == year


def _weekday(request, compiled: CompiledCalendar, day: dt.date) -> int:
    wanted = request.GET.get("weekday", "")
    days = compiled.year.weekdays
    return int(wanted) if wanted in map(str, days) else day.weekday() if day.weekday() in days else days[0]


def _url(year: str, weekday: int):
    return lambda day: f"?years={year}&weekday={weekday}&week={monday_of(day)}"


def _tables(compiled: CompiledCalendar, groups: list[Group], day: dt.date, year, weekday: int, url) -> dict:
    keys, names = [group_key(row) for row in groups], {group_key(row): row.name for row in groups}
    hours, monday = hours_of(compiled), monday_of(day)
    rows = week_of(compiled, keys, monday, hours)
    return {
        "week": week_table(rows, hours),
        "words": week_words(rows, names),
        "monday": monday,
        "letter": compiled.letter(monday),
        "before": url(monday - WEEK),
        "after": url(monday + WEEK),
        "weekday": weekday_name(weekday),
        "hours": [span(stretch) for stretch in hours],
        "year": year_table(weekday_over(compiled, keys, weekday, *year, hours), compiled.letter, url=url),
        "first": year[0],
        "last": year[1],
    }


def _filters(years: dict[int, str], year: str, weekday: int, compiled: CompiledCalendar) -> list[dict]:
    days = [(number, weekday_name(number)) for number in compiled.year.weekdays]
    return [
        {"before": _("When can"), "name": "years", "label": _("Year group"), "value": year,
         "options": [("", _("the school")), *sorted(years.items())]},
        {"before": _("go, and on every"), "name": "weekday", "label": _("Weekday"), "value": weekday,
         "options": days},
    ]  # fmt: skip
