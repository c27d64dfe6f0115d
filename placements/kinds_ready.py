"""Kinds of message about what must be ready before a start, and about signatures."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext_lazy as _

from hubs.models import Message
from hubs.outbox import Kind, register
from hubs.texting import BY_MAIL_OR_TEXT
from placements import grounds, kinds, messages_ready
from placements.domain.people import STANDING
from placements.lateness import latest
from placements.models import Clearance, Placement, Signature
from placements.models.placement import LIVE


def host_owes(placement: Placement, message: Message, now: dt.datetime) -> bool:
    return kinds.same_version("accepted")(placement, message, now) and messages_ready.host_open(placement).exists()


def blocked(placement: Placement, message: Message, now: dt.datetime) -> bool:
    return kinds.clearances_live(placement, message, now)


def line_open(line: Signature, message: Message, now: dt.datetime) -> bool:
    return line.signed_at is None and line.agreement.placement.state in LIVE


def withdrawn(line: Signature, message: Message, now: dt.datetime) -> bool:
    return line.withdrawn_at is not None and line.agreement.placement.state in LIVE


def consent_open(clearance: Clearance, message: Message, now: dt.datetime) -> bool:
    return clearance.state == "open" and clearance.placement.state in LIVE


def host_tasks(placement: Placement) -> dict[str, str]:
    return {**kinds.words(placement), "tasks": str(messages_ready.host_open(placement).count())}


def rests_on(line: Signature) -> tuple:
    return line, line.agreement, *grounds.rests_on(line.agreement.placement)


for kind in (
    Kind(
        "host-clearances-open",
        _("what the employer does before it starts"),
        "employer",
        "today",
        messages_ready.host_clearances_open,
        latest(host_owes),
        rests_on=grounds.rests_on,
        readers=STANDING,
        placeholders=(*kinds.PLACEMENT_WORDS, "tasks"),
        words=host_tasks,
        when=_("Ten, five and two working days before, at eight, while something of the employer's blocks the start."),
        why=_("Nobody may start before it is done, and only the employer can do it."),
        after=kinds.ACCEPTED,
    ),
    Kind(
        "start-blocked",
        _("it cannot start"),
        "both",
        "now",
        messages_ready.start_blocked,
        blocked,
        rests_on=grounds.rests_on,
        readers=STANDING,
        channels=BY_MAIL_OR_TEXT,
        placeholders=kinds.PLACEMENT_WORDS,
        words=kinds.words,
        when=_("At eight on the first day, while something that blocks is open; the hub hears it too."),
        why=_("Whoever can still do it does it, or calls it off before anybody sets out."),
        after=kinds.ACCEPTED,
    ),
    Kind(
        "signature-asked",
        _("a signature is asked for"),
        "parent",
        "now",
        messages_ready.signature_asked,
        line_open,
        rests_on=rests_on,
        placeholders=kinds.PLACEMENT_WORDS,
        words=lambda line: kinds.words(line.agreement.placement),
        when=_("When the school or the hub asks somebody to sign, and when it asks again."),
        why=_("An agreement is signed by a signed link, without an account."),
    ),
    Kind(
        "signature-withdrawn",
        _("a signature was taken back"),
        "school",
        "now",
        messages_ready.signature_withdrawn,
        withdrawn,
        rests_on=rests_on,
        placeholders=kinds.PLACEMENT_WORDS,
        words=lambda line: kinds.words(line.agreement.placement),
        when=_("When somebody takes a signature back."),
        why=_("The start waits again."),
    ),
    Kind(
        "consent-withdrawn",
        _("a parent or carer withdrew"),
        "school",
        "now",
        messages_ready.consent_withdrawn,
        consent_open,
        rests_on=grounds.rests_on,
        placeholders=(*kinds.PLACEMENT_WORDS, "task"),
        words=kinds.words,
        when=_("When a parent or carer withdraws an agreement given before."),
        why=_("The start waits again, and the school talks with the family."),
    ),
):
    register(kind)
