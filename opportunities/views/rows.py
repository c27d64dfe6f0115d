"""The rows a page may start from: the acting employer's own, or 404."""

from __future__ import annotations

from django.shortcuts import get_object_or_404

from hubs.models import Role
from opportunities.models import ActionPlan, Opportunity, PlanStep, Session


def own_opportunities(request):
    visible = Opportunity.objects.visible_to(request.user).filter(hub=request.hub, employer=request.acting.pk)
    return visible.with_all().select_related("employer__hub")


def own_opportunity(request, pk: int) -> Opportunity:
    return get_object_or_404(own_opportunities(request), pk=pk)


def own_session(request, pk: int) -> Session:
    visible = Session.objects.visible_to(request.user).filter(hub=request.hub, employer=request.acting.pk)
    return get_object_or_404(visible.with_all().select_related("opportunity__hub"), pk=pk)


def own_plans(request):
    visible = ActionPlan.objects.visible_to(request.user).filter(hub=request.hub, employer=request.acting.pk)
    return visible.select_related("template", "hub", "employer__hub")


def own_step(request, pk: int) -> PlanStep:
    visible = PlanStep.objects.visible_to(request.user).filter(hub=request.hub, employer=request.acting.pk)
    rows = visible.select_related(
        "plan__template",
        "plan__hub",
        "encounter_type",
        "owner",
        "template_step__template",
        "template_step__file",
        "hub",
        "employer__hub",
    )
    return get_object_or_404(rows, pk=pk)


def leads(request) -> bool:
    """Whether this person may do what only leads and the hub may."""
    actor = request.actor
    return bool(actor and (actor.is_hub_staff or actor.hat == Role.EMPLOYER_LEAD))
