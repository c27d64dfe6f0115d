"""The employer's plan: choose a template, walk its road, publish from a step."""

from __future__ import annotations

import datetime as dt

from django.contrib import messages
from django.db.models import Prefetch
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from employers import framing
from employers.next_steps import served
from hubs.edges import may_act, portal_page, refused, refused_on
from hubs.errors import Refused
from hubs.languages import read_language
from opportunities.domain import offers, plans
from opportunities.domain.upgrades import newer_version
from opportunities.forms import ReasonForm
from opportunities.forms_plan import MoveStepForm, QuickForm, StepForm
from opportunities.models import ActionPlan, ActionPlanTemplate, Opportunity, PlanStep, TemplateStep
from opportunities.templates_shown import shown
from opportunities.translating import speak, speak_steps, spoken
from opportunities.usual import first_days
from opportunities.views.rows import own_plans, own_step


def _templates(request):
    steps = Prefetch("steps", TemplateStep.objects.select_related("encounter_type", "file"))
    offered = ActionPlanTemplate.objects.visible_to(request.user).filter(hub=request.hub, state="published")
    return offered.prefetch_related(steps)


@portal_page("employer")
@require_safe
def plan(request):
    """The plan under way, or the templates to choose from."""
    found = list(own_plans(request).exclude(state="abandoned").order_by("-year_starts_on", "-pk"))
    wanted = request.GET.get("plan", "")
    current = next((one for one in found if str(one.pk) == wanted), None)
    current = current or next((one for one in found if one.state == "active"), found[0] if found else None)
    if current is None or request.GET.get("choose"):
        return _choose(request, found)
    steps = _steps(current, request)
    speak_steps(steps)
    speak(current.template, [], read_language())
    ahead = [step for step in steps if step.state == "planned"]
    context = {
        "title": _("Plan"),
        "plan": current,
        "others": [one for one in found if one.pk != current.pk],
        "steps": steps,
        "road": _road(steps, ahead[0] if ahead else None),
        "next_step": ahead[0] if ahead else None,
        "done": len(steps) - len(ahead),
        "may_act": may_act(request),
        "newer": newer_version(current),
    }
    return render(request, "opportunities/plan.html", context)


def _steps(current: ActionPlan, request) -> list[PlanStep]:
    offered = Prefetch("opportunities", Opportunity.objects.filter(hub=request.hub).exclude(state="withdrawn"))
    rows = current.steps.select_related("encounter_type", "owner", "template_step").prefetch_related(offered)
    steps = list(rows.order_by("due_on", "position", "pk"))
    for step in steps:
        made = list(step.opportunities.all())
        # Before anything of it is with the hub there is a draft to go on with, and nothing to publish another of.
        step.draft = made[0] if made and all(one.state == "draft" for one in made) else None
    return steps


def _road(steps: list[PlanStep], now_at: PlanStep | None) -> list[dict]:
    states = {"done": "done", "skipped": "stopped"}
    return [
        {
            "label": step.title,
            "when": step.due_on,
            "state": "now" if step == now_at else states.get(step.state, "ahead"),
        }
        for step in steps
    ]


def _choose(request, adopted: list[ActionPlan]):
    size = request.acting.employer.size
    templates = list(_templates(request))
    for one in templates:
        speak(one, [], read_language())
    rows = sorted(templates, key=lambda one: (size not in (one.sizes or [size]), one.hours, one.pk))
    context = {
        "title": _("Choose a plan"),
        "templates": rows,
        "size": size,
        "adopted": {one.template_id for one in adopted},
        "may_act": may_act(request),
        "has_plan": bool(adopted),
    }
    return render(request, "opportunities/plan_choose.html", context)


@portal_page("employer")
@require_http_methods(["GET", "HEAD", "POST"])
def template(request, pk: int):
    """One template with the dates it would have; POST adopts it."""
    row = get_object_or_404(_templates(request), pk=pk)
    if request.method == "POST":
        return _adopt(request, row)
    found = shown(row, request.hub, request.now)
    context = {
        **found,
        "title": row.name,
        "breadcrumb": [
            {"label": _("Plan"), "url": reverse("employer-plan")},
            {"label": row.name, "url": "", "language": row.language},
        ],
        "may_act": may_act(request),
    }
    return render(request, "opportunities/plan_template.html", context)


def _adopt(request, row: ActionPlanTemplate):
    try:
        adopted = plans.adopt(row, request.acting.employer, by=request.actor, now=request.now)
    except Refused as refusal:
        refused(request, refusal)
        return redirect("employer-plan")
    messages.success(request, _("Adopted. Your first step is due first; every date can be moved."))
    return redirect(f"{reverse('employer-plan')}?plan={adopted.pk}")


# ---- Steps -------------------------------------------------------------------


@portal_page("employer")
@require_http_methods(["GET", "HEAD", "POST"])
def step(request, pk: int):
    """One step. POST makes an opportunity of it in three fields and goes to its review."""
    row = own_step(request, pk)
    form = QuickForm(request.POST or None, initial=_quick_initial(row, request.now)) if row.encounter_type else None
    if request.method == "POST" and form is None:
        raise Http404
    if request.method == "POST" and form.is_valid():
        try:
            made = offers.draft_from_step(row, **form.cleaned_data, by=request.actor, now=request.now)
        except Refused as refusal:
            refused_on(request, form, refusal)
        else:
            return redirect("employer-opportunity-practical", made.pk)
    return _step_page(request, row, quick=form)


def _quick_initial(row: PlanStep, now: dt.datetime) -> dict:
    soonest = first_days(row.encounter_type, row.hub, now)[0]["on"]
    return {
        "title": row.encounter_type.name,
        "on": max(soonest, row.due_on),
        "places": row.places or row.encounter_type.group_max,
    }


def _step_page(request, row: PlanStep, *, quick=None, skip=None, move=None):
    words = row.template_step
    speak_steps([row])
    if words is not None:
        speak(words.template, [words], read_language())
    if move is None:
        move = _move_form(request, row, initial={"due_on": row.due_on, "owner": row.owner_id})
    context = {
        "title": row.title,
        "breadcrumb": [{"label": _("Plan"), "url": reverse("employer-plan")}, {"label": row.title, "url": ""}],
        "step": row,
        "words": words,
        "standard": _standard(row),
        "quick": quick,
        "skip_form": skip or ReasonForm(prefix="skip"),
        "move_form": move,
        "offers": list(row.opportunities.exclude(state="withdrawn")),
        "may_act": may_act(request),
    }
    return render(request, "opportunities/plan_step.html", context)


def _standard(row: PlanStep) -> framing.Named | None:
    """The standard it serves; nothing where the hub works by that one no more."""
    return framing.standards_named(row.hub_id, read_language()).get(served(row.standard)) if row.standard else None


def _move_form(request, row: PlanStep, data=None, **kwargs) -> MoveStepForm:
    following = plans.following(row) if row.state == "planned" else []
    speak_steps(following)
    return MoveStepForm(data, employer=request.acting.employer, following=following, prefix="move", **kwargs)


@portal_page("employer")
@require_POST
def step_move(request, pk: int):
    """Another day, another owner."""
    row = own_step(request, pk)
    form = _move_form(request, row, request.POST)
    if not form.is_valid():
        return _step_page(request, row, move=form)
    try:
        plans.replan_step(row, **form.cleaned_data, by=request.actor, now=request.now)
    except Refused as refusal:
        refused_on(request, form, refusal)
        return _step_page(request, row, move=form)
    messages.success(request, _("Saved."))
    return redirect("employer-plan-step", row.pk)


@portal_page("employer")
@require_POST
def step_skip(request, pk: int):
    row = own_step(request, pk)
    form = ReasonForm(request.POST, prefix="skip")
    if not form.is_valid():
        return _step_page(request, row, skip=form)
    return _moved(
        request, row, lambda: plans.skip_step(row, form.cleaned_data["reason"], by=request.actor, now=request.now)
    )


#: What a step's buttons do.
_VERBS = {"done": plans.complete_step, "reopen": plans.reopen_step}


@portal_page("employer")
@require_POST
def step_verb(request, pk: int, verb: str):
    row = own_step(request, pk)
    if verb not in _VERBS:
        raise Http404
    return _moved(request, row, lambda: _VERBS[verb](row, by=request.actor, now=request.now))


def _moved(request, row: PlanStep, act):
    try:
        act()
        said = {"step": spoken(row).title, "state": row.get_state_display()}
        messages.success(request, _("“%(step)s” is %(state)s.") % said)
    except Refused as refusal:
        refused(request, refusal)
    return redirect(f"{reverse('employer-plan')}?plan={row.plan_id}")


@portal_page("employer")
@require_http_methods(["GET", "HEAD", "POST"])
def step_add(request, pk: int):
    """A step of the employer's own."""
    row = get_object_or_404(own_plans(request), pk=pk)
    form = StepForm(request.POST or None, employer=request.acting.employer)
    if request.method == "POST" and form.is_valid():
        try:
            plans.add_step(row, **form.cleaned_data, by=request.actor, now=request.now)
        except Refused as refusal:
            refused_on(request, form, refusal)
        else:
            messages.success(request, _("Added to the plan."))
            return redirect(f"{reverse('employer-plan')}?plan={row.pk}")
    context = {
        "title": _("Add a step"),
        "breadcrumb": [{"label": _("Plan"), "url": reverse("employer-plan")}, {"label": _("Add a step"), "url": ""}],
        "form": form,
        "submit_label": _("Add the step"),
        "cancel_url": reverse("employer-plan"),
    }
    return render(request, "opportunities/form.html", context)


@portal_page("employer")
@require_http_methods(["GET", "HEAD", "POST"])
def plan_end(request, pk: int):
    """Complete the plan, or give it up with a reason."""
    row = get_object_or_404(own_plans(request), pk=pk)
    open_steps = row.steps.filter(state="planned").count()
    form = ReasonForm(request.POST or None) if open_steps else None
    if request.method == "POST" and (form is None or form.is_valid()):
        try:
            reason = form.cleaned_data["reason"] if form else ""
            plans.end_plan(row, reason, by=request.actor, now=request.now)
        except Refused as refusal:
            refused(request, refusal)
        else:
            messages.success(request, _("The plan is %(state)s.") % {"state": row.get_state_display()})
        return redirect("employer-plan")
    said = gettext_lazy("Opportunities you have published stay published.")
    context = {
        "title": _("Give up this plan") if open_steps else _("Complete this plan"),
        "next_steps": [str(said), _("You can adopt another plan.")],
        "form": form,
        "tone": "stop" if open_steps else "",
        "action_label": _("Give it up") if open_steps else _("Complete it"),
        "cancel_url": reverse("employer-plan"),
    }
    return render(request, "opportunities/confirm.html", context)
