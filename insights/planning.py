"""A recommendation of the standards becomes a step of the employer's plan."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from employers import framing
from employers.frameworks import NextStep
from employers.models import SelfAssessment
from employers.next_steps import step_key
from hubs.actors import Actor
from hubs.errors import Refused
from hubs.locks import lock_rows
from hubs.wallclock import is_working_day
from opportunities.domain import plans
from opportunities.models import ActionPlan, PlanStep

STEP_DUE = dt.timedelta(weeks=6)


def active_plans(row: SelfAssessment) -> QuerySet[ActionPlan]:
    """The employer's plans under way; a next step goes on the first."""
    return ActionPlan.objects.filter(employer=row.employer_id, state="active").order_by("-year_starts_on", "pk")


def recommendation(row: SelfAssessment, standard: str, number: int, language: str) -> NextStep | None:
    """The one at this place among its standard's, from 0; None where there is none."""
    found = framing.document_of(row.framework, language).standards()
    steps = next((one.next_steps for one in found if one.code == standard), ())
    return steps[number] if 0 <= number < len(steps) else None


def plan_recommended(
    row: SelfAssessment, standard: str, number: int, *, language: str, by: Actor, now: dt.datetime
) -> PlanStep:
    """Put it on the plan under way in the words of `language`, due in six weeks or with the plan's year, on a working
    day of the hub.

    Raises `Refused`: "not_sent" before there is a result, "unknown_step", "no_plan" when none is under way,
    "planned_already" while it is on that plan; `CannotAct` as any step does."""
    if row.state == "open":
        raise Refused(_("It has not been sent in yet, so it has no result."), code="not_sent")
    step = recommendation(row, standard, number, language)
    if step is None:
        raise Refused(_("These standards recommend no such step. Choose one of the result."), code="unknown_step")
    plan = active_plans(row).select_related("hub").first()
    if plan is None:
        raise Refused(_("Adopt a plan first. The step can be added to it then."), code="no_plan")
    plans.need_planner(plan, by)
    key = step_key(framing.document_of(row.framework), standard, number)
    with transaction.atomic():
        lock_rows(ActionPlan.objects.filter(pk=plan.pk))  # of two clicks at once the second finds the step
        if PlanStep.objects.filter(plan=plan, standard=key).exclude(state="skipped").exists():
            raise Refused(_("This step is on your plan already."), code="planned_already")
        return plans.add_step(
            plan, title=step.title, guidance=step.text, due_on=_due(plan, now), standard=key, by=by, now=now
        )


def _due(plan: ActionPlan, now: dt.datetime) -> dt.date:
    due = min(plan.hub.today(now) + STEP_DUE, plan.year_ends_on)
    while not is_working_day(due, plan.hub.jurisdiction):
        due -= dt.timedelta(days=1)
    return due
