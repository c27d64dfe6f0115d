"""Moving a whole session, for its employer and for the hub on its behalf: other days, whom that touches, then the
press that asks them."""

from __future__ import annotations

import hashlib

from django import forms
from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods, require_POST

from hubs.edges import portal_page, refused, refused_on
from hubs.errors import Refused
from hubs.forms import PlainWords
from opportunities.domain import sessions
from opportunities.forms import DaysFormSet, ReasonForm, few_lines
from opportunities.models import Session
from opportunities.reach import calendars_of
from opportunities.views.rows import own_session
from placements.domain import moving
from placements.models import SessionMove
from placements.models.placement import KNOWN_TO_EMPLOYER

OTHER_DAYS = lazy("These are other days than those you looked at. See what they mean, then press once more.")


class MoveForm(PlainWords, forms.Form):
    """`seen` is the mark of what was shown, and on which days: without it, or for other days, whom it touches is shown
    and nothing is done yet."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=40)
    reason = forms.CharField(
        label=lazy("Why? The schools read it."), widget=few_lines(), max_length=1000, required=False
    )


@portal_page("employer")
@require_http_methods(["GET", "HEAD", "POST"])
def move(request, pk: int):
    row = own_session(request, pk)
    given = request.POST if request.method == "POST" else None
    first = [{"on": on, "start": start, "end": end} for on, start, end in moving.as_it_is(row)]
    form, days = MoveForm(given), DaysFormSet(given, initial=None if given else first, prefix="days")
    if given is not None and form.is_valid() and days.is_valid():
        answer = _try(request, row, form, [one.day() for one in days.forms if one.cleaned_data])
        if answer is not None:
            return answer
    return render(request, "placements/employer/session_move.html", _context(request, row, form, days))


def _try(request, row: Session, form: MoveForm, to: list):
    """The answer once it is done; None while there is something to look at first."""
    given, found = form.cleaned_data, moving.touched(row)
    seen, _dash, days_seen = given["seen"].partition("-")
    try:
        sessions.need_writer(row.opportunity, request.actor)
        moving.check_movable(row, to, request.now)
        asks = found.placements or found.requests or calendars_of(row.opportunity, now=request.now).doubt(to)
        form.data = form.data.copy()
        form.data["seen"] = f"{found.mark}-{_mark(to)}"
        if asks and days_seen != _mark(to):
            return form.add_error(None, OTHER_DAYS) if seen else None
        made = moving.move_session(
            row, to, reason=given["reason"], seen=seen or None, by=request.actor, now=request.now
        )
    except Refused as refusal:
        return refused_on(request, form, refusal)
    moved = made.state == "done"
    messages.success(
        request,
        _("Moved. Everybody concerned is told.")
        if moved
        else _("Asked. It moves once every school with places in it has said yes."),
    )
    return redirect("employer-session" if moved else "employer-session-move", row.pk)


def _mark(to: list) -> str:
    return hashlib.sha256(repr(to).encode()).hexdigest()[:16]


@portal_page("employer")
@require_POST
def take_back(request, pk: int):
    row = own_session(request, pk)
    asked, form = moving.asked_of(row), ReasonForm(request.POST)
    try:
        if asked is not None:
            reason = form.cleaned_data["reason"] if form.is_valid() else ""
            moving.take_back(asked, reason, by=request.actor, now=request.now)
            messages.success(request, _("Taken back. It stays on its days, and the schools are told."))
    except Refused as refusal:
        refused(request, refusal)
        return redirect("employer-session-move", row.pk)
    return redirect("employer-session", row.pk)


def _context(request, row: Session, form: MoveForm, days) -> dict:
    asked, found = moving.asked_of(row), moving.touched(row)
    known = [one for one in found.placements if one.state in KNOWN_TO_EMPLOYER]
    shown = bool(form.data.get("seen")) and days.is_valid()
    to = [one.day() for one in days.forms if one.cleaned_data] if shown else []
    calendars = calendars_of(row.opportunity, now=request.now)
    return {
        "reach": calendars.reach(to),
        "holidays": calendars.holidays(to),
        "title": _("Move this session"),
        "breadcrumb": [
            {"label": row.opportunity.title, "url": reverse("employer-opportunity", args=[row.opportunity_id])},
            {"label": _("Session"), "url": reverse("employer-session", args=[row.pk])},
            {"label": _("Move this session"), "url": ""},
        ],
        "session": row,
        "days_now": moving.as_it_is(row),
        "form": form,
        "days": days,
        "shown": shown,
        "known": known,
        # Places the hub holds for a school are there; whose they are is not said before the employer is asked.
        "held": sum(one.places for one in found.placements) - sum(one.places for one in known),
        "wishing": len({one.school_id for one in found.requests}),
        "asked": asked,
        "answers": _answers(asked, known) if asked else [],
        "back_form": ReasonForm(),
        "may": sessions.may_write(row.opportunity, request.actor) and row.state == "planned",
        "begun": row.starts_at <= request.now,
    }


def _answers(asked: SessionMove, known: list) -> list[dict]:
    said = {one.placement_id: one for one in asked.amendments.order_by("pk")}
    words = {"proposed": (_("asked"), "waiting"), "agreed": (_("said yes"), "good"), "refused": (_("said no"), "stop")}
    found = []
    for placement in known:
        word, tone = words[said[placement.pk].state] if placement.pk in said else words["proposed"]
        found.append({"placement": placement, "word": word, "tone": tone})
    return found
