"""Which urgent messages go to a telephone, and when they go by mail after all.

The hub switches a channel on, the install has an account with its provider, the kind is urgent and short
(`Kind.channels`), and the reader has an account, gave a number and agreed. What is said is a line of plain text
without a student's name. Between `QUIET_FROM` and `QUIET_UNTIL` on the hub's wall no telephone rings.
"""

from __future__ import annotations

import datetime as dt
from typing import Protocol

from hubs.channels import is_on
from hubs.models.hub import Hub
from hubs.models.message import Message
from hubs.models.text_choice import TextChoice
from hubs.wallclock import WallTime

TEXTS = ("sms", "whatsapp")
#: Channels of a kind whose messages may go to a telephone.
BY_MAIL_OR_TEXT = ("email", *TEXTS)
QUIET_FROM, QUIET_UNTIL = dt.time(20), dt.time(8)
#: How long a provider may be away before an urgent message goes by mail instead.
PATIENCE = dt.timedelta(minutes=10)
TRIES = 2
#: What is written down of a row that goes by mail instead.
BY_MAIL_NOW = "it goes by mail instead"


class Texted(Protocol):
    """What a kind says of itself here (`hubs.outbox.Kind`)."""

    @property
    def channels(self) -> tuple[str, ...]: ...


def may_text(kind: Texted) -> bool:
    return set(BY_MAIL_OR_TEXT) <= set(kind.channels)


def offered(hub: Hub) -> list[str]:
    """The channels this hub has switched on and this install can send by."""
    switched = {"sms": hub.texts_by_sms, "whatsapp": hub.texts_by_whatsapp}
    return [channel for channel in TEXTS if switched[channel] and is_on(channel)]


def choice_of(kind: Texted, hub: Hub, user_id: int | None) -> TextChoice | None:
    """The number at which this reader wants such a message, or None."""
    if user_id is None or not may_text(kind) or not (channels := offered(hub)):
        return None
    found = TextChoice.objects.filter(hub=hub, user=user_id, channel__in=channels).first()
    return found if found is not None and found.holds else None


def is_quiet(hub: Hub, now: dt.datetime) -> bool:
    local = now.astimezone(hub.zone).time()
    return local >= QUIET_FROM or local < QUIET_UNTIL


def next_hour(hub: Hub, now: dt.datetime) -> WallTime:
    """When telephones may ring again."""
    local = now.astimezone(hub.zone)
    late = dt.timedelta(days=1) if local.time() >= QUIET_FROM else dt.timedelta()
    return WallTime(local.date() + late, QUIET_UNTIL)


def cannot_text(message: Message, kind: Texted, now: dt.datetime) -> bool:
    """Whether what was to go to a telephone goes by mail instead: the reader or the hub wants no texts any more, the
    number is another, the provider has been away for long, or the night would outlast the message."""
    if message.channel not in TEXTS or not may_text(kind):
        return False
    choice = choice_of(kind, message.hub, message.user_id)
    if choice is None or (choice.number, choice.channel) != (message.address, message.channel):
        return True
    away = message.first_due_at is not None and now - message.first_due_at > PATIENCE
    hub = message.hub
    outlasts = message.not_after is not None and next_hour(hub, now).instant(hub.zone) >= message.not_after
    return away or (is_quiet(hub, now) and outlasts)
