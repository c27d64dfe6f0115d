"""Home: the first page after sign-in, for whoever it is."""

from __future__ import annotations

import datetime as dt

from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from hubs.edges import may_act
from placements import cards
from placements.domain.coverage import without_encounter
from placements.models import Placement
from placements.models.placement import LIVE
from placements.needs import school_needs
from placements.views.acting import school_of
from placements.views.employer_home import employer_home

AHEAD = dt.timedelta(days=14)
GROUPS_SHOWN = 6


@login_required
def home(request):
    """The home of the organisation the person works for now; hub staff go to the back office."""
    if request.acting and request.acting.kind == "school":
        return school_home(request)
    if request.acting:
        return employer_home(request)
    if request.hub and (request.user.is_superuser or request.user.hub_role(request.hub.pk)):
        return redirect("wagtailadmin_home")
    elsewhere = sorted({m.hub for m in request.user.live_memberships}, key=lambda hub: hub.name)
    return render(request, "placements/home_nobody.html", {"title": _("You are signed in"), "elsewhere": elsewhere})


def school_home(request):
    school = school_of(request)
    needs = school_needs(school, now=request.now)
    today = request.now.astimezone(school.zone).date()
    soon = (
        Placement.objects.filter(school=school, state__in=LIVE, session__ends_at__gte=request.now)
        .filter(session__starts_at__lt=request.now + AHEAD)
        .with_all()
        .with_change_asked(request.now)
        .order_by("session__starts_at", "pk")
    )
    coverage = without_encounter(school, now=request.now)
    context = {
        "title": school.name,
        "needs": needs,
        "soon": [cards.placement_line(row) for row in soon],
        "coverage": coverage[:GROUPS_SHOWN],
        "coverage_more": coverage[GROUPS_SHOWN:],
        "school": school,
        "today": today,
        "may": may_act(request),
    }
    return render(request, "placements/school/home.html", context)
