"""A plan brought up to date: what differs, then one press."""

from __future__ import annotations

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from hubs.edges import may_act, portal_page, refused
from hubs.errors import Refused
from opportunities.domain import upgrades
from opportunities.templates_shown import speak_difference
from opportunities.views.rows import own_plans


@portal_page("employer")
@require_http_methods(["GET", "HEAD", "POST"])
def upgrade(request, pk: int):
    plan = get_object_or_404(own_plans(request), pk=pk)
    newer = upgrades.newer_version(plan)
    back = f"{reverse('employer-plan')}?plan={plan.pk}"
    if newer is None:
        messages.info(request, _("This plan is up to date."))
        return redirect(back)
    if request.method == "POST":
        return _do(request, plan, newer, back)
    found = upgrades.difference(plan, newer, now=request.now)
    speak_difference(plan.template, found)
    context = {
        "title": _("What differs"),
        "breadcrumb": [{"label": _("Plan"), "url": back}, {"label": _("What differs"), "url": ""}],
        "plan": plan,
        "found": found,
        "back": back,
        "may_act": may_act(request),
    }
    return render(request, "opportunities/plan_upgrade.html", context)


def _do(request, plan, newer, back: str):
    seen = request.POST.get("version", "")
    try:
        if seen != str(newer.version):
            raise Refused(_("The template changed once more. Look at the differences again."))
        upgrades.upgrade_plan(plan, newer, by=request.actor, now=request.now)
    except Refused as refusal:
        refused(request, refusal)
        return redirect("employer-plan-upgrade", plan.pk)
    messages.success(request, _("The plan is up to date. What you had done is as it was."))
    return redirect(back)
