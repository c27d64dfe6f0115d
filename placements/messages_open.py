"""What messages about requests that are still open say: whether one is firm, and lines that end."""

from __future__ import annotations

import datetime as dt

from django.urls import reverse
from django.utils.translation import gettext as _

from hubs import words
from hubs.mail import Mail
from hubs.models import Message
from opportunities.models import Session
from placements.messages import facts, short
from placements.models import Placement, PlacementRequest


def first_wish(request: PlacementRequest) -> str:
    """What the school would like best; "" when it asked for a kind and no session."""
    first = request.wishes.select_related("session__opportunity").first()
    return first.session.opportunity.title if first and first.session else ""


def request_submitted(request: PlacementRequest, message: Message, now: dt.datetime) -> Mail:
    title = first_wish(request)
    return Mail(
        subject=_("%(school)s asks for %(count)s places") % {"school": request.school.name, "count": request.places},
        paragraphs=(
            *((_("First wish: %(title)s.") % {"title": title},) if title else ()),
            _("It waits on your desk, and the school can see that you have it."),
        ),
        action=(_("Open it on the desk"), request.hub.url(reverse("desk:request", args=[request.pk]))),
    )


def firm_asked(placement: Placement, message: Message, now: dt.datetime) -> Mail:
    return Mail(
        subject=_("Is it firm? %(title)s, %(day)s") % short(placement),
        paragraphs=(
            _("Places are held for your provisional request. Say that it is firm, and the hub asks %(employer)s.")
            % short(placement),
            _("Until then nobody is asked and nothing is binding; the places go back when the hold runs out."),
        ),
        facts=facts(placement),
        action=(
            _("Look and decide"), placement.hub.url(reverse("school-request", args=[placement.request_id]))
        ),
    )  # fmt: skip


def request_firm(request: PlacementRequest, message: Message, now: dt.datetime) -> Mail:
    return Mail(
        subject=_("%(school)s: the request for %(count)s places is firm")
        % {"school": request.school.name, "count": request.places},
        paragraphs=(_("The school called it provisional before. Employers can be asked now."),),
        action=(_("Open it on the desk"), request.hub.url(reverse("desk:request", args=[request.pk]))),
    )


def called_off(request: PlacementRequest, message: Message, now: dt.datetime) -> dict[str, str]:
    """The session the line was for: it stays in its table when it is called off."""
    session = Session.objects.select_related("opportunity").filter(pk=message.facts["session"]).first()
    if session is None:
        return {"title": _("a session"), "day": _("its day"), "reason": message.facts.get("reason", "")}
    return {
        "title": session.opportunity.title,
        "day": words.day(session.first_on),
        "reason": message.facts.get("reason", ""),
    }


def waiting_ended(request: PlacementRequest, message: Message, now: dt.datetime) -> Mail:
    said = message.facts.get("reason", "")
    about = called_off(request, message, now)
    return Mail(
        subject=_("Called off: %(title)s, %(day)s") % about,
        paragraphs=(
            _("You were on the waiting list of this session. It was called off, so the list is closed."),
            *([said] if said else []),
            _("Your request stays with the hub, which looks for other places."),
        ),
        action=(_("See the request"), request.hub.url(reverse("school-request", args=[request.pk]))),
    )
