"""Which rows go in one mail.

What a mail is made of is settled when it is claimed for the first time, and written on each of
its rows with the key it goes under (`Message.digest`). A sender may die after the hand-over, or
miss the provider's yes: then the same rows have to go again under the same key. Fewer or others
under it would be taken for a copy by a provider that honours keys, and be lost; the same rows
under another key would be told twice.
"""

from __future__ import annotations

import datetime as dt

from django.db import connection, models
from django.db.models import F

from hubs import digest
from hubs.models.message import Message
from hubs.outbox import KINDS, wants_gathered
from hubs.quiet import next_morning

State = Message.State


class CannotClaimWhole(Exception):
    """Another sender looks at a row of the same digest, or holds it still."""

    def __init__(self, digest: str) -> None:
        super().__init__(digest)
        self.digest = digest


def skipping_locked(rows: models.QuerySet) -> models.QuerySet:
    if connection.features.has_select_for_update_skip_locked:
        return rows.select_for_update(skip_locked=True, of=("self",), no_key=True)
    return rows


def bind(message: Message, now: dt.datetime) -> list[int]:
    """The rows that go with one which the caller holds locked, locked as well; sets its `digest` when
    the reader has it gathered. Raises `CannotClaimWhole` when what went before is not free as a whole."""
    if message.digest:
        return _members(message, now)
    message.gathered = _goes_gathered(message)
    if not message.gathered:
        return []
    message.digest = message.idempotency_key
    return _companions(message, now)


def _goes_gathered(message: Message) -> bool:
    kind = KINDS.get(message.kind)
    return kind is not None and wants_gathered(kind, message.hub_id, message)


def _members(message: Message, now: dt.datetime) -> list[int]:
    rows = Message.objects.filter(digest=message.digest, state__in=[State.DUE, State.LEASED]).exclude(pk=message.pk)
    free = rows.exclude(state=State.LEASED, leased_until__gte=now)
    found = list(skipping_locked(free.order_by("pk")).values_list("pk", flat=True))
    if not whole(rows, found):
        raise CannotClaimWhole(message.digest)
    return found


def whole(rows: models.QuerySet, found: list[int]) -> bool:
    """Whether these are all of them: asked in a second statement, which sees what is locked, too."""
    return set(rows.values_list("pk", flat=True)) == set(found)


def _companions(first: Message, now: dt.datetime) -> list[int]:
    """What else waits for the same reader, what is pointless soonest before the rest, up to
    `digest.MOST` in all."""
    waiting = Message.objects.filter(
        hub=first.hub_id, address=first.address, channel=first.channel, digest="", state=State.DUE, due_at__lte=now,
        kind__in=[kind.name for kind in KINDS.values() if kind.may_digest],
    ).exclude(pk=first.pk)  # fmt: skip
    rows = skipping_locked(waiting.order_by(F("not_after").asc(nulls_last=True), "due_at", "pk"))
    found = [one for one in rows if _goes_gathered(one)]
    along, left = found[: digest.MOST - 1], found[digest.MOST - 1 :]
    if left:
        _put_off(left, first, now)
    return [one.pk for one in along]


def _put_off(left: list[Message], first: Message, now: dt.datetime) -> None:
    """Until the next morning, all but what would be pointless then: a second mail is better than none."""
    wall = next_morning(first.hub, first.organisation_id, now)
    at = wall.instant(first.hub.zone)
    late = [one.pk for one in left if one.not_after is None or one.not_after > at]
    Message.objects.filter(pk__in=late).update(
        due_at=at, due_on=wall.on, due_time=wall.at, due_zone="", first_due_at=None
    )
