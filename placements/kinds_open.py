"""Kinds of message about requests that are still open: whether one is firm, who said no, and lines that end."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext_lazy as _

from hubs.models import Message
from hubs.outbox import Kind, register
from placements import messages_open
from placements.grounds import rests_on
from placements.kinds import PLACEMENT_WORDS, in_state, register_answered, unanswered, words
from placements.models import Placement


def undecided(placement: Placement, message: Message, now: dt.datetime) -> bool:
    return placement.state == "held" and placement.request is not None and placement.request.is_provisional


def passed_over_because(placement: Placement, message: Message, now: dt.datetime) -> dict[str, str]:
    return {"reason": messages_open.why_passed_over(message)}


def taken_back_because(placement: Placement, message: Message, now: dt.datetime) -> dict[str, str]:
    return {"reason": " ".join(messages_open.taken_back_because(placement))}


for kind in (
    Kind(
        "firm-asked",
        _("places are held for a provisional request"),
        "school",
        "today",
        messages_open.firm_asked,
        undecided,
        rests_on=rests_on,
        placeholders=PLACEMENT_WORDS,
        words=words,
        when=_("When the hub holds places for a request the school called provisional."),
        why=_("The employer is asked only once the school says that it is firm, and the hold runs out."),
    ),
    Kind(
        "request-firm",
        _("a provisional request is firm"),
        "hub",
        "today",
        messages_open.request_firm,
        in_state("submitted"),
        may_digest=True,
        rests_on=rests_on,
        placeholders=("school", "count"),
        words=words,
        when=_("When a school says that a provisional request is firm."),
        why=_("The employer can be asked now, before the hold runs out."),
    ),
    Kind(
        "waiting-ended",
        _("a session somebody waits for was called off"),
        "school",
        "today",
        messages_open.waiting_ended,
        in_state("submitted"),
        rests_on=rests_on,
        placeholders=("title", "day", "school", "count", "reason"),
        words=words,
        told=messages_open.called_off,
        when=_("When a session is called off while a request stands on its waiting list."),
        why=_("Nobody waits for what will not be, and the school can name another wish."),
    ),
    Kind(
        "placement-declined",
        _("an employer said no"),
        "hub",
        "today",
        messages_open.placement_declined,
        in_state("declined"),
        may_digest=True,
        rests_on=rests_on,
        placeholders=(*PLACEMENT_WORDS, "reason"),
        words=words,
        when=_("When an employer says no."),
        why=_("The hub looks further."),
        after="placements.placement:declined",
    ),
    Kind(
        "answer-overdue",
        _("an employer lets its time pass"),
        "hub",
        "today",
        messages_open.answer_overdue,
        unanswered,
        may_digest=True,
        rests_on=rests_on,
        placeholders=PLACEMENT_WORDS,
        words=words,
        when=_(
            "So many working days after the answer was due as the hub has set: first whoever looks after the "
            "employer, then the leads of the hub."
        ),
        why=_("At the end of every reminder there is a person who rings."),
    ),
    Kind(
        "turn-passed-over",
        _("somebody in line was not asked"),
        "hub",
        "today",
        messages_open.turn_passed_over,
        in_state("released"),
        may_digest=True,
        rests_on=rests_on,
        placeholders=(*PLACEMENT_WORDS, "reason"),
        words=words,
        told=passed_over_because,
        when=_("When employers are asked in turn, and one cannot be asked when its turn comes."),
        why=_("The hub knows whose places were given back, and may ask by hand."),
    ),
):
    register(kind)

register_answered(
    Kind(
        "placement-withdrawn",
        _("places are not needed"),
        "employer",
        "today",
        messages_open.placement_withdrawn,
        in_state("withdrawn"),
        rests_on=rests_on,
        placeholders=(*PLACEMENT_WORDS, "reason"),
        words=words,
        told=taken_back_because,
        when=_(
            "When what an employer was asked is taken back, when another has said yes meanwhile, or when its time to "
            "answer has passed and the next in turn is asked."
        ),
        why=_("Nobody prepares for nothing."),
        after="placements.placement:withdrawn",
    )
)
