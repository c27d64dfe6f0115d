"""How a row is sent: claimed under a lease, asked again, made, handed over, recorded.

Claim and hand-over are two short transactions, so that a sender killed at any point leaves a
row whose lease runs out: nothing is lost, and only the one message in flight can be handed
over twice, with the same Message-ID and idempotency key. `now` comes from the database
(`hubs.clock`), never from the sender's machine.
"""

from __future__ import annotations

import datetime as dt
import secrets
import time
from collections.abc import Callable

from django.db import connection, models, transaction
from django.db.models import F
from django.utils import timezone, translation

from hubs.handover import BeingChanged, Seen, seen
from hubs.mail import Post, Refusal
from hubs.models.message import Message, MessageAttempt
from hubs.models.people import Membership
from hubs.outbox import KINDS, Kind, subject_of

State = Message.State
LEASE = dt.timedelta(seconds=60)
MAX_ATTEMPTS = 5
RETRY_AFTER = (60, 300, 1800, 7200)  # seconds, by attempt
MOMENT = dt.timedelta(seconds=2)  # until a message is tried again whose subject is being changed
REWRITES = 3  # how often a mail is made anew in one attempt because its subject changed


class Overtaken(Exception):
    """The rows changed between making the mail and handing it over."""


def claim(now: dt.datetime) -> Message | None:
    """Lease the oldest claimable row, or None. Safe with any number of senders."""
    with transaction.atomic():
        rows = Message.objects.claimable(now).order_by("due_at", "pk").select_related("hub")
        if connection.features.has_select_for_update_skip_locked:
            rows = rows.select_for_update(skip_locked=True, of=("self",), no_key=True)
        message = rows.first()
        if message is None:
            return None
        lease, until = secrets.token_hex(16), now + LEASE
        # The filter repeats the claim: on SQLite, where no row lock exists, only one
        # sender's update finds the row as it was read.
        changed = Message.objects.filter(pk=message.pk, state=message.state, lease=message.lease).update(
            state=State.LEASED, lease=lease, leased_until=until, attempts=F("attempts") + 1
        )
    if not changed:
        return claim(now)
    message.state, message.lease, message.leased_until = State.LEASED, lease, until
    message.attempts += 1
    return message


def deliver_one(message: Message, now: dt.datetime, post: Post | None = None) -> str:
    """Ask again whether it should go, send it, record. Returns the state it ended in: "due"
    when it is to be tried again, "lost" when another sender has taken it over."""
    if message.attempts > MAX_ATTEMPTS:  # each time the sender died with it
        return _give_up(message, now, "its sender did not come back")
    try:
        for _try in range(REWRITES):
            try:
                return _send(message, now, post or Post())
            except Overtaken:
                continue
        return _give_back(message, now)
    except BeingChanged:
        return _give_back(message, now)
    except Refusal as refusal:
        return _close(
            message, State.FAILED, now, str(refusal), problem=Message.Problem.REFUSED, problem_text=str(refusal)[:300]
        )
    except Exception as error:  # one message that cannot be made or sent must not stop the others
        return _retry(message, now, f"{type(error).__name__}: {error}"[:300])


def _send(message: Message, now: dt.datetime, post: Post) -> str:
    kind, subject = KINDS.get(message.kind), subject_of(message)
    as_read = seen(kind.rests_on(subject)) if kind and subject else {}
    if end := _unwanted(message, kind, subject, now):
        return _close(message, *end)
    # Words and times as the reader says them, the frame of the mail included.
    with translation.override(message.language), timezone.override(message.hub.zone):
        outgoing = post.prepare(kind.compose(subject, message, now), message)  # type: ignore[union-attr]
    post.open()  # whatever takes its time is done before anybody has to wait for us
    with transaction.atomic():
        if not _hold(message):
            return "lost"
        subject = _meet(kind, message, as_read)
        if end := _unwanted(message, kind, subject, now):
            return _close(message, *end)
        provider_id = post.send(outgoing)
        return _close(message, State.SENT, now, "", sent_at=now, provider_id=provider_id)


def _unwanted(message: Message, kind: Kind | None, subject: models.Model | None, now: dt.datetime):
    """How the row ends when it should not go any more, else None."""
    if message.not_after and now > message.not_after:
        return State.EXPIRED, now, "past its last useful moment"
    if kind is None or subject is None or not kind.live(subject, message, now):
        return State.SKIPPED, now, "no longer needed"
    if not entitled(message):
        return State.SKIPPED, now, "no longer the reader's"
    return None


def entitled(message: Message) -> bool:
    """Whether the account behind the address may still read it: active, and still a member of
    the organisation or on the hub's staff. Addresses without an account are the domain's word."""
    if message.user_id is None:
        return True
    mine = Membership.objects.filter(user=message.user_id, user__is_active=True, hub=message.hub_id)
    return mine.filter(organisation=message.organisation_id).exists()


def _hold(message: Message) -> bool:
    """Lock the row while it is handed over; False when another sender took it over meanwhile."""
    rows = Message.objects.filter(pk=message.pk, lease=message.lease, state=State.LEASED)
    if connection.features.has_select_for_update_skip_locked:
        rows = rows.select_for_update(skip_locked=True, of=("self",), no_key=True)
    return rows.values_list("pk").first() is not None


def _meet(kind: Kind | None, message: Message, as_read: Seen) -> models.Model | None:
    """Hold what the message rests on and give back its subject, unchanged since it was read."""
    subject = subject_of(message)
    if kind is None or subject is None or seen(kind.rests_on(subject), hold=True) != as_read:
        raise Overtaken
    return subject


def _close(message: Message, state: str, now: dt.datetime, detail: str, **fields) -> str:
    with transaction.atomic():
        # Only the holder of the lease may record: a slow sender that lost it changes nothing.
        changed = Message.objects.filter(pk=message.pk, lease=message.lease, state=State.LEASED).update(
            state=state, leased_until=None, **fields
        )
        if changed:
            MessageAttempt.objects.create(message=message, at=now, outcome=state, detail=detail[:300])
    return state if changed else "lost"


def _retry(message: Message, now: dt.datetime, detail: str) -> str:
    if message.attempts >= MAX_ATTEMPTS:
        return _give_up(message, now, detail)
    wait = RETRY_AFTER[min(message.attempts, len(RETRY_AFTER)) - 1]
    return _close(message, State.DUE, now, detail, due_at=now + dt.timedelta(seconds=wait))


def _give_up(message: Message, now: dt.datetime, detail: str) -> str:
    return _close(message, State.FAILED, now, detail, problem=Message.Problem.GAVE_UP, problem_text=detail[:300])


def _give_back(message: Message, now: dt.datetime) -> str:
    """Nothing went wrong, only not now: no attempt is counted and nothing is written down."""
    Message.objects.filter(pk=message.pk, lease=message.lease, state=State.LEASED).update(
        state=State.DUE, leased_until=None, due_at=now + MOMENT, attempts=F("attempts") - 1
    )
    return State.DUE


def after(seconds: float) -> Callable[[], bool]:
    """A `stop` for `drain` that says yes once so much time has passed."""
    started = time.monotonic()
    return lambda: time.monotonic() - started > seconds


def drain(
    clock: Callable[[], dt.datetime], *, limit: int | None = None, stop: Callable[[], bool] = lambda: False
) -> int:
    """Send what is due, oldest first, until nothing is, `limit` rows were handled, or `stop()`
    says so between two. Returns how many were handled."""
    done, post = 0, Post()
    try:
        while (limit is None or done < limit) and not stop():
            message = claim(clock())
            if message is None:
                break
            deliver_one(message, clock(), post)
            done += 1
    finally:
        post.close()
    return done
