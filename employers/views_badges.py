"""The employer decides whether a self-assessment is shown in public, and takes it back."""

from __future__ import annotations

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from employers import badges, framing
from employers.models import SelfAssessment
from hubs.edges import portal_page, refused
from hubs.errors import Refused
from hubs.languages import read_language


def _own(request, pk: int) -> SelfAssessment:
    rows = SelfAssessment.objects.visible_to(request.user).filter(hub=request.hub, employer=request.acting.pk)
    return get_object_or_404(rows.exclude(state="open").select_related("framework", "hub", "employer"), pk=pk)


@portal_page("employer", lead=True)
@require_http_methods(["GET", "HEAD", "POST"])
def badge(request, pk: int):
    """What would be public and what not; then, once it is, its addresses."""
    row = _own(request, pk)
    if request.method == "POST":
        try:
            badges.issue(row, by=request.actor, now=request.now)
        except Refused as refusal:
            refused(request, refusal)
        else:
            messages.success(request, _("It is public now. You can take it back at any time."))
        return redirect("employer-badge", row.pk)
    live = badges.live_badge(row.employer)
    own = live if live and live.assessment_id == row.pk else None
    context = {
        "title": _("Show it in public"),
        "breadcrumb": [
            {"label": _("Standards"), "url": reverse("employer-standards")},
            {"label": _("Result"), "url": reverse("employer-results", args=[row.pk])},
            {"label": _("In public"), "url": ""},
        ],
        "row": row,
        "framework": framing.document_of(row.framework, read_language()),
        "badge": own,
        "address": badges.address_of(own) if own else "",
        "other": live if live and own is None else None,
        "may_show": badges.may_show(row) and row.submitted_at + badges.VALID_FOR > request.now,
        "until": row.submitted_at + badges.VALID_FOR,
        "leads": request.actor.hat in badges.SHOWS or request.user.is_superuser,
    }
    return render(request, "employers/standards/badge.html", context)


@portal_page("employer", lead=True)
@require_POST
def withdraw(request, pk: int):
    row = _own(request, pk)
    for live in row.badges.filter(state="live"):
        try:
            badges.withdraw(live, by=request.actor, now=request.now)
        except Refused as refusal:
            refused(request, refusal)
        else:
            messages.success(request, _("Taken back. Its page names you no more."))
    return redirect("employer-badge", row.pk)
