"""An employer's home: what needs you, the plan as a road, sessions, documents that lapse."""

from __future__ import annotations

import datetime as dt

from django.db.models import Prefetch
from django.shortcuts import render
from django.urls import reverse

from employers.models import Employer
from employers.standards_shown import standing
from hubs.edges import LEADING_ROLES, may_act
from hubs.languages import read_language
from opportunities.cards import session_card
from opportunities.models import ActionPlan, PlanStep, Session
from placements.needs_employer import employer_needs, lapsing

SESSIONS_SHOWN = 5


def employer_home(request):
    """Called by `home` when the person acts for an employer."""
    employer = Employer.objects.select_related("hub__site__root_page").get(pk=request.acting.pk)
    leads = bool(request.actor and request.actor.hat in LEADING_ROLES["employer"])
    papers = lapsing(employer, employer.hub.today(request.now))
    needs = employer_needs(employer, now=request.now, leads=leads, papers=papers)
    cards = [
        session_card(
            row, reverse("employer-session", args=[row.pk]), employer=row.opportunity.encounter_type.name, type=""
        )
        for row in _sessions(employer, request.now)[: SESSIONS_SHOWN + 1]
    ]
    context = {
        "title": employer.name,
        "needs": needs,
        **_plan(employer),
        "standing": standing(employer, read_language()),
        "cards": cards[:SESSIONS_SHOWN],
        "more": len(cards) > SESSIONS_SHOWN,
        "documents": papers,
        "may_act": may_act(request),
        "may_keep": leads,
    }
    return render(request, "placements/employer/home.html", context)


def _sessions(employer: Employer, now: dt.datetime):
    rows = Session.objects.filter(employer=employer, state="planned", starts_at__gt=now)
    return rows.exclude(opportunity__state="withdrawn").with_all().order_by("starts_at", "pk")


def _plan(employer: Employer) -> dict:
    """{plan, road, done, steps}: the active plan of the earliest year, its steps in order."""
    steps = Prefetch("steps", PlanStep.objects.order_by("due_on", "position", "pk"))
    plans = ActionPlan.objects.filter(employer=employer, state="active").select_related("template")
    plan = plans.order_by("year_starts_on", "pk").prefetch_related(steps).first()
    if plan is None:
        return {"plan": None}
    rows = list(plan.steps.all())
    ahead = [row for row in rows if row.state == "planned"]
    return {"plan": plan, "road": _road(rows, ahead), "steps": len(rows), "done": len(rows) - len(ahead)}


def _road(rows: list[PlanStep], ahead: list[PlanStep]) -> list[dict]:
    states = {"done": "done", "skipped": "stopped"}
    return [
        {
            "label": row.title,
            "when": row.due_on,
            "state": "now" if ahead and row == ahead[0] else states.get(row.state, "ahead"),
        }
        for row in rows
    ]
