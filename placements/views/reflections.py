"""What is asked afterwards: links for students, the teacher's own words, the student's page."""

from __future__ import annotations

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from hubs.actors import by_link
from hubs.edges import may_act, no_store, portal_page, refused_on
from hubs.errors import Refused
from hubs.links import mark_used
from placements.domain import reflections
from placements.forms_reflection import ReflectionForm, TeacherForm
from placements.models import Placement, PlacementStudent
from placements.views.acting import placement_or_404
from placements.views.links import languages_offered, link_page


@portal_page("school")
def school_reflections(request, pk):
    """POST act=links prints a link for each student; act=teacher keeps the teacher's words."""
    placement = placement_or_404(request, pk)
    act = request.POST.get("act", "")
    form = TeacherForm(request.POST if act == "teacher" else None)
    handed: list = []
    try:
        if act == "links":
            handed = reflections.make_links(placement, by=request.actor, now=request.now)
        elif act == "teacher" and form.is_valid():
            given = {"again": form.cleaned_data["again"] == "yes", "words": form.cleaned_data["words"]}
            reflections.teacher_feedback(placement, **given, by=request.actor, now=request.now)
            messages.success(request, _("Saved. Thank you."))
            return redirect("school-reflections", pk)
    except Refused as refusal:
        refused_on(request, form, refusal) if form.is_bound else messages.error(request, refusal.sentence)
    return no_store(render(request, "placements/school/reflections.html", _context(request, placement, form, handed)))


def _context(request, placement: Placement, form: TeacherForm, handed: list) -> dict:
    return {
        "title": _("How was it?"),
        "row": placement,
        "over": reflections.may_reflect(placement),
        "may": may_act(request),
        "form": form,
        "teacher": placement.feedback.filter(side="school", student=None).first(),
        "said": reflections.said_so_far(placement),
        "students": placement.students.count(),
        "handed": [(row.student, placement.hub.url(reverse("reflection-link", args=[token]))) for row, token in handed],
        "breadcrumb": [
            {"label": _("Requests and placements"), "url": reverse("school-requests")},
            {"label": placement.session.opportunity.title, "url": reverse("school-placement", args=[placement.pk])},
            {"label": _("How was it?"), "url": ""},
        ],
    }


@link_page(reflections.PURPOSE, PlacementStudent)
def reflect(request, link, row: PlacementStudent, message):
    """Six questions; afterwards thanks. The page names nobody."""
    form = ReflectionForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        by = by_link(link, "student", row.placement.school_id)
        try:
            reflections.reflect(row, form.answers(), by=by, now=request.now)
            mark_used(link, now=request.now)
            return redirect(request.get_full_path())
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
    context = {
        "title": _("How was it?"),
        "languages_offered": languages_offered(),
        "placement": row.placement,
        "said": row.placement.feedback.filter(side="student", student=row.student_id).exists(),
        "over": reflections.may_reflect(row.placement),
        "form": form,
    }
    return render(request, "placements/links/reflection.html", context)
