"""One placement of the school: its road, who comes, calling it off."""

from __future__ import annotations

import datetime as dt

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from hubs.edges import may_act, portal_page, refused
from hubs.errors import Refused
from hubs.once import once
from placements import calendars, cards, changes, roads
from placements.domain import answers, brokering, days, hours
from placements.domain.coverage import class_list, had_one
from placements.domain.student_costs import student_costs
from placements.forms_school import ReasonForm, StudentsForm
from placements.models import Placement
from placements.models.placement import LIVE
from placements.needs import cleared_by
from placements.tasks_shown import agreement_line, task_lines
from placements.views.acting import groups_of, placement_or_404
from schools.models import Enrolment, Group, Student


@portal_page("school")
def placement_detail(request, pk):
    """The road, what is binding, the task list, who comes, what happened."""
    row = placement_or_404(request, pk)
    due = cleared_by(row)
    students = [one.student for one in row.students.select_related("student")]
    tasks_open, tasks_done = task_lines(row, may=may_act(request))
    context = {
        "title": row.session.opportunity.title,
        "row": row,
        "session": row.session,
        "opportunity": row.session.opportunity,
        "when": cards.when(row.session),
        "state": {"tone": cards.TONES[row.state], "word": cards.state_word(row)},
        "change": changes.shown(row, "school", request.now),
        "road": roads.placement_road(row, cleared_by=due),
        "students": students,
        "missing": max(row.places - len(students), 0),
        "tasks_open": tasks_open,
        "tasks_done": tasks_done,
        "agreement": agreement_line(row),
        "hours": hours.shown(row, request.now),
        "history": roads.history(row),
        "binding": binding(row),
        **_doors(request, row),
        "breadcrumb": _crumbs(_("Placement")),
    }
    return render(request, "placements/school/placement.html", context)


def _doors(request, row: Placement) -> dict:
    """Which buttons there are."""
    may = may_act(request)
    return {
        "may": may,
        "may_name": may and row.state in LIVE and row.session.starts_at > request.now,
        "may_mark": may and row.state in ("ready", "under_way") and row.session.starts_at <= request.now,
        "may_cancel": may and row.state in ("accepted", "ready"),
        "may_withdraw": may and row.state in ("held", "offered"),
        "ended": row.state not in LIVE,
    }


def binding(row: Placement) -> str:
    """What holds for the school now, in a sentence."""
    return {
        "held": _("Nothing is binding. The hub holds the places while it asks the employer."),
        "offered": _("Nothing is binding until the employer answers."),
        "accepted": _("This is agreed and binding. Nobody starts before everything below is done."),
        "ready": _("This is agreed and binding, and everything is done."),
        "under_way": _("It has begun. Mark who is there, then close the register."),
    }.get(row.state, "")


def _crumbs(last: str, row: Placement | None = None) -> list[dict]:
    crumbs = [{"label": _("Requests and placements"), "url": reverse("school-requests")}]
    if row is not None:
        crumbs.append({"label": row.session.opportunity.title, "url": reverse("school-placement", args=[row.pk])})
    return [*crumbs, {"label": last, "url": ""}]


@portal_page("school")
def placement_students(request, pk):
    """Who comes: ticks on the class list."""
    row = placement_or_404(request, pk)
    group, filters = _looked_at(request, row)
    form = _students_form(request, row, group)
    if request.method == "POST" and form.is_valid():
        try:
            days.name_students(row, list(form.cleaned_data["students"]), by=request.actor, now=request.now)
            messages.success(request, _("Saved. The employer sees names only once it has said yes."))
            return redirect("school-placement", row.pk)
        except Refused as refusal:
            if refusal.status == 403:
                refused(request, refusal)
            form.add_error("students", refusal.sentence)
    title = _("Who comes?")
    context = {"title": title, "row": row, "form": form, "filters": filters, "breadcrumb": _crumbs(title, row)}
    return render(request, "placements/school/students.html", context)


def _students_form(request, row: Placement, group: Group | None) -> StudentsForm:
    named = list(row.students.values_list("student_id", flat=True))
    students = _candidates(row, named, group, now=request.now)
    ids = list(students.values_list("pk", flat=True))
    costs = student_costs(row.school, ids, row.session, now=request.now, besides=row)
    posted = request.POST if request.method == "POST" else None
    return StudentsForm(posted, students=students, most=row.places, initial=named, costs=costs)


def _candidates(row: Placement, named: list[int], group: Group | None, *, now: dt.datetime):
    """The class list; without a group of its own, the students named by the request, those who come, and
    the class list of the group looked at."""
    if row.group:
        row.group.school = row.school
        return class_list(row.group, now=now)
    asked = row.request.students.values_list("pk", flat=True) if row.request else []
    known = Q(pk__in=[*named, *asked]) | Q(pk__in=Enrolment.objects.filter(group=group).values("student"))
    students = Student.objects.filter(known, school_id=row.school_id, left_on__isnull=True)
    return students.annotate(had_one=had_one(row.school, now)).order_by("alias", "pk")


def _looked_at(request, row: Placement) -> tuple[Group | None, list[dict]]:
    """Where only a number was asked for: the group whose class list is shown, and the choice of another."""
    if row.group or (row.request is not None and row.request.students.exists()):
        return None, []
    groups = groups_of(row.school)
    group = next((one for one in groups if str(one.pk) == request.GET.get("group")), groups[0] if groups else None)
    options = [(one.pk, one.name) for one in groups]
    chooser = {"before": _("Choose from"), "name": "group", "label": _("Group"), "options": options}
    return group, [chooser | {"value": group.pk}] if group else []


@portal_page("school")
@once
def placement_cancel(request, pk):
    """GET says what follows, POST calls off; before the employer's yes it is only taken back."""
    row = placement_or_404(request, pk)
    agreed = row.state not in ("held", "offered")
    form = ReasonForm(
        request.POST if request.method == "POST" else None, label=_("Why? The employer reads it."), required=agreed
    )
    if request.method == "POST" and form.is_valid():
        verb = answers.cancel if agreed else _take_back
        try:
            verb(row, form.cleaned_data["reason"], by=request.actor, now=request.now)
            messages.success(request, _("Done. Everybody concerned is told."))
        except Refused as refusal:
            refused(request, refusal)
        return redirect("school-placement", row.pk)
    title = _("Call this off?") if agreed else _("Give these places back?")
    context = {
        "title": title,
        "row": row,
        "form": form,
        "agreed": agreed,
        "said": _consequences(row, agreed, request.now),
        "breadcrumb": _crumbs(title, row),
    }
    return render(request, "placements/school/cancel.html", context)


def _take_back(row: Placement, reason: str, *, by, now: dt.datetime) -> None:
    brokering.withdraw(row, by=by, now=now, reason=reason)


def _consequences(row: Placement, agreed: bool, now: dt.datetime) -> str:
    if not agreed:
        return _("The places go to others. Your request stays with the hub until you take that back too.")
    left = (row.session.starts_at - now).days
    said = _("%(employer)s is told at once, calendars lose the date, and the places go to others.") % {
        "employer": row.employer.name
    }
    return f"{said} {_('Less than ten days are left: please ring as well.')}" if left < 10 else said


@portal_page("school")
def placement_calendar(request, pk):
    """This placement as a file for one's own calendar."""
    row = placement_or_404(request, pk)
    response = HttpResponse(
        calendars.feed(row.session.opportunity.title, calendars.of_placement(row)),
        content_type="text/calendar; charset=utf-8",
    )
    response["Content-Disposition"] = f'attachment; filename="placement-{row.pk}.ics"'
    response["Cache-Control"] = "private, no-cache"
    return response
