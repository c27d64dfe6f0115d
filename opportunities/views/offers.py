"""The employer's list of opportunities, one opportunity, one session, and their moves."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q, Sum
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hubs.edges import may_act, portal_page, refused, refused_on
from hubs.errors import Refused
from hubs.moves import open_moves
from hubs.words import day
from opportunities import reach, rules
from opportunities.cards import dated_card, local_days, place_words, who_comes
from opportunities.domain import groups, offers, sessions
from opportunities.forms import BreakForm, ChangePlacesForm, GroupForm, PauseForm, ReasonForm
from opportunities.models import Opportunity, Session
from opportunities.views.rows import own_opportunities, own_opportunity, own_session

PER_PAGE = 20


@portal_page("employer")
@require_safe
def listing(request):
    """All of the employer's opportunities; ?state= narrows."""
    rows = own_opportunities(request)
    state = request.GET.get("state", "")
    if state in Opportunity.State.values:
        rows = rows.filter(state=state)
    else:
        state, rows = "", rows.exclude(state="withdrawn")
    ahead = Q(sessions__state="planned", sessions__starts_at__gt=request.now)
    rows = rows.annotate(
        ahead=Count("sessions", filter=ahead),
        places=Sum("sessions__places", filter=ahead),
        taken=Sum("sessions__taken", filter=ahead),
    )
    page = Paginator(rows.order_by("-created_at", "-pk"), PER_PAGE).get_page(request.GET.get("page"))
    options = [("", _("everything but what is withdrawn")), *Opportunity.State.choices]
    context = {
        "title": _("Opportunities"),
        "page": page,
        "state_chosen": state,
        "may_act": may_act(request),
        "filters": [{"before": _("Show"), "name": "state", "label": _("State"), "value": state, "options": options}],
    }
    return render(request, "opportunities/list.html", context)


@portal_page("employer")
@require_safe
def detail(request, pk: int):
    opportunity = own_opportunity(request, pk)
    rows = list(opportunity.sessions.with_all().order_by("starts_at", "pk"))
    ahead = [one for one in rows if one.state == "planned" and one.starts_at > request.now]
    gaps = rules.gaps(opportunity, request.now) if opportunity.state == "draft" else []
    context = {
        "title": opportunity.title,
        "breadcrumb": [
            {"label": _("Opportunities"), "url": reverse("employer-opportunities")},
            {"label": opportunity.title, "url": ""},
        ],
        "opportunity": opportunity,
        "place": place_words(opportunity),
        "cards": [_card(one) for one in ahead],
        "past": [_card(one) for one in rows if one not in ahead],
        "blocking": [gap for gap in gaps if gap.blocks],
        "next_url": _next_url(opportunity, gaps),
        "moves": open_moves(opportunity, request.actor),
        "may_write": sessions.may_write(opportunity, request.actor),
        "may_act": may_act(request),
    }
    return render(request, "opportunities/detail.html", context)


def _card(session: Session) -> dict:
    state = None
    if session.state != "planned":
        state = {"tone": "stop" if session.state == "cancelled" else "plain", "word": session.get_state_display()}
    return dated_card(session, reverse("employer-session", args=[session.pk]), state=state)


def _next_url(opportunity: Opportunity, gaps: list) -> str:
    """Where a draft goes on: the first step that lacks something, else the review."""
    where = next((gap.where for gap in gaps if gap.blocks), "review")
    return reverse(f"employer-opportunity-{where}", args=[opportunity.pk])


#: Moves that need nothing but the press of a button: verb and what is said after it.
_SIMPLE = {
    "take-back": (offers.take_back, gettext_lazy("It is a draft again. Change it and send it when you are ready.")),
    "resume": (offers.resume, gettext_lazy("Schools see it again.")),
    "confirm": (offers.confirm_still_true, gettext_lazy("Thank you. Schools see that it is up to date.")),
}


@portal_page("employer")
@require_POST
def simple_move(request, pk: int, verb: str):
    opportunity = own_opportunity(request, pk)
    if verb not in _SIMPLE:
        raise Http404
    act, sentence = _SIMPLE[verb]
    try:
        act(opportunity, by=request.actor, now=request.now)
        messages.success(request, str(sentence))
    except Refused as refusal:
        refused(request, refusal)
    return redirect("employer-opportunity", opportunity.pk)


@portal_page("employer")
@require_POST
def again(request, pk: int):
    """The same once more: a draft with everything filled in, and the dates of a year later proposed."""
    opportunity = own_opportunity(request, pk)
    made = offers.offer_again(opportunity, by=request.actor, now=request.now)
    last = opportunity.sessions.order_by("-starts_at", "-pk").first()
    like = f"?like={last.pk}" if last else ""
    messages.success(request, _("Everything is filled in as last time. Say when, look it over, send it."))
    return redirect(reverse("employer-opportunity-dates", args=[made.pk]) + like)


@portal_page("employer")
@require_http_methods(["GET", "HEAD", "POST"])
def pause(request, pk: int):
    opportunity = own_opportunity(request, pk)
    form = PauseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            offers.pause(opportunity, **form.cleaned_data, by=request.actor, now=request.now)
        except Refused as refusal:
            refused_on(request, form, refusal)
        else:
            messages.success(request, _("Paused. Schools do not see it for now."))
            return redirect("employer-opportunity", opportunity.pk)
    return _confirm(
        request,
        opportunity,
        form,
        title=_("Pause %(title)s") % {"title": opportunity.title},
        next_steps=[
            _("Schools no longer see it and cannot ask for places."),
            _("Places already given stay as they are."),
        ],
        action_label=_("Pause it"),
    )


@portal_page("employer")
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request, pk: int):
    opportunity = own_opportunity(request, pk)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            offers.withdraw(opportunity, form.cleaned_data["reason"], by=request.actor, now=request.now)
        except Refused as refusal:
            refused_on(request, form, refusal)
        else:
            messages.success(request, _("Withdrawn."))
            return redirect("employer-opportunities")
    return _confirm(
        request,
        opportunity,
        form,
        title=_("Withdraw %(title)s") % {"title": opportunity.title},
        next_steps=[_("Its sessions are called off."), _("It cannot be published again; a new one can be made.")],
        action_label=_("Withdraw it"),
        stopped=offers.kept_by_places(opportunity.sessions.upcoming(request.now)),
        tone="stop",
    )


def _confirm(request, opportunity: Opportunity, form, **context):
    context |= {
        "form": form,
        "cancel_url": reverse("employer-opportunity", args=[opportunity.pk]),
        "breadcrumb": [
            {"label": _("Opportunities"), "url": reverse("employer-opportunities")},
            {"label": opportunity.title, "url": reverse("employer-opportunity", args=[opportunity.pk])},
        ],
    }
    return render(request, "opportunities/confirm.html", context)


# ---- Sessions ----------------------------------------------------------------


@portal_page("employer")
@require_http_methods(["GET", "HEAD", "POST"])
def session(request, pk: int):
    """One session; POST changes its places."""
    row = own_session(request, pk)
    start = {"places": row.places, "places_seen": row.places}
    form = ChangePlacesForm(request.POST or None, initial=start, taken=row.taken)
    if request.method == "POST" and form.is_valid():
        try:
            sessions.change_places(row, **form.cleaned_data, by=request.actor, now=request.now)
        except Refused as refusal:
            refused_on(request, form, refusal)
            # Once the other number was said, saving again is a decision.
            if refusal.code == "stale":
                form.data = form.data.copy()
                form.data["places_seen"] = refusal.facts["places"]
        else:
            messages.success(request, _("It has %(places)s places now.") % {"places": row.places})
            return redirect("employer-session", row.pk)
    offer = row.opportunity
    context = {
        "title": offer.title,
        **dict(zip(("coming", "held"), who_comes(row, request.now), strict=True)),
        "breadcrumb": [
            {"label": _("Opportunities"), "url": reverse("employer-opportunities")},
            {"label": offer.title, "url": reverse("employer-opportunity", args=[offer.pk])},
            {"label": _("Session"), "url": ""},
        ],
        "session": row,
        "opportunity": offer,
        "days": local_days(row),
        "reach": reach.reach_of(offer, local_days(row), now=request.now) if row.starts_at > request.now else None,
        "place": place_words(offer),
        "form": form,
        "break_form": BreakForm(initial={"break_minutes": row.break_minutes, "break_seen": row.break_minutes}),
        "group_form": _group_form(row),
        "open": row.state == "planned" and row.starts_at > request.now,
        "may_write": sessions.may_write(offer, request.actor),
        "may_cancel": "cancelled" in open_moves(row, request.actor),
    }
    return render(request, "opportunities/session.html", context)


def _group_form(row: Session) -> GroupForm:
    least, most = row.group_min, row.group_max
    return GroupForm(initial={"group_min": least, "group_max": most, "min_seen": least, "max_seen": most})


@portal_page("employer")
@require_http_methods(["GET", "HEAD", "POST"])
def session_group(request, pk: int):
    """POST says how small and how large a group may be."""
    row = own_session(request, pk)
    form = GroupForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        seen = (given["min_seen"], given["max_seen"]) if "min_seen" in request.POST else None
        try:
            groups.set_group(row, given["group_min"], given["group_max"], seen=seen, by=request.actor, now=request.now)
        except Refused as refusal:
            refused(request, refusal)
        else:
            messages.success(request, _("Saved."))
    elif request.method == "POST":
        messages.error(request, _("Write the sizes as whole numbers, the smallest from 1 on."))
    return redirect("employer-session", row.pk)


@portal_page("employer")
@require_http_methods(["GET", "HEAD", "POST"])
def session_break(request, pk: int):
    """POST says how long the break is on each day."""
    row = own_session(request, pk)
    form = BreakForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            given = form.cleaned_data
            seen = {"seen": given["break_seen"]} if "break_seen" in request.POST else {}
            sessions.set_break(row, given["break_minutes"], **seen, by=request.actor, now=request.now)
        except Refused as refusal:
            refused(request, refusal)
        else:
            messages.success(request, _("Saved."))
    elif request.method == "POST":
        messages.error(
            request, _("Write the break as whole minutes, at most %(most)s.") % {"most": sessions.MOST_BREAK}
        )
    return redirect("employer-session", row.pk)


@portal_page("employer")
@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request, pk: int):
    row = own_session(request, pk)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            sessions.cancel_session(row, form.cleaned_data["reason"], by=request.actor, now=request.now)
        except Refused as refusal:
            refused_on(request, form, refusal)
        else:
            messages.success(request, _("The session is called off."))
            return redirect("employer-opportunity", row.opportunity_id)
    context = {
        "title": _("Call off this session"),
        "facts": [
            (_("Opportunity"), row.opportunity.title),
            (_("First day"), day(row.first_on, request.now)),
            (_("Places taken"), row.taken),
        ],
        "stopped": sessions.kept_by_places(row),
        "next_steps": [_("Schools no longer see it."), _("It cannot be brought back; a new one can be added.")],
        "form": form,
        "action_label": _("Call it off"),
        "tone": "stop",
        "cancel_url": reverse("employer-session", args=[row.pk]),
    }
    return render(request, "opportunities/confirm.html", context)
