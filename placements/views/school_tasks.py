"""One thing that must be cleared before a placement starts: doing it, asking, reminding."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hubs.edges import may_act, portal_page, refused
from hubs.errors import Refused
from hubs.models import Message, Requirement
from placements.domain import clearances
from placements.forms_school import DoneForm, ParentsForm, ReasonForm
from placements.models import Clearance, Placement
from placements.models.ready import BLOCKING
from placements.tasks_shown import who_acts
from placements.views.acting import placement_or_404


def _rows(request, pk: int, requirement: int) -> tuple[Placement, list[Clearance]]:
    placement = placement_or_404(request, pk)
    rows = list(
        placement.clearances.filter(requirement_id=requirement)
        .select_related("requirement", "student")
        .order_by("student__alias", "pk")
    )
    if not rows:
        raise Http404
    for row in rows:
        row.placement, row.hub = placement, placement.hub
    return placement, rows


@portal_page("school")
def task(request, pk, requirement):
    """What is asked, of whom, by when; what is left of it."""
    placement, rows = _rows(request, pk, requirement)
    return _page(request, placement, rows)


def _page(request, placement: Placement, rows: list[Clearance], **forms):
    first = rows[0]
    waiting = [row for row in rows if row.state == "open"]
    may = may_act(request) and placement.state in ("accepted", "ready")
    asked = set(
        Message.objects.filter(
            kind="consent-asked", subject_type="placements.clearance", subject_id__in=[row.pk for row in waiting]
        ).values_list("subject_id", flat=True)
    )
    context = {
        "title": first.requirement.title,
        "placement": placement,
        "requirement": first.requirement,
        "responsible": first.responsible,
        "who": who_acts(placement, first),
        "due": min(row.due_on for row in rows),
        "blocks": first.blocks in BLOCKING,
        "waiting": waiting,
        "said_no": [row.student.alias for row in waiting if row.student and row.evidence.get("agreed") is False],
        "settled": [row for row in rows if row.state != "open"],
        "asked": len(asked),
        "may": may,
        "may_do": may and first.responsible != "host" and waiting,
        "may_ask": may and first.responsible == "parent" and waiting,
        "may_remind": may and waiting and (first.responsible == "host" or asked),
        "decision": first.requirement.kind == Requirement.Kind.DECISION,
        "done_form": DoneForm(rows=waiting) if waiting else None,
        "parents_form": ParentsForm(rows=waiting) if waiting else None,
        "breadcrumb": [
            {"label": _("Requests and placements"), "url": reverse("school-requests")},
            {
                "label": placement.session.opportunity.title,
                "url": reverse("school-placement", args=[placement.pk]) + "#tasks",
            },
            {"label": _("To do"), "url": ""},
        ],
        **forms,
    }
    return render(request, "placements/school/task.html", context)


@portal_page("school")
def task_done(request, pk, requirement):
    """POST ticks what was done, with what was seen."""
    placement, rows = _rows(request, pk, requirement)
    waiting = [row for row in rows if row.state == "open"]
    if request.method != "POST" or not waiting:
        return redirect("school-task", pk, requirement)
    form = DoneForm(request.POST, rows=waiting)
    if not form.is_valid():
        return _page(request, placement, rows, done_form=form)
    done = [row for row in waiting if row.pk in form.cleaned_data["done"]]
    try:
        note = form.cleaned_data["note"]
        clearances.complete_all(done, by=request.actor, now=request.now, note=note)
        messages.success(request, _said_done(placement, len(waiting) - len(done)))
    except Refused as refusal:
        refused(request, refusal)
    return redirect(reverse("school-placement", args=[pk]) + "#tasks")


def _said_done(placement: Placement, left: int) -> str:
    if left:
        return ngettext("Noted. %(n)s is left.", "Noted. %(n)s are left.", left) % {"n": left}
    return _("Noted. Everything is done: they may start.") if placement.state == "ready" else _("Noted.")


@portal_page("school")
def task_ask(request, pk, requirement):
    """POST writes to the parents and carers whose addresses were typed."""
    placement, rows = _rows(request, pk, requirement)
    waiting = [row for row in rows if row.state == "open"]
    form = ParentsForm(request.POST if request.method == "POST" else None, rows=waiting)
    if request.method != "POST":
        return redirect("school-task", pk, requirement)
    if not form.is_valid():
        return _page(request, placement, rows, parents_form=form)
    addresses = form.addresses()
    asked = {row: addresses[row.pk] for row in waiting if row.pk in addresses}
    try:
        clearances.ask_parents(asked, by=request.actor, now=request.now)
        messages.success(request, _("Asked. Each gets a link of their own; no account is needed."))
    except Refused as refusal:
        refused(request, refusal)
    return redirect("school-task", pk, requirement)


@portal_page("school")
def task_remind(request, pk, requirement):
    """POST asks again whoever has not acted, at most once a day each."""
    _placement, rows = _rows(request, pk, requirement)
    if request.method == "POST":
        try:
            waiting = [row for row in rows if row.state == "open"]
            sent = clearances.remind_all(waiting, by=request.actor, now=request.now)
            messages.success(request, _reminded(sent))
        except Refused as refusal:
            refused(request, refusal)
    return redirect("school-task", pk, requirement)


def _reminded(sent: int) -> str:
    if not sent:
        return _("Everybody was reminded today already.")
    return ngettext("%(n)s reminder is on its way.", "%(n)s reminders are on their way.", sent) % {"n": sent}


@portal_page("school")
def task_reopen(request, pk, requirement, clearance):
    """Take a done clearance back, for example when consent is withdrawn."""
    placement, rows = _rows(request, pk, requirement)
    row = get_object_or_404(placement.clearances, pk=clearance, requirement_id=requirement)
    row = next(one for one in rows if one.pk == row.pk)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            clearances.reopen(row, form.cleaned_data["reason"], by=request.actor, now=request.now)
            messages.success(request, _("It is open again. Nobody starts before it is done."))
        except Refused as refusal:
            refused(request, refusal)
        return redirect("school-task", pk, requirement)
    context = {"title": _("Take this back?"), "row": row, "placement": placement, "form": form}
    return render(request, "placements/school/task_reopen.html", context)
