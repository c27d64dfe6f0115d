"""What a person wants of the kinds that leave them the choice."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core import signing
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from hubs.errors import Refused
from hubs.models import Message, MessagePreference, Organisation, User
from hubs.outbox import KINDS, Kind

Choice = MessagePreference.Choice
_SALT = "hubs.unsubscribe"
#: Without a moment in it: a mail that goes again is the same to the letter, as providers that honour keys expect.
_SIGNER = signing.Signer(salt=_SALT)
#: Who gets a kind (`Kind.audience`), by the side a person belongs to.
SIDES = {"employer": {"employer", "both"}, "school": {"school", "both"}, "hub": {"hub"}}


@dataclass(frozen=True)
class Open:
    """One kind a person may decide about, for one organisation (None: the hub)."""

    kind: Kind
    organisation: Organisation | None
    choices: tuple[str, ...]
    chosen: str


def choices_of(kind: Kind) -> tuple[str, ...]:
    """The choices a kind leaves, the shipped one first; one alone is none."""
    usual = Choice.GATHERED if kind.may_digest and kind.urgency == "digest" else Choice.AT_ONCE
    found = [usual]
    if kind.may_digest:
        found += [Choice.GATHERED if usual == Choice.AT_ONCE else Choice.AT_ONCE]
    if kind.may_opt_out:
        found += [Choice.OFF]
    return tuple(str(one) for one in found)


def open_to(user: User, hub_id: int) -> list[Open]:
    """Everything this person may decide in this hub, by organisation."""
    rows = MessagePreference.objects.filter(hub_id=hub_id).filter(_of(user.pk, user.email))
    said = {(row.organisation_id, row.kind): row.choice for row in rows}
    found = []
    for membership in user.live_memberships:
        if membership.hub_id != hub_id:
            continue
        organisation = membership.organisation
        side = SIDES[organisation.kind if organisation else "hub"]
        for kind in sorted(KINDS.values(), key=lambda one: str(one.about)):
            choices = choices_of(kind)
            if kind.audience in side and len(choices) > 1:
                key = (membership.organisation_id, kind.name)
                chosen = said.get(key) or said.get((None, kind.name)) or choices[0]
                found.append(Open(kind, organisation, choices, chosen))
    return found


@transaction.atomic
def choose(
    hub_id: int, kind: str, choice: str, *, address: str, user_id: int | None = None,
    organisation_id: int | None = None, now: dt.datetime,
) -> None:  # fmt: skip
    """Keep a person's word. Raises `Refused` for what the kind does not leave open."""
    if kind not in KINDS or choice not in choices_of(KINDS[kind]):
        raise Refused(_("This kind of message does not leave that choice. Choose one that is offered."))
    key: dict[str, Any] = {
        "hub_id": hub_id,
        "address": address.lower(),
        "kind": kind,
        "organisation_id": organisation_id,
    }
    said = {"choice": choice, "user_id": user_id, "changed_at": now}
    MessagePreference.objects.update_or_create(**key, defaults=said)


def _of(user_id: int | None, address: str) -> Q:
    mine = Q(address=address.lower())
    return mine | Q(user=user_id) if user_id else mine


@transaction.atomic
def refuse(messages: Iterable[Message], *, now: dt.datetime) -> None:
    """No more of any of these kinds, to the address that got them. Raises `Refused` as `choose` does."""
    for message in messages:
        choose(
            message.hub_id, message.kind, Choice.OFF, address=message.address, user_id=message.user_id,
            organisation_id=message.organisation_id, now=now,
        )  # fmt: skip


def unsubscribe_token(messages: Iterable[Message]) -> str:
    """Names the messages of one mail; only this install can make it."""
    return _SIGNER.sign_object([[message.pk, message.edition] for message in messages])


def unsubscribed_by(token: str) -> list[Message]:
    """The messages whose reader holds `token`, those of kinds that may be refused."""
    try:
        # Mails sent before this one carry a moment in their token.
        named = _SIGNER.unsign_object(token) if token.count(":") == 1 else signing.loads(token, salt=_SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return []
    # Mails sent before digests had a token of their own name one message: [key, edition].
    editions = dict(named if isinstance(named[0], list) else [named])
    rows = Message.objects.select_related("hub", "organisation").filter(pk__in=editions).order_by("pk")
    return [row for row in rows if row.edition == editions[row.pk] and may_refuse(row)]


def may_refuse(message: Message) -> bool:
    return message.kind in KINDS and KINDS[message.kind].may_opt_out
