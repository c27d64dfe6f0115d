"""The message that a changed calendar no longer allows what was asked for or agreed."""

from __future__ import annotations

import datetime as dt

from django.urls import reverse
from django.utils.translation import gettext as _

from hubs.mail import Mail
from hubs.models import Message
from placements import grounds
from placements.domain.clashes import AHEAD, clash_sentence
from placements.messages import when
from placements.models import CalendarClash


def calendar_clash(clash: CalendarClash, message: Message, now: dt.datetime) -> Mail:
    placement, wish = clash.placement, clash.wish
    session = placement.session if placement else wish.session
    path = reverse("school-placement", args=[placement.pk]) if placement else reverse(
        "school-request", args=[wish.request_id]
    )  # fmt: skip
    group = placement.group if placement else wish.request.group
    return Mail(
        subject=_("“%(title)s” no longer fits the calendar of %(school)s")
        % {"title": session.opportunity.title, "school": clash.school.name},
        paragraphs=(
            _("The calendar has changed: %(reason)s.") % {"reason": _why(clash, now)},
            _("Nothing has been cancelled. You can keep it all the same, ask for another date, or call it off.")
            if placement
            else _("Your request stands. You can keep the wish, choose another date, or take the request back."),
        ),
        facts=(
            (_("What"), session.opportunity.title),
            (_("When"), when(session)),
            (_("Who"), f"{clash.school.name}{f', {group.name}' if group else ''}"),
            (_("Employer"), session.employer.name),
        ),
        action=(_("Look and decide"), clash.school.hub.url(path)),
    )


def _why(clash: CalendarClash, now: dt.datetime) -> str:
    return clash_sentence(clash, now=now) or _("a day that was free is not free now")


def words(clash: CalendarClash) -> dict[str, str]:
    session = clash.placement.session if clash.placement else clash.wish.session
    return {
        "title": session.opportunity.title,
        "employer": session.employer.name,
        "school": clash.school.name,
    }


def why(clash: CalendarClash, message: Message, now: dt.datetime) -> dict[str, str]:
    """The reason as it stands when the mail is made."""
    return {"clash": _why(clash, now)}


def stands(clash: CalendarClash, message: Message, now: dt.datetime) -> bool:
    """The calendar still forbids what is still to come."""
    if clash.gone_at is not None:
        return False
    if clash.placement is not None:
        return clash.placement.state in AHEAD and clash.placement.session.starts_at > now
    return clash.wish.request.state == "submitted" and clash.wish.session.starts_at > now


def rests_on(clash: CalendarClash) -> tuple:
    """The clash and what it is about."""
    if clash.placement:
        return clash, *grounds.rests_on(clash.placement)
    return clash, clash.wish.request, *grounds.of_session(clash.wish.session)
