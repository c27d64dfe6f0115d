"""Pathways an employer publishes, alone or with others."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Q
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hubs.edges import may_act, portal_page, refused, refused_on
from hubs.errors import Refused
from opportunities.domain import pathways
from opportunities.forms_pathways import PathwayForm, StepRows, start_of, steps_given
from opportunities.models import Pathway
from opportunities.rules_pathways import cannot_be_walked
from opportunities.views.rows import leads


def _own(request):
    """Those the employer wrote."""
    return Pathway.objects.visible_to(request.user).filter(hub=request.hub, employer=request.acting.pk).with_all()


@portal_page("employer")
@require_safe
def listing(request):
    """Those the employer wrote, and published ones it is part of."""
    part = Q(employer=request.acting.pk) | Q(employers=request.acting.pk, state="published")
    rows = Pathway.objects.visible_to(request.user).filter(part, hub=request.hub).distinct()
    context = {
        "title": _("Pathways"),
        "pathways": list(rows.with_all().order_by("name", "pk")),
        "own": request.acting.pk,
        "may_act": may_act(request) and leads(request),
    }
    return render(request, "opportunities/pathways.html", context)


@portal_page("employer", lead=True)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request):
    form, rows = _bound(request, None)
    if request.method == "POST" and form.is_valid() and rows.is_valid():
        try:
            made = pathways.write_pathway(
                request.acting.employer, form.values(), steps_given(rows), by=request.actor, now=request.now
            )
        except Refused as refusal:
            refused_on(request, form, refusal)
        else:
            messages.success(request, _("Saved as a draft. Look at it, then publish."))
            return redirect("employer-pathway", made.pk)
    return _form_page(request, form, rows, _("Write a pathway"))


@portal_page("employer", lead=True)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request, pk: int):
    row = get_object_or_404(_own(request), pk=pk)
    form, rows = _bound(request, row)
    if request.method == "POST" and form.is_valid() and rows.is_valid():
        try:
            pathways.change_pathway(
                row, form.values(), steps_given(rows), seen=form.cleaned_data["seen"], by=request.actor, now=request.now
            )
        except Refused as refusal:
            refused_on(request, form, refusal)
        else:
            messages.success(request, _("Saved."))
            return redirect("employer-pathway", row.pk)
    return _form_page(request, form, rows, row.name)


def _bound(request, row: Pathway | None):
    fields, steps = start_of(row)
    data = request.POST if request.method == "POST" else None
    kwargs = {"hub_id": request.hub.pk}
    return PathwayForm(data, initial=fields), StepRows(data, initial=steps, prefix="steps", form_kwargs=kwargs)


def _form_page(request, form, rows, title: str):
    context = {
        "title": title,
        "breadcrumb": [{"label": _("Pathways"), "url": reverse("employer-pathways")}, {"label": title, "url": ""}],
        "form": form,
        "rows": rows,
    }
    return render(request, "opportunities/pathway_form.html", context)


@portal_page("employer")
@require_safe
def detail(request, pk: int):
    row = get_object_or_404(_own(request), pk=pk)
    context = {
        "title": row.name,
        "breadcrumb": [{"label": _("Pathways"), "url": reverse("employer-pathways")}, {"label": row.name, "url": ""}],
        "pathway": row,
        "stopped": cannot_be_walked(row, request.now) if row.state == "draft" else None,
        "may_act": may_act(request) and leads(request),
    }
    return render(request, "opportunities/pathway.html", context)


#: What the buttons do, and what is said after it.
_VERBS = {
    "publish": (pathways.publish_pathway, gettext_lazy("Published. Schools see where each student stands on it.")),
    "take-back": (pathways.take_back_pathway, gettext_lazy("It is a draft again. Schools do not see it.")),
}


@portal_page("employer", lead=True)
@require_POST
def verb(request, pk: int, verb: str):
    row = get_object_or_404(_own(request), pk=pk)
    if verb not in _VERBS:
        raise Http404
    act, said = _VERBS[verb]
    try:
        act(row, by=request.actor, now=request.now)
        messages.success(request, str(said))
    except Refused as refusal:
        refused(request, refusal)
    return redirect("employer-pathway", row.pk)
