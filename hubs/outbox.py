"""Rows, not messages: the domain queues here, a sender drains (HOUSE.md rule 5).

What a kind is and how a row is written stands here; how a row is sent, in `hubs.delivery`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.apps import apps
from django.db import models
from django.utils.functional import Promise

from hubs.mail import Mail
from hubs.models.hub import Hub
from hubs.models.message import Message
from hubs.wallclock import WallTime


def itself(subject: models.Model) -> tuple[models.Model, ...]:
    return (subject,)


@dataclass(frozen=True)
class Kind:
    """One kind of message. `about` is what the back office calls it; `compose(subject, message,
    now)` makes the mail; `live(subject, message, now)` says whether it should still go;
    `rests_on(subject)` names the rows whose change makes it untrue, which nobody changes while
    it is handed over."""

    name: str
    about: Promise | str
    audience: str
    urgency: str
    compose: Callable[[Any, Message, dt.datetime], Mail]
    live: Callable[[Any, Message, dt.datetime], bool]
    may_opt_out: bool = False
    rests_on: Callable[[Any], tuple[models.Model, ...]] = itself


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
    due_at: dt.datetime | WallTime | None = None,
    not_after: dt.datetime | None = None,
    version: str = "",
    **facts,
) -> Message | None:
    """Insert the row in the caller's transaction; None when its key is there already.

    `due_at` is an instant, or a time on a wall clock, which follows when the rules of its
    zone or the hub's zone change; a time that has passed means now.
    """
    if kind not in KINDS:
        raise KeyError(f"unknown message kind {kind!r}")
    key = key_of(kind, subject._meta.label_lower, subject.pk, version, to.address)
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
            **_due(due_at, subject, now),
            "not_after": not_after,
            "facts": facts,
            "created_at": now,
        },
    )
    return message if made else None


def key_of(kind: str, subject_type: str, subject_id: int, version: str, address: str) -> str:
    """What makes a row the same message as another."""
    key = f"{kind}|{subject_type}|{subject_id}|{version}|{address.lower()}|email"
    if len(key) > 200:
        raise ValueError("message key too long")
    return key


def _due(due: dt.datetime | WallTime | None, subject: models.Model, now: dt.datetime) -> dict[str, Any]:
    if not isinstance(due, WallTime):
        return {"due_at": due or now}
    at = due.instant(_hub_of(subject).zone)
    if at <= now:
        return {"due_at": now}
    return {"due_at": at, "due_on": due.on, "due_time": due.at, "due_zone": due.zone}


def _hub_of(subject: models.Model) -> Hub:
    return subject if isinstance(subject, Hub) else subject.hub


def recompute_due(now: dt.datetime) -> int:
    """Set the instant of every waiting row that is due at a time on a wall clock anew: rules
    of zones change (São Paulo gave up summer time within a few months), and hubs move zone.

    Rows already tried keep the moment of their next attempt. Returns how many changed.
    """
    waiting = Message.objects.filter(state=Message.State.DUE, attempts=0, due_on__isnull=False, due_at__gt=now)
    fields = ("due_on", "due_time", "due_zone", "hub", "due_at")
    changed = 0
    hubs = {hub.pk: hub for hub in Hub.objects.all()}
    for on, at, zone, hub, due_at in waiting.order_by().values_list(*fields).distinct():
        right = WallTime(on, at, zone).instant(hubs[hub].zone)
        if right != due_at:
            rows = waiting.filter(due_on=on, due_time=at, due_zone=zone, hub=hub, due_at=due_at)
            changed += rows.update(due_at=right)
    return changed


def occasion(now: dt.datetime) -> str:
    """A version that makes each sending its own: what is sent back and sent again is said again."""
    return f"{now:%Y%m%d%H%M%S}"


def subject_of(message: Message) -> models.Model | None:
    return apps.get_model(message.subject_type)._base_manager.filter(pk=message.subject_id).first()
