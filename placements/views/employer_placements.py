"""The employer's placements: the list, one placement, and what can be done with it."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from employers.models import Document
from hubs.edges import LEADING_ROLES, may_act, portal_page, refused_on
from hubs.errors import Refused
from hubs.models import Requirement
from hubs.moves import open_moves
from hubs.once import once
from placements import changes, register
from placements.domain import answers, attendance, hosting, hours
from placements.forms_employer import (
    CancelForm,
    DeclareForm,
    DeclineForm,
    DocumentChoiceForm,
    FeedbackForm,
    HandOverForm,
    SupervisorForm,
)
from placements.models.ready import BLOCKING
from placements.needs import cleared_by
from placements.roads import placement_road
from placements.views import employer_preparing
from placements.views import employer_rows as rows

PER_PAGE = 20
FORM_METHODS = ["GET", "HEAD", "POST"]

#: ?show= and what it lists.
SHOWS = {
    "": Q(state__in=["offered", "accepted", "ready", "under_way"]),
    "waiting": Q(state="offered"),
    "agreed": Q(state__in=["accepted", "ready", "under_way"]),
    "past": Q(state__in=["completed", "not_attended"]),
    "off": Q(state__in=["declined", "cancelled"]),
}


@portal_page("employer")
@require_safe
def listing(request):
    """What is ahead, in order; ?show= picks something else."""
    show = request.GET.get("show", "")
    show = show if show in SHOWS else ""
    order = ("-session__starts_at", "-pk") if show in ("past", "off") else ("session__starts_at", "pk")
    page = Paginator(rows.own_placements(request).filter(SHOWS[show]).order_by(*order), PER_PAGE).get_page(
        request.GET.get("page")
    )
    options = [
        ("", _("everything ahead")),
        ("waiting", _("what waits for your answer")),
        ("agreed", _("what is agreed")),
        ("past", _("what is over")),
        ("off", _("what did not happen")),
    ]
    context = {
        "title": _("Placements"),
        "page": page,
        "cards": [rows.card(row) for row in page],
        "show": show,
        "filters": [{"before": _("Show"), "name": "show", "label": _("Which"), "value": show, "options": options}],
    }
    return render(request, "placements/employer/list.html", context)


@portal_page("employer")
@require_safe
def detail(request, pk: int):
    return _page(request, rows.own_placement(request, pk))


def _page(request, placement, *, days=None, feedback=None, supervisor=None):
    """One placement; the forms given are those that were sent and have to be mended."""
    moves = open_moves(placement, request.actor)
    clearances = list(rows.host_clearances(placement)) if placement.state not in ("offered", "declined") else []
    given = placement.feedback.filter(side="employer", student=None).first()
    speaks = may_act(request) and register.is_over(placement, request.now)
    context = {
        "title": placement.session.opportunity.title,
        "breadcrumb": [_crumbs(placement)[0], {"label": placement.school.name, "url": ""}],
        "placement": placement,
        "badge": rows.badge(placement),
        "facts": rows.facts(placement),
        "change": changes.shown(placement, "employer", request.now),
        "road": placement_road(placement, cleared_by=cleared_by(placement)),
        "accept_label": rows.accept_label(placement),
        "may_answer": "accepted" in moves,
        "may_cancel": "cancelled" in moves,
        "may_act": may_act(request),
        "hours": hours.shown(placement, request.now),
        "guests": register.guests(placement, request.now),
        "knows": register.may_know(placement, request.now),
        "tasks_open": [_task(placement, row) for row in clearances if row.state == "open"],
        "tasks_done": [_task(placement, row) for row in clearances if row.state != "open"],
        "days": days or register.register(placement, request.now),
        "feedback": given,
        "feedback_form": feedback or (FeedbackForm() if speaks and given is None else None),
        "supervisor_form": supervisor or SupervisorForm(initial={"supervisor": placement.supervisor}),
        "names_supervisor": may_act(request) and placement.state in ("accepted", "ready", "under_way"),
    }
    return render(request, "placements/employer/placement.html", context)


def _crumbs(placement) -> list[dict]:
    return [
        {"label": _("Placements"), "url": reverse("employer-placements")},
        {"label": placement.school.name, "url": reverse("employer-placement", args=[placement.pk])},
    ]


def _task(placement, row) -> dict:
    task = {"title": row.requirement.title, "due": row.due_on, "done_on": row.done_at}
    if row.state == "open":
        url = reverse("employer-placement-clearance", args=[placement.pk, row.pk])
        must = row.blocks in BLOCKING
        task |= {
            "action_url": url,
            "action_label": _("Do it"),
            "who": _("before the start") if must else _("asked for"),
        }
    return task


def _act(request, placement, form, verb, *, done: str, **page):
    """Show the page of one form, or do it and go back to the placement."""
    if request.method == "POST" and form.is_valid():
        try:
            verb(form)
        except Refused as refusal:
            placement.refresh_from_db(fields=["state"])  # what was undone must not be shown
            refused_on(request, form, refusal)
        else:
            messages.success(request, done)
            return redirect("employer-placement", placement.pk)
    context = {
        "form": form,
        "breadcrumb": [*_crumbs(placement), {"label": page["title"], "url": ""}],
        "cancel_url": reverse("employer-placement", args=[placement.pk]),
        **page,
    }
    return render(request, "placements/employer/confirm.html", context)


@portal_page("employer")
@require_http_methods(FORM_METHODS)
@once
def accept(request, pk: int):
    placement = rows.own_placement(request, pk)
    if placement.state != "offered":
        return _answered(request, placement)
    form = SupervisorForm(request.POST or None, initial={"supervisor": placement.supervisor})
    return _act(
        request,
        placement,
        form,
        lambda f: answers.accept(placement, by=request.actor, now=request.now, **f.cleaned_data),
        done=_("Agreed. The school hears it now."),
        title=_("Accept %(school)s") % {"school": placement.school.name},
        facts=rows.facts(placement),
        next_steps=rows.after_yes(),
        binding=rows.binding(),
        action_label=rows.accept_label(placement),
    )


@portal_page("employer")
@require_http_methods(FORM_METHODS)
@once
def decline(request, pk: int):
    placement = rows.own_placement(request, pk)
    if placement.state != "offered":
        return _answered(request, placement)
    return _act(
        request,
        placement,
        DeclineForm(request.POST or None),
        lambda f: answers.decline(placement, f.reason(), by=request.actor, now=request.now),
        done=_("Thank you. The hub looks for another place."),
        title=_("Say no to %(school)s") % {"school": placement.school.name},
        facts=rows.facts(placement),
        next_steps=[_("The hub reads your reason and looks elsewhere."), _("The places are free again.")],
        action_label=_("Say no"),
        tone="stop",
    )


def _answered(request, placement):
    messages.info(request, _("This request is answered already: %(state)s.") % {"state": rows.state_word(placement)})
    return redirect("employer-placement", placement.pk)


@portal_page("employer")
@require_http_methods(FORM_METHODS)
def hand_over(request, pk: int):
    placement = rows.own_placement(request, pk)
    if placement.state != "offered":
        return _answered(request, placement)
    return _act(
        request,
        placement,
        HandOverForm(request.POST or None),
        lambda f: hosting.hand_over(placement, f.cleaned_data["email"], by=request.actor, now=request.now),
        done=_("A mail with a link is on its way. Whoever answers first decides."),
        title=_("Ask a colleague to answer"),
        facts=rows.facts(placement),
        next_steps=[_("They get a link of their own and need no password."), _("You can still answer yourself.")],
        action_label=_("Send the link"),
    )


@portal_page("employer")
@require_http_methods(FORM_METHODS)
@once
def cancel(request, pk: int):
    placement = rows.own_placement(request, pk)
    if "cancelled" not in {end for start, end, *_rest in placement.MOVES if start == placement.state}:
        messages.error(request, _("This cannot be called off now: %(state)s.") % {"state": rows.state_word(placement)})
        return redirect("employer-placement", placement.pk)
    return _act(
        request,
        placement,
        CancelForm(request.POST or None),
        lambda f: answers.cancel(placement, f.cleaned_data["reason"], by=request.actor, now=request.now),
        done=_("Called off. The school and the hub are told."),
        title=_("Call it off"),
        facts=rows.facts(placement),
        next_steps=[
            _("The school gets your reason at once; calendars lose the day."),
            _("The students stand without a place again, and the hub looks for another."),
            _("It cannot be brought back; the school would have to ask again."),
        ],
        action_label=_("Call it off"),
        tone="stop",
    )


@portal_page("employer")
@require_POST
def supervisor(request, pk: int):
    placement = rows.own_placement(request, pk)
    form = SupervisorForm(request.POST)
    if form.is_valid():
        try:
            hosting.name_supervisor(placement, form.cleaned_data["supervisor"], by=request.actor, now=request.now)
        except Refused as refusal:
            refused_on(request, form, refusal)
        else:
            messages.success(request, _("Saved."))
            return redirect("employer-placement", placement.pk)
    return _page(request, placement, supervisor=form)


# ---- What is asked of the host ------------------------------------------------


@portal_page("employer")
@require_http_methods(FORM_METHODS)
def clearance(request, pk: int, task: int):
    """Settle one requirement: choose a document the hub holds, or confirm it."""
    row = rows.own_clearance(request, pk, task)
    if row.state != "open":
        messages.info(request, _("This is done already."))
        return redirect("employer-placement", pk)
    if row.requirement.kind == Requirement.Kind.PREPARATION:
        return employer_preparing.page(request, row, _crumbs_to(row))
    documents = _documents(request, row)
    choose, declare, sent = _ways(request, row, documents)
    if request.method == "POST" and sent is not None and sent.is_valid():
        try:
            _settle(request, row, sent)
        except Refused as refusal:
            refused_on(request, sent, refusal)
        else:
            messages.success(request, _("Done: %(task)s.") % {"task": row.requirement.title})
            return redirect("employer-placement", pk)
    return _clearance_page(request, row, choose, declare)


def _ways(request, row, documents):
    """The form to choose a document, the one to confirm, and which of the two was sent."""
    declares = "declare" in request.POST
    chosen = None if declares else request.POST or None
    choose = DocumentChoiceForm(chosen, documents=documents) if documents else None
    declare = None if hosting.needs_document(row) else DeclareForm(request.POST if declares else None)
    return choose, declare, declare if declares or choose is None else choose


def _crumbs_to(row) -> list[dict]:
    return [*_crumbs(row.placement), {"label": row.requirement.title, "url": ""}]


def _clearance_page(request, row, choose, declare):
    here = reverse("employer-placement-clearance", args=[row.placement_id, row.pk])
    context = {
        "title": row.requirement.title,
        "breadcrumb": _crumbs_to(row),
        "clearance": row,
        "placement": row.placement,
        "choose_form": choose,
        "declare_form": declare,
        "may_act": may_act(request),
        "may_keep": request.actor.hat in LEADING_ROLES["employer"],
        "new_url": f"{reverse('employer-document-new')}?{urlencode({'next': here})}",
        "waiting": _waiting(request, row),
    }
    return render(request, "placements/employer/clearance.html", context)


def _settle(request, row, form) -> None:
    if isinstance(form, DocumentChoiceForm):
        hosting.settle_with_document(row, form.cleaned_data["document"], by=request.actor, now=request.now)
    else:
        hosting.declare(row, words=form.cleaned_data["words"], by=request.actor, now=request.now)


def _documents(request, row):
    """The employer's held documents that would settle this."""
    held = Document.objects.visible_to(request.user).filter(employer=request.acting.pk, state="held")
    return held.filter(pk__in=[one.pk for one in hosting.covering(row, list(held))])


def _waiting(request, row) -> bool:
    """Whether a fitting document was sent and the hub has still to look at it."""
    kind = row.requirement.document_kind
    sent = Document.objects.visible_to(request.user).filter(employer=request.acting.pk, state="quarantined", kind=kind)
    return bool(kind) and sent.exists()


# ---- On the day and after -----------------------------------------------------


@portal_page("employer")
@require_POST
def presence(request, pk: int):
    """Who is here on one day."""
    placement = rows.own_placement(request, pk)
    days = register.register(placement, request.now, request.POST)
    day = register.posted_day(days)
    if day is None:
        messages.error(request, _("Presence is marked on the day itself and after. Choose one of the days shown."))
        return redirect("employer-placement", pk)
    if day.form.is_valid():
        try:
            attendance.mark(placement, day.on, day.form.here(), by=request.actor, now=request.now)
        except Refused as refusal:
            refused_on(request, day.form, refusal)
        else:
            messages.success(request, _("Saved who is here."))
            return redirect("employer-placement", pk)
    return _page(request, placement, days=days)


@portal_page("employer")
@require_POST
def feedback(request, pk: int):
    placement = rows.own_placement(request, pk)
    form = FeedbackForm(request.POST)
    if form.is_valid():
        given = {"again": form.cleaned_data["again"], "words": form.cleaned_data["words"]}
        try:
            attendance.employer_feedback(placement, form.flags(), **given, by=request.actor, now=request.now)
        except Refused as refusal:
            refused_on(request, form, refusal)
        else:
            messages.success(request, _("Thank you. It counts for every student who came."))
            return redirect("employer-placement", pk)
    return _page(request, placement, feedback=form)
