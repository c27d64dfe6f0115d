"""What students have had: one ledger, and a school's classes side by side."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from hubs.edges import may_act, no_store, portal_page, refused_on
from hubs.errors import CannotAct, Refused
from placements.domain import ledger as ledgers
from placements.domain import subject
from placements.forms_school import ReasonForm
from placements.views.acting import school_of
from schools.models import Student


@portal_page("school")
@require_safe
def ledger(request, pk):
    """One student: the road, hours, types, sectors, flags, and what is missing."""
    student = _student(request, pk)
    found = ledgers.ledger_of(student, now=request.now)
    context = {
        "title": student.alias,
        "student": student,
        "may": may_act(request),
        "ledger": found,
        "stages": ledgers.stages(found),
        "standings": [(one, ledgers.missing_words(one)) for one in found.standings],
        "breadcrumb": [
            {"label": _("Coverage"), "url": reverse("school-coverage")},
            {"label": student.alias, "url": ""},
        ],
    }
    return render(request, "placements/school/ledger.html", context)


def _student(request, pk: int) -> Student:
    students = Student.objects.visible_to(request.user).filter(school_id=request.acting.pk)
    return get_object_or_404(students.select_related("school__hub", "year_group"), pk=pk)


@portal_page("school")
@require_http_methods(["GET", "HEAD", "POST"])
def export(request, pk):
    """POST gives everything held about one student, as a file; it is logged, so looking is not enough."""
    student = _student(request, pk)
    if request.method != "POST":
        return redirect("school-ledger", pk)
    try:
        found = subject.export(student, by=request.actor, now=request.now)
    except CannotAct as refusal:
        raise PermissionDenied(refusal.sentence) from refusal
    response = JsonResponse(found, json_dumps_params={"ensure_ascii": False, "indent": 1})
    response["Content-Disposition"] = f'attachment; filename="student-{student.pk}.json"'
    return no_store(response)


@portal_page("school")
@require_http_methods(["GET", "HEAD", "POST"])
def erase(request, pk):
    """GET says what follows; POST erases."""
    student = _student(request, pk)
    label = _("Who asked, and when? Please write no name.")
    form = ReasonForm(request.POST if request.method == "POST" else None, label=label, required=True)
    if request.method == "POST" and form.is_valid():
        try:
            subject.erase(student, form.cleaned_data["reason"], by=request.actor, now=request.now)
            messages.success(request, _("Erased. What they attended still counts, under no name."))
            return redirect("school-coverage")
        except Refused as refusal:
            refused_on(request, form, refusal)
    context = {"title": _("Erase %(alias)s?") % {"alias": student.alias}, "student": student, "form": form}
    return render(request, "placements/school/student_erase.html", context)


@portal_page("school")
@require_safe
def coverage(request):
    """Every class: who has had nothing this year, and how many have met what they are entitled to."""
    school = school_of(request)
    rules, groups = ledgers.coverage_of(school, now=request.now)
    context = {
        "title": _("What your students have had"),
        "rules": rules,
        "groups": [_shown(one, rules) for one in groups],
        "breadcrumb": [{"label": _("Home"), "url": reverse("home")}, {"label": _("Coverage"), "url": ""}],
    }
    return render(request, "placements/school/coverage.html", context)


def _shown(one, rules) -> dict:
    """One class; those with nothing yet come first among its students."""
    nothing = {student.pk for student in one.nothing}
    students = sorted(((student, student.pk not in nothing) for student in one.students), key=lambda pair: pair[1])
    return {"row": one, "met": [(rule, one.met[rule.code]) for rule in rules], "students": students}
