"""Class lists out of the school's system: upload, look, confirm; a large one is watched while the job loads it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from hubs.edges import portal_page, refused
from hubs.errors import CannotAct, Refused
from schools.domain import pending as files
from schools.domain.foresight import would_hit
from schools.domain.people import standing
from schools.domain.roster import RosterPlan
from schools.domain.roster_jobs import try_again
from schools.domain.words_roster import roster_problem
from schools.forms_people import RosterForm, RosterUploadForm
from schools.models import Import, PendingImport
from schools.views.own import groups_crumb, own, page, posted, school_of, students_crumb

GET_POST = require_http_methods(["GET", "HEAD", "POST"])
SHOWN = 60


@portal_page("school")
@GET_POST
def upload(request):
    form = RosterUploadForm(posted(request), request.FILES or None)
    if request.method == "POST" and form.is_valid():
        kept = _kept(request, form)
        if kept is not None:
            return redirect("school-roster-check", pk=kept.pk)
    context = page(request, _("Load class lists"), groups_crumb(), students_crumb(), form=form)
    return render(request, "schools/roster_upload.html", context)


def _kept(request, form: RosterUploadForm) -> PendingImport | None:
    given = form.cleaned_data
    try:
        return files.keep_roster(
            school_of(request), given["file"].read(), names=given["names"], file_name=given["file"].name,
            by=request.actor, now=request.now,
        )  # fmt: skip
    except CannotAct as refusal:
        refused(request, refusal)
    except Refused as refusal:
        form.add_error("file", refusal.sentence)
    return None


@portal_page("school")
@GET_POST
def check(request, pk: int):
    """What was understood, what changes, what has to be said."""
    rows = own(request, PendingImport).select_related("school__hub")
    pending = get_object_or_404(rows, pk=pk, kind=PendingImport.Kind.ROSTER)
    if request.method == "POST" and "put_aside" in request.POST:
        return _put_aside(request, pending)
    at_work = own(request, Import).filter(file=pending).first()
    if at_work is not None:
        return redirect("school-import", pk=at_work.pk)
    plan = files.roster_plan(pending, now=request.now)
    sent = request.POST if {"look", "confirm"} & set(request.POST) else None
    form = RosterForm(sent, plan=plan, initial={"leavers": plan.choices.leavers})
    if form.is_bound and form.is_valid():
        return _said(request, pending, form)
    context = page(
        request, _("Check what was read"), groups_crumb(), students_crumb(), pending=pending, plan=plan, form=form,
        figures=_figures(plan), problems=[roster_problem(one) for one in plan.problems[:SHOWN]],
        more_problems=plan.problem_count > SHOWN, leaving=_leaving(request, plan), classes=_classes(plan, form),
        hits=would_hit(plan, by=request.actor, now=request.now),
    )  # fmt: skip
    return render(request, "schools/roster_check.html", context)


def _put_aside(request, pending: PendingImport):
    try:
        files.put_aside(pending, by=request.actor)
        messages.success(request, _("The file was put aside. Nothing was changed."))
    except Refused as refusal:
        refused(request, refusal)
    return redirect("school-students")


def _said(request, pending: PendingImport, form: RosterForm):
    """Keep the answers; when they settle it and it was confirmed, load."""
    try:
        files.choose_for_roster(pending, form.choices, by=request.actor)
        if "confirm" in request.POST:
            done = files.confirm_roster_file(pending, by=request.actor, now=request.now)
            return redirect("school-import", pk=done.pk)
    except Refused as refusal:
        refused(request, refusal)
    return redirect("school-roster-check", pk=pending.pk)


def _figures(plan: RosterPlan) -> list[dict[str, Any]]:
    names = {"students": _("Students"), "groups": _("Groups"), "lists": _("Places on class lists"), "terms": _("Terms")}
    return [figure(name, plan.counts[key]) for key, name in names.items() if any(plan.counts[key].values())]


def figure(label: str, counts: dict[str, int]) -> dict[str, Any]:
    """One sort of row for portal/pieces/figure.html: how many are new, and what of the others."""
    words = {
        "changed": _("%(n)s changed"), "same": _("%(n)s as before"), "removed": _("%(n)s go"),
        "kept": _("%(n)s left alone"),
    }  # fmt: skip
    rest = [word % {"n": counts[what]} for what, word in words.items() if counts.get(what)]
    return {"label": label, "value": counts.get("added", 0), "unit": _("new"), "before": ", ".join(rest)}


def _classes(plan: RosterPlan, form: RosterForm) -> list[dict[str, Any]]:
    """Every group of the file that is new or is taken for one there is already."""
    sizes: dict[str, int] = {}
    for _student, group, _until in plan.parsed.enrolments:
        sizes[group] = sizes.get(group, 0) + 1
    new = [
        {
            "name": one.title, "year": year, "size": sizes.get(one.key, 0), "word": _("New"), "tone": "good",
            "field": form.of_class(one.key),
        }
        for one, year in plan.classes.new
    ]  # fmt: skip
    known = [
        {
            "name": one.title, "year": group.year_group.number if group.year_group else None,
            "size": sizes.get(one.key, 0), "tone": "information",
            "word": _("Is %(group)s") % {"group": group.name}, "field": form.of_class(one.key),
        }
        for group, one in plan.classes.matched
    ]  # fmt: skip
    gone = [
        {"name": row.name, "year": None, "size": 0, "word": _("Put aside"), "tone": "stop"} for row in plan.classes.gone
    ]
    left_out = [
        {
            "name": one.title, "year": one.year, "size": sizes.get(one.key, 0), "word": _("Left out"), "tone": "plain",
            "field": form.of_class(one.key),
        }
        for one in plan.classes.left_out
    ]  # fmt: skip
    return [*known, *gone, *new, *left_out]


def _leaving(request, plan: RosterPlan) -> str:
    """What becomes of the placements of those who are not in the file any more, in a sentence."""
    going = [row.pk for row in plan.people.leavers]
    named = len(standing(going, request.now)) if going else 0
    if not named:
        return ""
    return ngettext(
        "%(n)s of those who are not in the file is named for a placement to come. It stays; name somebody else there.",
        "%(n)s of those who are not in the file are named for placements to come. They stay; name others there.",
        named,
    ) % {"n": named}


@portal_page("school")
@require_POST
def again(request, pk: int):
    """Send a roster that failed round once more."""
    row = get_object_or_404(own(request, Import).select_related("school__hub"), pk=pk, kind=Import.Kind.ROSTER)
    try:
        try_again(row, by=request.actor, now=request.now)
    except Refused as refusal:
        refused(request, refusal)
    return redirect("school-import", pk=row.pk)
