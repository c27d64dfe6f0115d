"""Every kind of message about requests and placements: to whom, when, why, and until when it is true."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable

from django.utils.translation import gettext_lazy as _

from hubs.models import Message
from hubs.outbox import Kind, reason, register
from hubs.texting import BY_MAIL_OR_TEXT
from placements import messages, messages_calendar, messages_open, threads
from placements.domain import calendar, ladder
from placements.domain.people import STANDING
from placements.grounds import rests_on
from placements.lateness import ahead, days_left, latest
from placements.models import Clearance, Placement, PlacementRequest
from placements.models.placement import LIVE

AGREED = ("accepted", "ready", "under_way")


def in_state(*states: str) -> Callable:
    return lambda row, message, now: row.state in states


def same_version(*states: str) -> Callable:
    """Still in one of the states, and not changed since the message was written."""
    return lambda row, message, now: row.state in states and message.version.split(".")[0] == str(row.sequence)


def clearances_live(placement: Placement, message: Message, now: dt.datetime) -> bool:
    if not same_version("accepted")(placement, message, now):
        return False
    return placement.clearances.blocking().exists()


def consent_live(clearance: Clearance, message: Message, now: dt.datetime) -> bool:
    return clearance.state == "open" and clearance.placement.state in LIVE


def starts_soon_live(placement: Placement, message: Message, now: dt.datetime) -> bool:
    """A school with something to do reads that instead."""
    if not same_version("accepted", "ready")(placement, message, now):
        return False
    return placement.school_id != message.organisation_id or not clearances_live(placement, message, now)


def change_is_latest(placement: Placement, message: Message, now: dt.datetime) -> bool:
    """Still on, and no later change was told since."""
    return placement.state in (*calendar.ASKED, *AGREED) and message.version == calendar.version_of(placement)


def unanswered(placement: Placement, message: Message, now: dt.datetime) -> bool:
    """Still asked, and the hub has not moved this step to another day since."""
    return placement.state == "offered" and ladder.stands(placement, message, now)


def at_short_notice(placement: Placement, now: dt.datetime) -> bool:
    return placement.session.starts_at - now <= SHORT_NOTICE


#: How long before the start a cancellation may still be read too late in a mailbox.
SHORT_NOTICE = dt.timedelta(days=3)
#: Entries of the log: what is written with each is not missed in a week without any.
OFFERED, ACCEPTED = "placements.placement:offered", "placements.placement:accepted"
PLACEMENT_WORDS = ("title", "employer", "school", "day", "count")


def words(row: Placement | Clearance | PlacementRequest) -> dict[str, str]:
    """What a hub may name in its own wording: never a student."""
    if isinstance(row, Clearance):
        return {**words(row.placement), "task": row.requirement.title, "guidance": row.requirement.text}
    if isinstance(row, PlacementRequest):
        return {"school": row.school.name, "count": str(row.places)}
    return {**messages.short(row), "count": str(row.places), "reason": row.why}


def to_do(placement: Placement) -> dict[str, str]:
    return {**words(placement), "tasks": str(placement.clearances.blocking().count())}


def working_days_left(placement: Placement, message: Message, now: dt.datetime) -> dict[str, str]:
    return {"left": str(days_left(placement, now))}


def first_wish(request: PlacementRequest) -> dict[str, str]:
    return {**words(request), "title": messages_open.first_wish(request)}


def asked_in_words(placement: Placement, message: Message, now: dt.datetime) -> dict[str, str]:
    return {"reason": message.facts.get("message", "")}


def changes_told(placement: Placement, message: Message, now: dt.datetime) -> dict[str, str]:
    return {"changes": "\n\n".join(messages.changes_of(message))}


def who_answered(placement: Placement, message: Message, now: dt.datetime) -> dict[str, str]:
    return {"who": placement.employer.name if message.facts["side"] == "employer" else placement.school.name}


def threaded(kind: Kind) -> bool:
    """Whether a side may answer it to its placement's thread."""
    return kind.audience in ("school", "employer", "both") and kind.name not in OF_NO_PLACEMENT


OF_NO_PLACEMENT = ("request-refused", "calendar-clash")


def register_answered(kind: Kind) -> Kind:
    """Registers it; an answer to its mail comes to the placement's thread where there is one."""
    answered = dataclasses.replace(kind, compose=threads.answered_here(kind.compose)) if threaded(kind) else kind
    return register(answered)


for kind in (
    Kind(
        "request-submitted",
        _("a school asks for places"),
        "hub",
        "today",
        messages_open.request_submitted,
        in_state("submitted"),
        may_digest=True,
        rests_on=rests_on,
        placeholders=("school", "count", "title"),
        words=first_wish,
        when=_("When a school sends a request."),
        why=_("The hub looks for places."),
        after="placements.placementrequest:submitted",
    ),
    Kind(
        "request-offered",
        _("an employer was asked"),
        "school",
        "digest",
        messages.request_offered,
        in_state("offered"),
        may_opt_out=True,
        may_digest=True,
        rests_on=rests_on,
        readers=STANDING,
        placeholders=PLACEMENT_WORDS,
        words=words,
        when=_("When the hub asks an employer for the school."),
        why=_("The school knows where its request stands."),
        after=OFFERED,
    ),
    Kind(
        "waiting-served",
        _("places came free on the waiting list"),
        "both",
        "today",
        messages.waiting_served,
        in_state("held"),
        rests_on=rests_on,
        placeholders=PLACEMENT_WORDS,
        words=words,
        when=_("When places a request waited for come free and are held for it."),
        why=_("The hub asks the employer before the hold runs out, and the school knows."),
    ),
    Kind(
        "request-refused",
        _("nothing could be found"),
        "school",
        "today",
        messages.request_refused,
        in_state("refused"),
        rests_on=rests_on,
        placeholders=("school", "count", "reason"),
        words=words,
        told=reason,
        when=_("When the hub finds no places."),
        why=_("The school can change the request or look elsewhere."),
        after="placements.placementrequest:refused",
    ),
    Kind(
        "placement-offered",
        _("places are asked for"),
        "employer",
        "now",
        messages.placement_offered,
        in_state("offered"),
        rests_on=rests_on,
        placeholders=(*PLACEMENT_WORDS, "reason"),
        words=words,
        told=asked_in_words,
        when=_("When the hub asks an employer."),
        why=_("The employer answers in one step, without a password."),
        after=OFFERED,
    ),
    Kind(
        "answer-reminder",
        _("an answer is missing"),
        "employer",
        "today",
        messages.answer_reminder,
        latest(unanswered),
        rests_on=rests_on,
        readers=STANDING,
        placeholders=PLACEMENT_WORDS,
        words=words,
        when=_("So many working days after asking as the hub has set (two and four to begin with), at eight."),
        why=_("Places are held meanwhile, and a school waits."),
        after=OFFERED,
    ),
    Kind(
        "placement-accepted",
        _("agreed, the invitation"),
        "both",
        "now",
        messages.placement_accepted,
        same_version(*AGREED),
        rests_on=rests_on,
        placeholders=PLACEMENT_WORDS,
        words=words,
        when=_("When an employer says yes."),
        why=_("Both sides have it in their calendars."),
        after=ACCEPTED,
    ),
    Kind(
        "placement-changed",
        _("days, place or supervisor changed"),
        "both",
        "now",
        messages.placement_changed,
        change_is_latest,
        rests_on=rests_on,
        placeholders=(*PLACEMENT_WORDS, "changes"),
        words=words,
        told=changes_told,
        when=_("When the days, the place, the supervisor or the words change; before it is agreed, days or place."),
        why=_("Calendars look a day later or never; nobody should stand at the wrong door."),
    ),
    Kind(
        "placement-cancelled",
        _("called off"),
        "both",
        "now",
        messages.placement_cancelled,
        in_state("cancelled"),
        rests_on=rests_on,
        placeholders=(*PLACEMENT_WORDS, "reason"),
        words=words,
        channels=BY_MAIL_OR_TEXT,
        mail_too=True,  # it takes the days out of calendars
        worth_a_text=at_short_notice,
        when=_("When either side calls it off."),
        why=_("Nobody comes for nothing, and calendars lose it."),
        after="placements.placement:cancelled",
    ),
    Kind(
        "starts-soon",
        _("starts in some working days"),
        "both",
        "digest",
        messages.starts_soon,
        ahead(latest(starts_soon_live)),
        may_opt_out=True,
        may_digest=True,
        rests_on=rests_on,
        readers=STANDING,
        placeholders=(*PLACEMENT_WORDS, "left"),
        words=words,
        told=working_days_left,
        when=_(
            "Ten, five and two working days before, at eight: schools with nothing to do, employers without the five."
        ),
        why=_("What changed on one side is said in time."),
        after=ACCEPTED,
    ),
    Kind(
        "starts-tomorrow",
        _("starts next working day"),
        "both",
        "now",
        messages.starts_tomorrow,
        ahead(same_version("accepted", "ready")),
        rests_on=rests_on,
        readers=STANDING,
        placeholders=PLACEMENT_WORDS,
        words=words,
        channels=BY_MAIL_OR_TEXT,
        when=_("The working day before, at eight."),
        why=_("The last look at when, where and who."),
        after=ACCEPTED,
    ),
    Kind(
        "host-page",
        _("the page of the day"),
        "employer",
        "now",
        messages.host_page,
        same_version(*AGREED),
        rests_on=rests_on,
        readers=STANDING,
        placeholders=PLACEMENT_WORDS,
        words=words,
        when=_("Five working days before, at eight."),
        why=_("Whoever looks after the students has the day on one page."),
        after=ACCEPTED,
    ),
    Kind(
        "clearances-open",
        _("what is to do before it starts"),
        "school",
        "today",
        messages.clearances_open,
        latest(clearances_live),
        rests_on=rests_on,
        readers=STANDING,
        placeholders=(*PLACEMENT_WORDS, "tasks"),
        words=to_do,
        when=_("Ten, five and two working days before, at eight, while something that blocks is open."),
        why=_("Nobody may start before it is done."),
        after=ACCEPTED,
    ),
    Kind(
        "consent-asked",
        _("a parent or carer is asked"),
        "parent",
        "now",
        messages.consent_asked,
        consent_live,
        rests_on=rests_on,
        placeholders=(*PLACEMENT_WORDS, "task"),
        words=words,
        when=_("When the school asks for agreement, and when it asks again."),
        why=_("A parent or carer decides by a signed link."),
    ),
    Kind(
        "consent-refused",
        _("a parent or carer said no"),
        "school",
        "now",
        messages.consent_refused,
        consent_live,
        rests_on=rests_on,
        placeholders=(*PLACEMENT_WORDS, "task"),
        words=words,
        when=_("When a parent or carer says no."),
        why=_("The school talks with the family or names somebody else."),
    ),
    Kind(
        "clearance-reminder",
        _("something is still missing"),
        "employer",
        "today",
        messages.clearance_reminder,
        consent_live,
        rests_on=rests_on,
        readers=STANDING,
        placeholders=(*PLACEMENT_WORDS, "task", "guidance"),
        words=words,
        when=_("When the school or the hub reminds, at most once a day."),
        why=_("Nobody may start before it is done."),
    ),
    Kind(
        "mail-received",
        _("an answer by mail"),
        "school",
        "today",
        messages.mail_received,
        lambda placement, message, now: True,
        may_digest=True,
        rests_on=rests_on,
        placeholders=(*PLACEMENT_WORDS, "who"),
        words=words,
        told=who_answered,
        when=_("When somebody answers a mail about a placement, or a calendar says no; once a day at most."),
        why=_("What is written back is read by somebody."),
    ),
    Kind(
        "calendar-clash",
        _("a calendar changed under an agreed date"),
        "school",
        "today",
        messages_calendar.calendar_clash,
        messages_calendar.stands,
        may_digest=True,
        rests_on=messages_calendar.rests_on,
        placeholders=("title", "employer", "school", "clash"),
        words=messages_calendar.words,
        told=messages_calendar.why,
        when=_("When a changed calendar no longer allows a day that was asked for or agreed."),
        why=_("The school and the hub decide in time: nothing is cancelled by itself."),
    ),
):
    register_answered(kind)
