"""Every message about requests and placements: who gets it, what it says, when it still makes sense.

No student's name or alias in any of them. Bodies are made at the moment of sending.
"""

from __future__ import annotations

import datetime as dt

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext

from hubs import words
from hubs.links import link_for
from hubs.mail import Attachment, Mail
from hubs.models import Message
from placements import threads
from placements.calendars import invitation, method_of, of_placement
from placements.domain import calendar
from placements.domain.replies import said_by
from placements.doors import answer_page, own_page, page_of_the_day, school_page
from placements.lateness import days_left
from placements.models import Clearance, Placement, PlacementRequest
from placements.models.ready import BLOCKING

CALENDAR_TYPE = "text/calendar; method={method}"


def when(session) -> str:
    """The days of a session as a person says them, in the reader's language."""
    days = list(session.days.all())
    if _run(days):
        return f"{words.days(days[0].on, days[-1].on)}, {words.times(days[0].starts_at, days[0].ends_at)}"
    said = [f"{words.day(day.on)}, {words.times(day.starts_at, day.ends_at)}" for day in days[:3]]
    if len(days) > 3:
        said.append(_("and %(count)s more days") % {"count": len(days) - 3})
    return "; ".join(said)


def _run(days: list) -> bool:
    """Whether several days follow one another at the same hours: then one line says them all."""
    if len(days) < 2 or (days[-1].on - days[0].on).days != len(days) - 1:
        return False
    return len({(day.starts_at, day.ends_at) for day in days}) == 1


def where(opportunity) -> str:
    if opportunity.is_online:
        return _("Online")
    site = opportunity.site
    if site is None:
        return _("At the school")
    return ", ".join(part for part in (site.name, site.address, site.town) if part)


def who(placement: Placement) -> str:
    students = ngettext("%(count)s student", "%(count)s students", placement.places) % {"count": placement.places}
    return f"{placement.school.name}{f', {placement.group.name}' if placement.group else ''}: {students}"


def facts(placement: Placement) -> tuple[tuple[str, str], ...]:
    session = placement.session
    return (
        (_("What"), session.opportunity.title),
        (_("When"), when(session)),
        (_("Where"), where(session.opportunity)),
        (_("Who"), who(placement)),
        (_("Employer"), placement.employer.name),
    )


def short(placement: Placement) -> dict[str, str]:
    """What a sentence about a placement names: never a student."""
    session = placement.session
    return {
        "title": session.opportunity.title,
        "employer": placement.employer.name,
        "school": placement.school.name,
        "day": words.day(session.first_on),
    }


def several_asked() -> str:
    """What an employer is told when a yes of another makes its own too late."""
    return _("You are one of several who are asked for these students. The first yes counts; we tell the others.")


def placement_offered(placement: Placement, message: Message, now: dt.datetime) -> Mail:
    said = message.facts.get("message", "")
    return Mail(
        subject=_("Can you take %(count)s from %(school)s on %(day)s?")
        % {**short(placement), "count": placement.places},
        paragraphs=(
            _("%(school)s would like to come to “%(title)s”.") % short(placement),
            *([said] if said else []),
            *([several_asked()] if message.facts.get("several") else []),
            _("Have a look and say yes or no. No password is needed. Saying yes is binding for both sides."),
        ),
        facts=facts(placement),
        action=(_("See the request and answer"), answer_page(placement, message, now)),
        small_print=_("The link is for you alone. Opening it changes nothing; only your answer on the page does."),
    )


def answer_reminder(placement: Placement, message: Message, now: dt.datetime) -> Mail:
    return Mail(
        subject=_("%(school)s is waiting for your answer") % short(placement),
        paragraphs=(
            _("They asked to come to “%(title)s” on %(day)s. A no is fine too: it lets them look elsewhere.")
            % short(placement),
        ),
        facts=facts(placement),
        action=(_("Answer now"), answer_page(placement, message, now)),
    )


def request_offered(placement: Placement, message: Message, now: dt.datetime) -> Mail:
    return Mail(
        subject=_("We asked %(employer)s for you") % short(placement),
        paragraphs=(_("Places are held while %(employer)s decides. Nothing is binding yet.") % short(placement),),
        facts=facts(placement),
        action=(_("See the placement"), school_page(placement)),
    )


def waiting_served(placement: Placement, message: Message, now: dt.datetime) -> Mail:
    hub, action = placement.hub, (_("See the placement"), school_page(placement))
    if message.organisation_id != placement.school_id and placement.request_id:
        action = (_("Open it on the desk"), hub.url(reverse("desk:request", args=[placement.request_id])))
    return Mail(
        subject=_("Places came free for %(school)s on %(day)s") % short(placement),
        paragraphs=(
            _("The waiting list came round: the places are held. The hub asks %(employer)s next. Nothing is binding.")
            % short(placement),
        ),
        facts=facts(placement),
        action=action,
    )


def request_refused(request: PlacementRequest, message: Message, now: dt.datetime) -> Mail:
    return Mail(
        subject=_("No places found for your request"),
        paragraphs=(
            message.facts.get("reason", ""),
            _("You can change the request and send it again."),
        ),
        action=(_("See the request"), request.hub.url(reverse("school-request", args=[request.pk]))),
    )


def in_calendar(placement: Placement, message: Message, *, cancelled: bool = True) -> tuple[Attachment, ...]:
    """Each event for the reader's own calendar; called-off ones only to whom they were sent before, and once."""
    found, told = [], calendar.told_gone(placement, message.address)
    for number, event in enumerate(of_placement(placement), 1):
        method = method_of(event)
        if method == "CANCEL" and (not cancelled or told.get(str(event.uid)) == event.sequence):
            continue
        content = invitation(
            placement.hub,
            event,
            message.address,
            answers_to=threads.address_of(placement, threads.side_of(placement, message.organisation_id)),
            said=said_by(event, message.address),
        )
        word = "cancellation" if method == "CANCEL" else "invitation"
        found.append(Attachment(f"{word}-{number}.ics", content, CALENDAR_TYPE.format(method=method)))
    return tuple(found)


CHANGED = {
    "moved": lazy("The days or times have changed."),
    "place": lazy("The place has changed."),
    "supervisor": lazy("Somebody else looks after the students."),
    "other": lazy("What is written about it has changed."),
}


def changes_of(message: Message) -> list[str]:
    return [str(CHANGED[one]) for one in message.facts["changes"]]


def placement_changed(placement: Placement, message: Message, now: dt.datetime) -> Mail:
    changes = changes_of(message)
    asked, to_school = placement.state in ("held", "offered"), placement.school_id == message.organisation_id
    if not asked:
        what, action = _("The change for your calendar is attached."), own_page(placement, message, now)
    elif to_school:
        what = _("Nothing is agreed yet. If it no longer suits you, give the places back.")
        action = own_page(placement, message, now)
    else:
        what, action = (
            _("You have not answered yet. Your answer is for what stands here now."),
            answer_page(placement, message, now),
        )
    return Mail(
        subject=_("Changed: %(title)s, %(day)s") % short(placement),
        paragraphs=(*changes, what),
        facts=(*facts(placement), *([(_("Supervisor"), placement.supervisor)] if placement.supervisor else [])),
        action=(_("See the placement") if to_school or not asked else _("See the request and answer"), action),
        attachments=() if asked else in_calendar(placement, message),
    )


def placement_accepted(placement: Placement, message: Message, now: dt.datetime) -> Mail:
    return Mail(
        subject=_("Agreed: %(title)s, %(day)s") % short(placement),
        paragraphs=(
            _("%(employer)s and %(school)s have agreed. The invitation for your calendar is attached.")
            % short(placement),
        ),
        facts=facts(placement),
        action=(_("See what is still to do"), own_page(placement, message, now)),
        attachments=in_calendar(placement, message, cancelled=False),
    )


def placement_cancelled(placement: Placement, message: Message, now: dt.datetime) -> Mail:
    return Mail(
        subject=_("Called off: %(title)s, %(day)s") % short(placement),
        paragraphs=(placement.reason, _("The cancellation for your calendar is attached.")),
        facts=facts(placement),
        action=(_("See the placement"), own_page(placement, message, now)),
        attachments=in_calendar(placement, message),
    )


def mail_received(placement: Placement, message: Message, now: dt.datetime) -> Mail:
    """Says that there is one, never what it says: the words are a stranger's."""
    who = placement.employer.name if message.facts["side"] == "employer" else placement.school.name
    to_school = message.organisation_id == placement.school_id
    page = school_page(placement) if to_school else placement.hub.url(
        reverse("placements:inspect", args=[placement.pk])
    )  # fmt: skip
    return Mail(
        subject=_("%(who)s answered: %(title)s, %(day)s") % {**short(placement), "who": who},
        paragraphs=(_("The answer came by mail, or from a calendar, and stands on the page of the placement."),),
        facts=facts(placement)[:3],
        action=(_("Read it"), page),
    )


def starts_tomorrow(placement: Placement, message: Message, now: dt.datetime) -> Mail:
    action = (_("See the placement"), own_page(placement, message, now))
    if message.organisation_id == placement.employer_id:
        action = _host_page(placement, message, now)
    return Mail(
        subject=_("Next working day: %(title)s") % short(placement),
        short=_("Next working day: %(title)s, %(when)s. %(where)s")
        % {**short(placement), "when": when(placement.session), "where": where(placement.session.opportunity)},
        paragraphs=(_("A reminder of what was agreed."),),
        facts=(*facts(placement), *([(_("Supervisor"), placement.supervisor)] if placement.supervisor else [])),
        action=action,
    )


def starts_soon(placement: Placement, message: Message, now: dt.datetime) -> Mail:
    left = days_left(placement, now)
    return Mail(
        subject=ngettext("In %(count)s working day: %(title)s", "In %(count)s working days: %(title)s", left)
        % {**short(placement), "count": left},
        paragraphs=(_("All is on its way. If something has changed on your side, say so now."),),
        facts=facts(placement),
        action=(_("See the placement"), own_page(placement, message, now)),
    )


def _host_page(placement: Placement, message: Message, now: dt.datetime) -> tuple[str, str]:
    days = max(1, (placement.session.ends_at - now).days + 15)
    return _("Open the page of the day"), page_of_the_day(placement, message, now, days=days)


def host_page(placement: Placement, message: Message, now: dt.datetime) -> Mail:
    return Mail(
        subject=_("Who comes on %(day)s, and what to do") % short(placement),
        paragraphs=(
            _("One page for the day: who comes when, the day plan, whom to call, and a tick for who is there."),
        ),
        facts=facts(placement),
        action=_host_page(placement, message, now),
        small_print=_("Pass the link on only to whoever looks after the students that day."),
    )


def clearances_open(placement: Placement, message: Message, now: dt.datetime) -> Mail:
    count = placement.clearances.blocking().count()
    return Mail(
        subject=ngettext("%(count)s thing to do before %(title)s", "%(count)s things to do before %(title)s", count)
        % {**short(placement), "count": count},
        paragraphs=(_("It starts on %(day)s. Nobody may start before they are done.") % short(placement),),
        facts=facts(placement),
        action=(_("See the task list"), school_page(placement)),
    )


def register_due(placement: Placement, message: Message, now: dt.datetime) -> Mail:
    return Mail(
        subject=_("Who was there? %(title)s, %(day)s") % short(placement),
        paragraphs=(_("Close the register: two minutes, and it counts for every student."),),
        facts=facts(placement),
        action=(_("Close the register"), school_page(placement)),
    )


def consent_asked(clearance: Clearance, message: Message, now: dt.datetime) -> Mail:
    placement = clearance.placement
    days = max(1, (placement.session.starts_at - now).days + 1)
    _link, token = link_for(clearance, "consent", now=now, days=days, address=message.address)
    return Mail(
        subject=_("%(school)s asks for your agreement") % short(placement),
        paragraphs=(_("Read what is planned and say whether you agree. No account is needed."),),
        facts=facts(placement)[:3],
        action=(_("Read and decide"), placement.hub.url(reverse("consent-link", args=[token]))),
        small_print=_("Opening the link changes nothing; only your decision on the page does."),
    )


def consent_refused(clearance: Clearance, message: Message, now: dt.datetime) -> Mail:
    placement = clearance.placement
    return Mail(
        subject=_("A parent or carer does not agree: %(title)s, %(day)s") % short(placement),
        paragraphs=(
            _("One decision by link was a no. The placement page shows whose."),
            _("Talk with the family, or name another student. They may still agree by the same link."),
        ),
        facts=facts(placement),
        action=(_("See the task list"), school_page(placement)),
    )


def clearance_reminder(clearance: Clearance, message: Message, now: dt.datetime) -> Mail:
    placement = clearance.placement
    return Mail(
        subject=_("Still to do before %(day)s: %(title)s") % {**short(placement), "title": clearance.requirement.title},
        paragraphs=(
            clearance.requirement.text,
            _("%(school)s is waiting for this. Nobody may start before it is done.") % short(placement)
            if clearance.blocks in BLOCKING
            else _("%(school)s is waiting for this.") % short(placement),
        ),
        facts=facts(placement),
        action=(_("See what is asked"), own_page(placement, message, now)),
    )


def feedback_reminder(placement: Placement, message: Message, now: dt.datetime) -> Mail:
    return Mail(
        subject=_("How was it? %(title)s, %(day)s") % short(placement),
        paragraphs=(_("A few ticks from you complete what %(school)s records for its students.") % short(placement),),
        action=(_("Give feedback"), page_of_the_day(placement, message, now, days=30)),
    )


def thanks(placement: Placement, message: Message, now: dt.datetime) -> Mail:
    return Mail(
        subject=_("Thank you from %(school)s") % short(placement),
        paragraphs=(_("The day is done. Two minutes of feedback from you make it count for the students."),),
        facts=facts(placement),
        action=(_("Give feedback"), page_of_the_day(placement, message, now, days=30)),
    )
