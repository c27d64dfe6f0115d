"""What messages about requests that are still open say: whether one is firm, who said no, and lines that end."""

from __future__ import annotations

import datetime as dt

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext

from hubs import words
from hubs.mail import Mail
from hubs.models import Message
from hubs.wallclock import working_days_until
from opportunities.models import Session
from placements.doors import answer_page
from placements.messages import facts, short
from placements.models import Placement, PlacementRequest, Turn


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


def taken_back_because(placement: Placement) -> tuple[str, ...]:
    """Why an employer need not answer any more, kindly, when nobody at the school or the hub said why."""
    if placement.ended_because == Placement.Because.FOUND_ELSEWHERE:
        return (
            _("Another employer said yes a moment before, so %(school)s has its places.") % short(placement),
            _("It had nothing to do with your offer, which stays open to others. Thank you for being ready."),
        )
    if placement.ended_because == Placement.Because.NO_ANSWER:
        return (
            _("The time to answer has passed, and somebody else is asked now, so that the students have a place."),
            _("That is no trouble. Your offer stays open, and we will gladly ask you again."),
        )
    return (_("The places are not needed any more. There is nothing for you to do."),)


def placement_withdrawn(placement: Placement, message: Message, now: dt.datetime) -> Mail:
    closed = placement.ended_because in (Placement.Because.FOUND_ELSEWHERE, Placement.Because.NO_ANSWER)
    subject = _("Nothing to answer any more: %(title)s, %(day)s") if closed else _(
        "%(school)s no longer needs the places on %(day)s"
    )  # fmt: skip
    said = taken_back_because(placement) if closed else (
        _("There is nothing for you to do. Thank you for offering them."),
    )  # fmt: skip
    return Mail(
        subject=subject % short(placement),
        paragraphs=said,
        facts=facts(placement),
        # By link for everybody: what was taken back is on no page of the employer's own.
        action=(_("See the request"), answer_page(placement, message, now)),
    )


def placement_declined(placement: Placement, message: Message, now: dt.datetime) -> Mail:
    after = Turn.objects.waiting().filter(request=placement.request_id).order_by("rank", "pk")
    following = after.select_related("placement__employer").first() if placement.request_id else None
    goes_on = (
        _("%(employer)s is next in line and is asked automatically.") % {"employer": following.placement.employer.name}
        if following
        else _("The request is on your desk again.")
    )
    return Mail(
        subject=_("%(employer)s said no to %(school)s") % short(placement),
        paragraphs=(placement.reason, goes_on),
        facts=facts(placement),
        action=_on_the_desk(placement),
    )


def answer_overdue(placement: Placement, message: Message, now: dt.datetime) -> Mail:
    days = working_days_until(placement.hub.today(now), placement.hub.today(placement.answer_by or now),
                              placement.hub.jurisdiction)  # fmt: skip
    said = ngettext(
        "The answer was due %(days)s working day ago, and nobody has answered.",
        "The answer was due %(days)s working days ago, and nobody has answered.",
        days,
    )
    return Mail(
        subject=_("No answer: %(employer)s, for %(school)s on %(day)s") % short(placement),
        paragraphs=(
            said % {"days": days},
            _("Ring them and answer for them, ask somebody else, or take it back: the places are held until then."),
        ),
        facts=facts(placement),
        action=(_("See the placement"), placement.hub.url(reverse("placements:inspect", args=[placement.pk]))),
    )


#: Why somebody in line was not asked, by the code of the refusal.
NOT_ASKED = {
    "asked_enough": lazy("It was asked as often as it wants to be in 30 days."),
    "": lazy("It could not be asked any more: the hold had run out, or the session had begun."),
}


def why_passed_over(message: Message) -> str:
    return str(NOT_ASKED.get(message.facts.get("refusal", ""), NOT_ASKED[""]))


def turn_passed_over(placement: Placement, message: Message, now: dt.datetime) -> Mail:
    free = _("Its places were given back; you may hold them again.")
    return Mail(
        subject=_("Not asked: %(employer)s, for %(school)s") % short(placement),
        paragraphs=(
            _("It was its turn. %(why)s") % {"why": why_passed_over(message)},
            f"{free} {_('The page of the request says who is asked now.')}" if _line_goes_on(placement) else free,
        ),
        facts=facts(placement),
        action=_on_the_desk(placement),
    )


def _line_goes_on(placement: Placement) -> bool:
    """Whether somebody else is asked for the same request, or waits for a turn."""
    others = placement.request.placements if placement.request else Placement.objects.none()
    return others.filter(Q(state="offered") | Q(state="held", turn__isnull=False)).exists()


def _on_the_desk(placement: Placement) -> tuple[str, str] | None:
    if placement.request_id is None:
        return None
    return _("Open it on the desk"), placement.hub.url(reverse("desk:request", args=[placement.request_id]))
