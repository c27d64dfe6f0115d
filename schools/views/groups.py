"""Groups: who they are, how many, and their week."""

from __future__ import annotations

import datetime as dt

from django.contrib import messages
from django.db import transaction
from django.db.models import Count
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from hubs.edges import portal_page, refused, refused_on
from hubs.errors import Refused
from schools.domain import groups as verbs
from schools.domain.compile import compile_school, group_key
from schools.fit import CompiledCalendar, free_map
from schools.forms import GroupForm
from schools.forms_rows import SizesForm
from schools.models import Group, Lesson, WeekPattern
from schools.pictures import WeekLesson, day_words, kind_of, week_grid
from schools.views.own import groups_crumb, own, page, posted, school_of
from schools.weeks import monday_of

GET_POST = require_http_methods(["GET", "HEAD", "POST"])
DAYS_AHEAD = 28


def _all(request):
    rows = own(request, Group).select_related("year_group", "school__hub")
    return rows.annotate(lesson_count=Count("lessons")).order_by("-is_active", "year_group__number", "name", "pk")


@portal_page("school")
@GET_POST
def groups(request):
    """Every group in one table; sizes and year groups are typed into it."""
    school = school_of(request)
    rows = list(_all(request))
    for row in rows:
        row.school = school
    form = SizesForm(posted(request), groups=rows)
    if form.is_bound and form.is_valid() and _sized(request, form):
        return redirect("school-groups")
    active = [row for row in rows if row.is_active]
    context = page(
        request,
        _("Groups"),
        form=form,
        students=sum(row.size for row in active),
        active=active,
        without_size=[row for row in active if not row.size],
    )
    return render(request, "schools/groups.html", context)


def _sized(request, form: SizesForm) -> bool:
    changed = 0
    try:
        with transaction.atomic():
            for group, year, size in form.changes():
                verbs.change_group(group, year=year, by=request.actor, now=request.now)
                verbs.set_group_size(group, size, by=request.actor, now=request.now)
                changed += 1
    except Refused as refusal:
        refused_on(request, form, refusal)
        return False
    messages.success(request, ngettext("%(n)s group saved.", "%(n)s groups saved.", changed) % {"n": changed})
    return True


@portal_page("school")
@GET_POST
def add(request):
    """A group without a timetable."""
    form = GroupForm(posted(request))
    if form.is_bound and form.is_valid():
        given = form.cleaned_data
        try:
            group = verbs.add_group(
                school_of(request),
                given["name"],
                year=given["year"],
                size=given["size"],
                by=request.actor,
                now=request.now,
            )
            return redirect("school-group", pk=group.pk)
        except Refused as refusal:
            refused_on(request, form, refusal)
    context = page(request, _("Add a group"), groups_crumb(), form=form)
    return render(request, "schools/entry.html", context)


@portal_page("school")
@GET_POST
def group(request, pk: int):
    """One group: its week, its next four weeks, and its name and size."""
    row = get_object_or_404(_all(request), pk=pk)
    if request.method == "POST" and "active" in request.POST:
        return _set_active(request, row)
    start = {"name": row.name, "year": row.year_group.number if row.year_group else None, "size": row.size}
    form = GroupForm(posted(request), initial=start)
    if form.is_bound and form.is_valid() and _changed(request, row, form):
        return redirect("school-group", pk=row.pk)
    compiled = compile_school(row.school)
    today = request.now.astimezone(row.school.zone).date()
    context = page(
        request,
        row.name,
        groups_crumb(),
        group=row,
        form=form,
        weeks=_weeks(row),
        ahead=_ahead(compiled, row, today),
        letter=compiled.letter(today),
    )
    return render(request, "schools/group.html", context)


def _set_active(request, row: Group):
    active = request.POST["active"] == "yes"
    try:
        verbs.set_group_active(row, active, by=request.actor, now=request.now)
        messages.success(request, _("The group is taken up again.") if active else _("The group is put aside."))
    except Refused as refusal:
        refused(request, refusal)
    return redirect("school-groups")


def _changed(request, row: Group, form: GroupForm) -> bool:
    given = form.cleaned_data
    fresh = get_object_or_404(_all(request), pk=row.pk)
    try:
        with transaction.atomic():
            verbs.change_group(fresh, name=given["name"], year=given["year"], by=request.actor, now=request.now)
            verbs.set_group_size(fresh, given["size"], by=request.actor, now=request.now)
    except Refused as refusal:
        refused_on(request, form, refusal)
        return False
    messages.success(request, _("Saved."))
    return True


def _weeks(row: Group) -> list[dict]:
    """One drawn week for each letter the group's lessons use."""
    lessons = list(Lesson.objects.filter(group=row))
    if not lessons:
        return []
    pattern = WeekPattern.objects.filter(school=row.school).first()
    used = {lesson.week_letter for lesson in lessons if lesson.week_letter}
    letters = [letter for letter in (pattern.letters if pattern else ()) if used] or [""]
    weeks = []
    for letter in letters:
        mine = [x for x in lessons if not letter or x.week_letter in ("", letter)]
        grid = week_grid(WeekLesson(x.weekday, x.starts_at, x.ends_at, x.subject, x.room) for x in mine)
        caption = _("%(group)s, week %(week)s") if letter else _("The week of %(group)s")
        weeks.append({"caption": caption % {"group": row.name, "week": letter}, **grid})
    return weeks


def _ahead(compiled: CompiledCalendar, row: Group, today: dt.date) -> list[dict]:
    """The next weeks, weekday by weekday, with what keeps the group in."""
    first = monday_of(today)
    states = free_map(compiled, group_key(row), first, first + dt.timedelta(days=DAYS_AHEAD - 1))
    weeks: dict[dt.date, dict] = {}
    for state in states:
        if any(reason.code == "weekend" for reason in state.reasons):
            continue
        week = weeks.setdefault(
            monday_of(state.day), {"monday": monday_of(state.day), "letter": state.letter, "held": []}
        )
        if kind_of(state) != "open":
            week["held"].append({"day": state.day, "words": day_words(state)})
    return list(weeks.values())
