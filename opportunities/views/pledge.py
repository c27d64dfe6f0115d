"""The employer's answer, before any date: yes, maybe, not this year."""

from __future__ import annotations

import datetime as dt

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from hubs.edges import may_act, portal_page, refused_on
from hubs.errors import Refused
from opportunities.domain import pledges
from opportunities.forms_pledge import PledgeForm
from opportunities.models import Pledge


@portal_page("employer")
@require_http_methods(["GET", "HEAD", "POST"])
def pledge(request):
    """GET shows what was said and the form; POST says it."""
    employer = request.acting.employer
    year = pledges.asked_for(request.hub, request.now)
    row = Pledge.objects.visible_to(request.user).filter(employer=employer, year_starts_on=year).first()
    form = PledgeForm(request.POST or None, employer=employer, row=row, year=year, today=request.hub.today(request.now))
    if request.method == "POST" and form.is_valid() and _said(request, form, year):
        messages.success(request, _("Thank you. The hub sees it, and you can change it at any time."))
        return redirect("employer-pledge")
    context = {
        "title": _("What we can give"),
        "breadcrumb": [
            {"label": _("Plan"), "url": reverse("employer-plan")},
            {"label": _("What we can give"), "url": ""},
        ],
        "row": row,
        "year": year,
        "last": request.hub.academic_year_of(year)[1],
        "form": form,
        "may_act": may_act(request),
    }
    return render(request, "opportunities/pledge.html", context)


def _said(request, form: PledgeForm, year: dt.date) -> bool:
    """Whether it is said now; a refusal stands above the form."""
    employer = request.acting.employer
    try:
        pledges.pledge(employer, form.values(), seen=form.seen(), by=request.actor, now=request.now)
    except Refused as refusal:
        refused_on(request, form, refusal)
        if refusal.code == "stale":  # saving again is a decision, once the other answer was shown
            form.data = form.data.copy()
            form.data["seen_at"] = pledges.as_read(pledges.pledge_of(employer, year))
        return False
    return True
