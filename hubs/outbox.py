"""Rows, not messages: the domain queues here, a job drains (HOUSE.md rule 5).

A kind says how its mail is made and whether it still makes sense; both are asked at the
moment of sending. Claim, send and record are three short transactions, so that a sender
killed at any point leaves a row whose lease runs out: nothing is lost, and only the one
message in flight can arrive twice (with the same Message-ID).
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.apps import apps
from django.db import connection, models, transaction
from django.db.models import F
from django.utils import timezone, translation
from django.utils.functional import Promise

from hubs.mail import Mail, send_mail
from hubs.models.message import Message, MessageAttempt

LEASE = dt.timedelta(seconds=60)
MAX_ATTEMPTS = 5
RETRY_AFTER = (60, 300, 1800, 7200)  # seconds, by attempt


@dataclass(frozen=True)
class Kind:
    """One kind of message. `about` is what the back office calls it; `compose(subject, message,
    now)` makes the mail; `live(subject, message, now)` says whether it should still go."""

    name: str
    about: Promise | str
    audience: str
    urgency: str
    compose: Callable[[Any, Message, dt.datetime], Mail]
    live: Callable[[Any, Message, dt.datetime], bool]
    may_opt_out: bool = False


KINDS: dict[str, Kind] = {}


def register(kind: Kind) -> Kind:
    """Called once per kind from the owning app's `messages.py`."""
    if kind.name in KINDS:
        raise RuntimeError(f"message kind {kind.name!r} is registered twice")
    KINDS[kind.name] = kind
    return kind


def kind_words(name: str) -> str:
    """What people call a kind; its bare name when no app sends it any more."""
    return str(KINDS[name].about) if name in KINDS else name


class Recipient(NamedTuple):
    """Whom to reach: an address, and the account or organisation behind it when there is one."""

    address: str
    name: str
    language: str
    user_id: int | None = None
    organisation_id: int | None = None


def queue(
    kind: str,
    subject: models.Model,
    to: Recipient,
    *,
    now: dt.datetime,
    due_at: dt.datetime | None = None,
    not_after: dt.datetime | None = None,
    version: str = "",
    **facts,
) -> Message | None:
    """Insert the row in the caller's transaction; None when its key is there already."""
    if kind not in KINDS:
        raise KeyError(f"unknown message kind {kind!r}")
    key = f"{kind}|{subject._meta.label_lower}|{subject.pk}|{version}|{to.address.lower()}|email"
    if len(key) > 200:
        raise ValueError("message key too long")
    message, made = Message.objects.get_or_create(
        key=key,
        defaults={
            "hub_id": subject.hub_id,
            "kind": kind,
            "subject_type": subject._meta.label_lower,
            "subject_id": subject.pk,
            "version": version,
            "organisation_id": to.organisation_id,
            "user_id": to.user_id,
            "address": to.address,
            "name": to.name,
            "language": to.language,
            "due_at": due_at or now,
            "not_after": not_after,
            "facts": facts,
            "created_at": now,
        },
    )
    return message if made else None


def occasion(now: dt.datetime) -> str:
    """A version that makes each sending its own: what is sent back and sent again is said again."""
    return f"{now:%Y%m%d%H%M%S}"


def claim(now: dt.datetime) -> Message | None:
    """Lease the oldest claimable row, or None. Safe with any number of senders."""
    with transaction.atomic():
        rows = Message.objects.claimable(now).order_by("due_at", "pk")
        if connection.features.has_select_for_update_skip_locked:
            rows = rows.select_for_update(skip_locked=True, of=("self",), no_key=True)
        message = rows.first()
        if message is None:
            return None
        lease = secrets.token_hex(16)
        # The filter repeats the claim: on SQLite, where no row lock exists, only one
        # sender's update finds the row as it was read.
        changed = Message.objects.filter(pk=message.pk, state=message.state, lease=message.lease).update(
            state=Message.State.LEASED,
            lease=lease,
            leased_until=now + LEASE,
            attempts=F("attempts") + 1,
        )
    if not changed:
        return claim(now)
    message.refresh_from_db()
    return message


def subject_of(message: Message) -> models.Model | None:
    return apps.get_model(message.subject_type)._base_manager.filter(pk=message.subject_id).first()


def deliver_one(message: Message, now: dt.datetime) -> str:
    """Ask again whether it should go, send it, record. Returns the state it ended in."""
    if message.not_after and now > message.not_after:
        return _close(message, Message.State.EXPIRED, now, "past its last useful moment")
    kind = KINDS.get(message.kind)
    subject = subject_of(message)
    if kind is None or subject is None or not kind.live(subject, message, now):
        return _close(message, Message.State.SKIPPED, now, "no longer needed")
    try:
        # Words and times as the reader says them, the frame of the mail included.
        with translation.override(message.language), timezone.override(message.hub.zone):
            provider_id = send_mail(kind.compose(subject, message, now), message)
    except Exception as error:  # one message that cannot be made or sent must not stop the others
        return _retry(message, now, f"{type(error).__name__}: {error}"[:300])
    return _close(message, Message.State.SENT, now, "", sent_at=now, provider_id=provider_id)


def _close(message: Message, state: str, now: dt.datetime, detail: str, **fields) -> str:
    with transaction.atomic():
        # Only the holder of the lease may record: a slow sender that lost it changes nothing.
        changed = Message.objects.filter(pk=message.pk, lease=message.lease, state="leased").update(
            state=state, leased_until=None, **fields
        )
        if changed:
            MessageAttempt.objects.create(message=message, at=now, outcome=state, detail=detail)
    return state if changed else "lost"


def _retry(message: Message, now: dt.datetime, detail: str) -> str:
    if message.attempts >= MAX_ATTEMPTS:
        return _close(message, Message.State.FAILED, now, detail)
    wait = RETRY_AFTER[min(message.attempts, len(RETRY_AFTER)) - 1]
    return _close(message, Message.State.DUE, now, detail, due_at=now + dt.timedelta(seconds=wait))


def drain(clock: Callable[[], dt.datetime], *, limit: int = 500) -> int:
    """Send what is due, oldest first, at most `limit` rows. Returns how many were handled."""
    done = 0
    while done < limit and (message := claim(clock())) is not None:
        deliver_one(message, clock())
        done += 1
    return done
