"""The page of the day, behind a signed link: who comes, who is here, what happened, how it was."""

from __future__ import annotations

from collections.abc import Callable

from django.shortcuts import render
from django.utils.translation import gettext as _

from hubs.actors import Actor, by_link
from hubs.models import Message, SignedLink
from placements import register
from placements.domain import attendance, on_the_day
from placements.forms_employer import EarlyEndForm, FeedbackForm, IncidentForm
from placements.models import Placement
from placements.views import employer_rows as rows
from placements.views.links import back_to_link, link_page, tried

KINDS = {"feedback": FeedbackForm, "incident": IncidentForm, "early": EarlyEndForm}


@link_page("host", Placement)
def host(request, link: SignedLink, placement: Placement, message: Message | None):
    """Looking changes nothing; what was sent is done, and the page then says so."""
    act = request.POST.get("act", "")
    by = by_link(link, "host", placement.employer_id)
    days = register.register(placement, request.now, request.POST if act == "presence" else None)
    forms = {name: kind(request.POST if act == name else None, auto_id=f"id_{name}_%s") for name, kind in KINDS.items()}
    day = register.posted_day(days)
    problem: str | None = _("Presence is marked on the day itself and after.") if act == "presence" and not day else ""
    form = day.form if day is not None else forms.get(act)
    if form is not None and form.is_valid():
        problem = tried(placement, form, _verb(placement, act, form, day, by, request.now))
    if problem is None:
        return back_to_link(request, link)
    return render(request, "placements/links/host.html", _context(request, placement, days, forms, problem))


def _verb(placement: Placement, act: str, form, day, by: Actor, now) -> Callable[[], object]:
    given = form.cleaned_data
    if act == "incident":
        return lambda: on_the_day.report_incident(placement, given["what"], given["phone"], by=by, now=now)
    if act == "early":
        return lambda: on_the_day.end_early(placement, given["last_day"], given["reason"], by=by, now=now)
    if act == "feedback":
        return lambda: attendance.employer_feedback(
            placement, form.flags(), again=given["again"], words=given["words"], by=by, now=now
        )
    return lambda: attendance.mark(placement, day.on, form.here(), by=by, now=now)


def _context(request, placement: Placement, days, forms: dict, problem: str | None) -> dict:
    given = placement.feedback.filter(side="employer", student=None).first()
    speaks = given is None and register.is_over(placement, request.now)
    return {
        "title": placement.session.opportunity.title,
        "placement": placement,
        "offer": placement.session.opportunity,
        "facts": rows.facts(placement),
        "knows": register.may_know(placement, request.now),
        "guests": register.guests(placement, request.now),
        "days": days,
        "school": placement.school,
        "feedback": given,
        "opinion": forms["feedback"] if speaks or forms["feedback"].is_bound else None,
        "incident": forms["incident"] if on_the_day.may_report(placement, request.now) else None,
        "early": forms["early"] if placement.state == "under_way" and len(days) > 1 else None,
        "told": on_the_day.told(placement),
        "problem": problem,
    }
