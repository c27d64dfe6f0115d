"""Whether a row should still go: asked when its mail is made, and again at the hand-over."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import models

from hubs.models.message import Message
from hubs.models.people import Membership
from hubs.models.preference import MessagePreference
from hubs.outbox import NOT_THE_READER, Kind
from hubs.texting import BY_MAIL_NOW, TEXTS, cannot_text

State = Message.State


def unwanted(message: Message, kind: Kind, subject: models.Model | None, now: dt.datetime):
    """How the row ends when it should not go any more (state, when, why), else None."""
    if message.not_after and now > message.not_after:
        return State.EXPIRED, now, "past its last useful moment"
    if subject is None or not kind.live(subject, message, now):
        return State.SKIPPED, now, "no longer needed"
    if not _still_the_reader(message, kind, subject):
        return State.SKIPPED, now, NOT_THE_READER
    if kind.may_opt_out and _opted_out(message):
        return State.SKIPPED, now, "the reader wants none of these"
    if cannot_text(message, kind, now):
        return State.SKIPPED, now, BY_MAIL_NOW
    return None


def _opted_out(message: Message) -> bool:
    said = MessagePreference.objects.word(
        message.kind,
        hub_id=message.hub_id,
        user_id=message.user_id,
        address=message.address,
        organisation_id=message.organisation_id,
    )
    return said == MessagePreference.Choice.OFF


def _still_the_reader(message: Message, kind: Kind, subject: models.Model) -> bool:
    """Whether it is for this address now. A row the hub sent to another address (`edition`) is its word."""
    if kind.readers is None or message.edition:
        return _entitled(message)
    mine: dict[str, Any] = {"role__in": kind.readers.roles}
    if message.channel not in TEXTS:  # a number is the person's own word, asked for below
        mine["user__email__iexact"] = message.address
    if message.user_id and _memberships(message).filter(**mine).exists():
        return True
    standing = kind.readers.find(subject, message)
    if message.channel in TEXTS:
        return message.user_id in {one.user_id for one in standing}
    return message.address.lower() in {one.address.lower() for one in standing}


def _entitled(message: Message) -> bool:
    """Whether the account behind the address may still read it: active, and still a member of
    the organisation or on the hub's staff. Addresses without an account are the domain's word."""
    if message.user_id is None:
        return True
    return _memberships(message).exists()


def _memberships(message: Message) -> models.QuerySet:
    mine = Membership.objects.filter(user=message.user_id, user__is_active=True, hub=message.hub_id)
    return mine.filter(organisation=message.organisation_id)
