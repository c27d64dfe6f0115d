"""Kinds of message about requests that are still open: whether one is firm, and lines that end."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext_lazy as _

from hubs.models import Message
from hubs.outbox import Kind, register
from placements import messages_open
from placements.grounds import rests_on
from placements.kinds import PLACEMENT_WORDS, in_state, words
from placements.models import Placement


def undecided(placement: Placement, message: Message, now: dt.datetime) -> bool:
    return placement.state == "held" and placement.request is not None and placement.request.is_provisional


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
):
    register(kind)
