"""The employer's result: charts with their tables, next steps, comparison, and the record behind it."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from employers import assessing
from employers.evidence import CODES
from employers.evidence_words import said
from employers.models import SelfAssessment
from hubs.edges import LEADING_ROLES, may_act, number_or_404, portal_page, refused
from hubs.errors import Refused
from hubs.languages import read_language
from insights import evidence, evidence_lists
from insights.planning import plan_recommended
from insights.standards import compared, picture, trend
from insights.summary import summary_pdf


def own(request):
    rows = SelfAssessment.objects.visible_to(request.user).filter(hub=request.hub, employer=request.acting.pk)
    return rows.select_related("framework", "hub", "employer__hub", "round", "submitted_by")


def _crumbs(title: str) -> list[dict]:
    return [{"label": _("Standards"), "url": reverse("employer-standards")}, {"label": title, "url": ""}]


@portal_page("employer")
@require_safe
def results(request, pk: int):
    row = get_object_or_404(own(request), pk=pk)
    if row.state == "open":
        return redirect("employer-assessment", row.pk)
    shown = picture(row, read_language())
    lines = [line for _pillar, standards in shown["pillars"] for line in standards]
    context = {
        "title": shown["framework"].name,
        "breadcrumb": _crumbs(_("Result")),
        "row": row,
        **shown,
        "compared": compared(row, lines, request.now),
        "trend": trend(row, lines),
        "may_act": may_act(request),
        "may_lead": request.actor.hat in LEADING_ROLES["employer"],
        "may_correct": may_act(request) and row.state in ("reviewed", "final") and assessing.is_newest(row),
        "correction": assessing.correction_under_way(row),
    }
    return render(request, "insights/standards/results.html", context)


@portal_page("employer")
@require_safe
def summary(request, pk: int):
    row = get_object_or_404(own(request), pk=pk)
    if row.state == "open":
        return redirect("employer-assessment", row.pk)
    response = HttpResponse(summary_pdf(row), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="standards-{row.pk}.pdf"'
    response["Cache-Control"] = "private, no-store"
    return response


@portal_page("employer")
@require_POST
def add_step(request, pk: int):
    """One of the recommendations becomes a step of this year's plan."""
    row = get_object_or_404(own(request), pk=pk)
    standard, number = request.POST.get("standard", ""), number_or_404(request.POST.get("number"))
    try:
        step = plan_recommended(row, standard, number, language=read_language(), by=request.actor, now=request.now)
    except Refused as refusal:
        return _not_planned(request, row, refusal)
    messages.success(request, _("On your plan: “%(title)s”.") % {"title": step.title})
    return redirect(f"{reverse('employer-results', args=[row.pk])}#next")


def _not_planned(request, row: SelfAssessment, refusal: Refused):
    if refusal.code == "unknown_step":
        raise Http404 from refusal
    if refusal.code in ("no_plan", "planned_already"):
        messages.info(request, refusal.sentence)
    else:
        refused(request, refusal)
    if refusal.code == "no_plan":
        return redirect(f"{reverse('employer-plan')}?choose=1")
    return redirect(f"{reverse('employer-results', args=[row.pk])}#next")


@portal_page("employer")
@require_safe
def record(request):
    """Every figure of the record, as last counted."""
    figures = {one.code: one for one in request.acting.employer.evidencefigure_set.all()}
    period = evidence.Period.of(request.hub, request.now)
    context = {
        "title": _("What your record shows"),
        "breadcrumb": _crumbs(_("Record")),
        "lines": [(code, said(evidence.figure(figures[code]))) for code in CODES if code in figures],
        "counted_at": max((one.counted_at for one in figures.values()), default=None),
        "period": period,
        "may_act": may_act(request),
    }
    return render(request, "insights/standards/record.html", context)


@portal_page("employer")
@require_POST
def recount(request):
    evidence.refresh(request.hub, now=request.now, employer=request.acting.employer)
    messages.success(request, _("Counted anew."))
    return redirect("employer-record")


def _period_of(request, code: str) -> evidence.Period:
    if "result" not in request.GET:
        return evidence.Period.of(request.hub, request.now)
    row = get_object_or_404(own(request), pk=number_or_404(request.GET["result"]))
    period = evidence.Period.kept(row, code)
    if period is None:
        raise Http404
    return period


@portal_page("employer")
@require_safe
def record_list(request, code: str):
    """The rows behind one figure, those that count first; with `?result=` of the year that result was sent in."""
    if code not in CODES:
        raise Http404
    period = _period_of(request, code)
    behind = evidence_lists.shown(code, period, request.acting.employer, request.GET.get("page"))
    context = {
        **behind,
        "title": said(behind["found"]) if behind["found"] else _("What your record shows"),
        "breadcrumb": [
            {"label": _("Standards"), "url": reverse("employer-standards")},
            {"label": _("Record"), "url": reverse("employer-record")},
            {"label": _("Behind it"), "url": ""},
        ],
        "period": period,
        "of_result": "result" in request.GET,
    }
    return render(request, "insights/standards/record_list.html", context)
