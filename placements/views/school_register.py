"""The register: who was there on each day, then what it was worth."""

from __future__ import annotations

import datetime as dt
from itertools import groupby

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from hubs.edges import may_act, portal_page, refused
from hubs.errors import Refused
from placements.domain import attendance
from placements.forms_school import CloseForm, PresentForm
from placements.models import Placement
from placements.views.acting import placement_or_404


@portal_page("school")
def register(request, pk):
    """GET shows the days and the closing questions; POST marks one day, or closes."""
    row = placement_or_404(request, pk)
    forms = _day_forms(row, request)
    closing = CloseForm(request.POST if "close" in request.POST else None)
    if request.method == "POST":
        if "close" in request.POST and closing.is_valid():
            return _close(request, row, closing)
        day = next((form for form in forms if form.is_bound and form.is_valid()), None)
        if day is not None:
            return _mark(request, row, day)
    context = {
        "title": _("Who was there?"),
        "row": row,
        "days": forms,
        "ahead": [form for form in forms if form.on > request.now.astimezone(row.session.zone).date()],
        "all_marked": bool(forms) and all(form.marked for form in forms),
        "closing": closing,
        "may": may_act(request) and row.state in ("ready", "under_way"),
        "breadcrumb": [
            {"label": _("Requests and placements"), "url": reverse("school-requests")},
            {"label": row.session.opportunity.title, "url": reverse("school-placement", args=[row.pk])},
            {"label": _("Register"), "url": ""},
        ],
    }
    return render(request, "placements/school/register.html", context)


def _day_forms(row: Placement, request) -> list[PresentForm]:
    zone = row.session.zone
    rows = row.student_days.select_related("student").order_by("starts_at", "student__alias", "pk")
    if row.state in ("ready", "under_way"):
        rows = rows.filter(live=True)  # days after an early end are nobody's

    def on(one) -> dt.date:
        return one.starts_at.astimezone(zone).date()

    marking = request.POST.get("mark", "")
    return [
        PresentForm(request.POST if marking == day.isoformat() else None, on=day, rows=list(same))
        for day, same in groupby(rows, key=on)
    ]


def _mark(request, row: Placement, form: PresentForm):
    try:
        attendance.mark(row, form.on, form.cleaned_data["present"], by=request.actor, now=request.now)
        messages.success(request, _("Noted: %(n)s present.") % {"n": len(form.cleaned_data["present"])})
    except Refused as refusal:
        refused(request, refusal)
    return redirect("school-register", row.pk)


def _close(request, row: Placement, form: CloseForm):
    try:
        made = attendance.complete(row, form.flags(), by=request.actor, now=request.now)
    except Refused as refusal:
        refused(request, refusal)
        return redirect("school-register", row.pk)
    came = sum(encounter.attended for encounter in made)
    messages.success(request, _("Closed. It counts for %(came)s of %(all)s.") % {"came": came, "all": len(made)})
    return redirect("school-placement", row.pk)
