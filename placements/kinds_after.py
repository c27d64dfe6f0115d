"""Kinds of message once it is over: the register, thanks, the employer's words."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext_lazy as _

from hubs.models import Message
from hubs.outbox import Kind
from placements import messages
from placements.domain.people import STANDING
from placements.domain.reminders import end_of
from placements.grounds import rests_on
from placements.kinds import ACCEPTED, PLACEMENT_WORDS, in_state, register_answered, words
from placements.lateness import latest
from placements.models import Placement

COMPLETED = "placements.placement:completed"


def register_open(placement: Placement, message: Message, now: dt.datetime) -> bool:
    """Written for the end as it stands: the version is that, and perhaps how late it is."""
    ends = f"{message.version}.".startswith(f"{end_of(placement)}.")
    return placement.state in ("ready", "under_way") and ends


def feedback_missing(placement: Placement, message: Message, now: dt.datetime) -> bool:
    return placement.state == "completed" and not placement.feedback.filter(side="employer").exists()


for kind in (
    Kind(
        "register-due",
        _("the register is open"),
        "school",
        "today",
        messages.register_due,
        latest(register_open),
        rests_on=rests_on,
        readers=STANDING,
        placeholders=PLACEMENT_WORDS,
        words=words,
        when=_("An hour after the end, then two and five working days later, until the register is closed."),
        why=_("Only a closed register counts for the students."),
        after=ACCEPTED,
    ),
    Kind(
        "feedback-reminder",
        _("feedback is missing"),
        "employer",
        "digest",
        messages.feedback_reminder,
        feedback_missing,
        may_opt_out=True,
        may_digest=True,
        rests_on=rests_on,
        readers=STANDING,
        placeholders=PLACEMENT_WORDS,
        words=words,
        when=_("Five working days after the register was closed, when the employer has said nothing."),
        why=_("The employer's words complete the quality of the encounter."),
        after=COMPLETED,
    ),
    Kind(
        "thanks",
        _("thanks and feedback"),
        "employer",
        "today",
        messages.thanks,
        in_state("completed"),
        may_digest=True,
        rests_on=rests_on,
        readers=STANDING,
        placeholders=PLACEMENT_WORDS,
        words=words,
        when=_("When the register is closed and somebody was there."),
        why=_("Thanks are due, and feedback is best given at once."),
        after=COMPLETED,
    ),
):
    register_answered(kind)
