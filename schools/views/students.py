"""Students: the list, one of them, adding from a list, leaving, a new school year."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from hubs.edges import portal_page, refused, refused_on
from hubs.errors import Refused
from schools.domain import students as verbs
from schools.domain.people import standing
from schools.domain.rollover import apply_rollover, plan_rollover
from schools.forms_people import LeaveForm, RolloverForm, StudentForm, StudentListForm
from schools.models import Group, Student, YearGroup
from schools.views.own import groups_crumb, own, page, posted, school_of, students_crumb

GET_POST = require_http_methods(["GET", "HEAD", "POST"])
ON_A_PAGE = 50
LEFT, PRIORITY = "left", "priority"


@portal_page("school")
@require_safe
def students(request):
    """Fifty a page, by year, group and state."""
    rows = own(request, Student).select_related("year_group")
    anybody = rows.exists()
    year, group, state = (request.GET.get(name, "") for name in ("year", "group", "state"))
    rows = rows.exclude(left_on=None) if state == LEFT else rows.filter(left_on=None)
    if state == PRIORITY:
        rows = rows.filter(is_priority=True)
    if year.isdecimal():
        rows = rows.filter(year_group__number=int(year[:3]))
    if group.isdecimal():
        rows = rows.filter(enrolments__group_id=int(group[:18]))
    named = Prefetch("groups", Group.objects.filter(is_active=True).order_by("name"))
    found = Paginator(rows.prefetch_related(named).order_by("alias", "pk"), ON_A_PAGE)
    context = page(
        request, _("Students"), groups_crumb(), found=found.get_page(request.GET.get("page")), anybody=anybody,
        filters=_filters(request, year, group, state),
    )  # fmt: skip
    return render(request, "schools/students.html", context)


def _filters(request, year: str, group: str, state: str) -> list[dict[str, Any]]:
    years = [(str(row.number), row.name) for row in own(request, YearGroup)]
    groups = [(str(pk), name) for pk, name in own(request, Group).filter(is_active=True).values_list("pk", "name")]
    states = [("", _("at school")), (PRIORITY, _("who go first")), (LEFT, _("who have left"))]
    every, any_group = [("", _("every year")), *years], [("", _("any group")), *groups]
    return [
        {"before": _("Students of"), "name": "year", "label": _("Year"), "value": year, "options": every},
        {"before": _("in"), "name": "group", "label": _("Group"), "value": group, "options": any_group},
        {"before": "", "name": "state", "label": _("State"), "value": state, "options": states},
    ]


@portal_page("school")
@GET_POST
def student(request, pk: int):
    row = get_object_or_404(own(request, Student).select_related("school__hub", "year_group"), pk=pk)
    number = row.year_group.number if row.year_group else None
    start = {name: getattr(row, name) for name in verbs.FIELDS} | {"year": number, "groups": row.groups.all()}
    form = StudentForm(posted(request), school=row.school, initial=start)
    if form.is_bound and "back" in request.POST:
        return _come_back(request, row)
    if form.is_bound and form.is_valid():
        try:
            verbs.save_student(row.school, form.cleaned_data, student=row, by=request.actor, now=request.now)
            messages.success(request, _("Saved."))
            return redirect("school-student", pk=row.pk)
        except Refused as refusal:
            refused_on(request, form, refusal)
    context = page(request, start["alias"], groups_crumb(), students_crumb(), row=row, form=form)
    return render(request, "schools/student.html", context)


def _come_back(request, row: Student):
    try:
        verbs.come_back(row, by=request.actor, now=request.now)
        messages.success(request, _("Here again."))
    except Refused as refusal:
        refused(request, refusal)
    return redirect("school-student", pk=row.pk)


@portal_page("school")
@GET_POST
def leave(request, pk: int):
    """GET says what becomes of what they are named for; POST lets them go."""
    row = get_object_or_404(own(request, Student).select_related("school__hub"), pk=pk)
    form = LeaveForm(posted(request), initial={"on": request.now.astimezone(row.school.zone).date()})
    if form.is_bound and form.is_valid():
        try:
            verbs.leave(row, on=form.cleaned_data["on"], by=request.actor, now=request.now)
            messages.success(request, _("Noted. What they did stays on record."))
            return redirect("school-student", pk=row.pk)
        except Refused as refusal:
            refused_on(request, form, refusal)
    named = standing([row.pk], request.now).get(row.pk, [])
    title = _("Has %(alias)s left?") % {"alias": row.alias}
    context = page(request, title, groups_crumb(), students_crumb(), row=row, form=form, named=named)
    return render(request, "schools/student_leave.html", context)


@portal_page("school")
@GET_POST
def add(request):
    """A pasted list: looked at, then added."""
    school = school_of(request)
    form = StudentListForm(posted(request), school=school)
    listed = form.listed if form.is_bound and form.is_valid() else ()
    if listed and "confirm" in request.POST:
        try:
            added, changed = verbs.add_listed(school, listed, by=request.actor, now=request.now)
            messages.success(request, _added(added, changed))
            return redirect("school-students")
        except Refused as refusal:
            refused_on(request, form, refusal)
    known = set(own(request, Student).values_list("alias", flat=True)) if listed else set()
    lines = [(one, one.alias in known) for one in listed]
    context = page(request, _("Add students"), groups_crumb(), students_crumb(), form=form, lines=lines)
    return render(request, "schools/students_add.html", context)


def _added(added: int, changed: int) -> str:
    words = ngettext("%(n)s student added.", "%(n)s students added.", added) % {"n": added}
    more = ngettext("%(n)s brought up to date.", "%(n)s brought up to date.", changed) % {"n": changed}
    return f"{words} {more}" if changed else words


@portal_page("school")
@GET_POST
def rollover(request):
    """A new school year: looked at, changed, begun; undone on the next page."""
    school = school_of(request)
    first = plan_rollover(school, now=request.now)
    form = RolloverForm(posted(request), plan=first)
    plan = first
    if form.is_bound and form.is_valid():
        plan = plan_rollover(
            school, now=request.now, leaving_year=form.cleaned_data["leaving_year"], targets=form.targets
        )
        if "confirm" in request.POST:
            try:
                done = apply_rollover(plan, form.targets, by=request.actor, now=request.now)
                return redirect("school-import", pk=done.pk)
            except Refused as refusal:
                refused_on(request, form, refusal)
    named = standing([row.pk for row in plan.leavers], request.now)
    context = page(
        request, _("Begin a new school year"), groups_crumb(), students_crumb(), form=form, plan=plan, named=len(named)
    )
    return render(request, "schools/rollover.html", context)
