"""The calendar page: how fresh it is, the year as a map, and everything in it."""

from __future__ import annotations

import datetime as dt

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from hubs.edges import portal_page, refused
from hubs.errors import Refused
from schools.domain.calendar import confirm_calendar
from schools.domain.compile import WHOLE_SCHOOL, CalendarRows, compile_rows, group_key, read_rows
from schools.domain.freshness import ENDS_SOON, is_stale
from schools.fit import CompiledCalendar, day_plan
from schools.models import CalendarSubscription, Group, Import, PendingImport, YearGroup
from schools.pictures import day_note, year_map
from schools.views.own import own, page, school_of

IMPORTS_SHOWN = 4


@portal_page("school")
@require_safe
def calendar(request):
    """Everything fit is judged by, on one page."""
    school = school_of(request)
    rows = read_rows(school)
    compiled = compile_rows(rows)
    first, last, picked = window(request, school)
    group = _group(request, rows.groups)
    key = group_key(group) if group else WHOLE_SCHOOL
    picture = year_map(compiled, key, first, last, url=_day_url(group), picked=picked)
    context = page(
        request,
        _("Calendar"),
        school=school,
        rows=rows,
        lists=_lists(rows, first, last),
        first=first,
        group=group,
        filters=_filters(rows.groups, group, first, school),
        picture=picture,
        day=_day(compiled, key, picture["picked"]) if picture["picked"] else None,
        imports=list(own(request, Import).select_related("imported_by").defer("before")[:IMPORTS_SHOWN]),
        subscriptions=list(own(request, CalendarSubscription).defer("last_good")),
        pending=list(_waiting(request)[:IMPORTS_SHOWN]),
        years_without=_years_without_rule(rows),
        stale=is_stale(school, request.now),
        ends_soon=_ends_soon(rows, request.now),
        is_empty=not (rows.terms or rows.closures),
    )
    return render(request, "schools/calendar.html", context)


def _waiting(request):
    """Files somebody has to look at; what is confirmed already and waits for the job is not one of them."""
    at_work = own(request, Import).filter(file__isnull=False).values("file")
    return own(request, PendingImport).exclude(pk__in=at_work).defer("data", "parsed")


def _years_without_rule(rows: CalendarRows) -> list[YearGroup]:
    ruled = {rule.year_group_id for rule in rows.rules}
    years = {group.year_group for group in rows.groups if group.is_active and group.year_group}
    return sorted((year for year in years if year.pk not in ruled), key=lambda year: year.number)


def _lists(rows: CalendarRows, first: dt.date, last: dt.date) -> list[dict]:
    """Terms, closures and protected periods of the year on the map; other years are folded."""
    parts = (
        ("terms", _("Terms"), rows.terms, "school-term", _("Add a term"), _("No terms: every weekday counts as open.")),
        ("closures", _("Days without lessons, and short days"), rows.closures, "school-closure",
         _("Add a holiday, staff day or short day"), _("None.")),
        ("protected", _("Protected periods"), rows.protected, "school-protected", _("Add exams, mocks or a trip"),
         _("None. Exams and mocks belong here: nobody is asked to go out then.")),
    )  # fmt: skip
    found = []
    for key, heading, every, name, add, none in parts:
        here = [row for row in every if row.starts_on <= last and row.ends_on >= first]
        others = [row for row in every if row not in here]
        found.append({"id": key, "heading": heading, "rows": here, "others": others, "name": name,
                      "new": f"{name}-new", "add": add, "none": none})  # fmt: skip
    return found


def window(request, school) -> tuple[dt.date, dt.date, dt.date | None]:
    """The academic year asked for, and the day that is open."""
    today = request.now.astimezone(school.zone).date()
    picked = date_or_none(request.GET.get("day", ""))
    wanted = date_or_none(request.GET.get("year", "")) or picked or today
    return *school.hub.academic_year_of(wanted), picked


def date_or_none(text: str) -> dt.date | None:
    try:
        found = parse_date(text)
    except ValueError:
        return None
    return found if found and 2000 <= found.year <= 2100 else None


def _group(request, groups: list[Group]) -> Group | None:
    wanted = request.GET.get("group", "")
    return next((group for group in groups if str(group.pk) == wanted), None)


def _day_url(group: Group | None):
    """A day tells its year too (`window`): there are hundreds of these on a page."""
    prefix = f"?group={group.pk}&" if group else "?"
    return lambda day: f"{prefix}day={day}#day"


def _filters(groups: list[Group], group: Group | None, first: dt.date, school) -> list[dict]:
    active = [row for row in groups if row.is_active]
    years = [school.hub.academic_year_of(first + dt.timedelta(days=days))[0] for days in (-300, 1, 400)]
    return [
        {
            "before": _("When can"),
            "name": "group",
            "label": _("Group"),
            "value": group.pk if group else "",
            "options": [("", _("the school")), *((row.pk, row.name) for row in active)],
        },
        {
            "before": _("go out in"),
            "name": "year",
            "label": _("Academic year"),
            "value": first,
            "options": [(year, f"{year.year}/{(year.year + 1) % 100:02}") for year in years],
        },
    ]


def _day(compiled: CompiledCalendar, key: str, state) -> dict:
    missed = [subject for _start, _end, subject in day_plan(compiled, key, state.day)]
    return {"date": state.day, "letter": state.letter, **day_note(state, missed)}


def _ends_soon(rows: CalendarRows, now: dt.datetime) -> dt.date | None:
    """The last day of the last term, when it is less than about two months away or over."""
    last = max((term.ends_on for term in rows.terms), default=None)
    soon = now.astimezone(rows.school.zone).date() + ENDS_SOON
    return last if last and last < soon else None


@portal_page("school")
@require_POST
def confirm(request):
    """The calendar is right: say so, and since when."""
    try:
        confirm_calendar(school_of(request), by=request.actor, now=request.now)
        messages.success(request, _("Thank you. Everybody sees that the calendar was confirmed today."))
    except Refused as refusal:
        refused(request, refusal)
    return redirect(reverse("school-calendar"))
