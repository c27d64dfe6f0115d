"""How a row is sent: claimed under a lease, asked again, made, handed over, recorded.

Claim and hand-over are two short transactions, so that a sender killed at any point leaves a
row whose lease runs out: nothing is lost, and only the one message in flight can be handed
over twice, with the same Message-ID and idempotency key. `now` comes from the database
(`hubs.clock`), never from the sender's machine.
"""

from __future__ import annotations

import datetime as dt
import logging
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from django.db import connection, models, transaction
from django.db.models import F
from django.db.models.functions import Coalesce
from django.utils import timezone

from hubs import digest, quiet
from hubs.asking_again import unwanted
from hubs.channels import CONNECT_AFTER, CannotSendYet
from hubs.gathering import CannotClaimWhole, bind, skipping_locked
from hubs.handover import CannotLock, Seen, hold, loaded
from hubs.languages import writing
from hubs.mail import CannotDeliver, Mail
from hubs.models.message import Message, MessageAttempt
from hubs.models.text_choice import TextChoice
from hubs.outbox import KINDS, NOT_THE_READER, Kind, by_mail, hand_on, said_to_contacts, subject_of
from hubs.post import Post
from hubs.texting import BY_MAIL_NOW, TEXTS, TRIES, is_quiet, may_text, next_hour
from hubs.wordings import in_own_words

log = logging.getLogger(__name__)
State = Message.State
LEASE = dt.timedelta(seconds=60)
MAX_ATTEMPTS = 5
FIRST_DUE = Coalesce("first_due_at", "due_at")  # kept when a row is put off, so that waiting shows
RETRY_AFTER = (60, 300, 1800, 7200)  # seconds, by attempt
MOMENT = dt.timedelta(seconds=2)  # until a message is tried again whose subject is being changed
LONGEST_WAIT = 3600  # seconds, whatever a provider asks for
REWRITES = 3  # how often a mail is made anew in one attempt because its subject changed


class CannotSendNow(Exception):
    """The rows changed between making the mail and handing it over."""


def claim(now: dt.datetime, *, partners: bool = False, past: frozenset[str] = frozenset()) -> Message | None:
    """Lease the oldest claimable row, or None. Safe with any number of senders. With `partners`
    of the calls to partners' systems, else of everything but those.

    A gathered row brings along under the same lease what goes in one mail with it. A digest that
    another sender looks at the same moment is passed over as a whole (`past`)."""
    try:
        with transaction.atomic():
            rows = Message.objects.claimable(now).for_partners(partners).order_by("due_at", "pk").select_related("hub")
            message = skipping_locked(rows.exclude(digest__in=past) if past else rows).first()
            if message is None:
                return None
            changed = _lease(message, now)
    except CannotClaimWhole as held:
        return claim(now, partners=partners, past=past | {held.digest})
    return message if changed else claim(now, partners=partners, past=past)


def _lease(message: Message, now: dt.datetime) -> bool:
    """Lease the row and what goes with it; False when another sender was quicker."""
    before, along = {"state": message.state, "lease": message.lease}, bind(message, now)
    if not message.digest:
        _without_waiting_for_the_disk()
    message.state, message.lease, message.leased_until = State.LEASED, secrets.token_hex(16), now + LEASE
    taken = {name: getattr(message, name) for name in ("state", "lease", "leased_until", "digest", "gathered")}
    # The filter repeats the claim: on SQLite, where no row lock exists, only one
    # sender's update finds the row as it was read.
    changed = Message.objects.filter(pk=message.pk, **before).update(**taken, attempts=F("attempts") + 1)
    if changed and along:
        Message.objects.filter(pk__in=along).update(**taken, attempts=F("attempts") + 1)
    message.attempts += 1
    return bool(changed)


def _without_waiting_for_the_disk() -> None:
    """This transaction is seen by everybody at once but reaches the disk a moment later, with the
    next one that waits for it: the one that says "sent", at the latest. Should the server of the
    database itself fall in between, a row that was claimed is due again, which is what a sender
    that dies leaves after its lease. What goes in one mail with others must be known for good
    before it goes, so that it waits."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL synchronous_commit TO OFF")


def deliver_one(message: Message, now: dt.datetime, post: Post | None = None) -> str:
    """Ask again whether it should go, send it, record; with a gathered row, those that came
    along. Returns the state the row ended in: "due" when it is to be tried again, "lost" when
    another sender has taken it over."""
    post, state = post or Post(), ""
    if _waits_for_a_better_hour(message, now):
        return State.DUE
    try:
        for _try in range(REWRITES):
            try:
                state = _send(_worth_trying(message, now), now, post)
                break
            except CannotSendNow:
                continue
        else:
            _give_back(message, now)
    except CannotLock:
        _give_back(message, now)
    except CannotDeliver as refusal:
        said = str(refusal)[:300]
        for one in _group(message):
            _refuse(one, now, said)
    except CannotSendYet as later:  # the provider's word, and no failure of the message
        _give_back(message, now, dt.timedelta(seconds=min(later.seconds, LONGEST_WAIT)))
    except Exception as error:  # one message that cannot be sent must not stop the others
        for one in _group(message):
            _retry(one, now, f"{type(error).__name__}: {error}"[:300])
    return state or _ended(message)


def _waits_for_a_better_hour(message: Message, now: dt.datetime) -> bool:
    """Put off what can wait, with what goes in one mail with it, when people are not written to now after all: the
    hub may have said that it is closed, or a provider been away, since it was planned. Not what would be pointless
    then, nor what the hub has just sent again by hand (`edition`)."""
    kind, hub = KINDS.get(message.kind), message.hub
    if kind is None or message.edition:
        return False
    if message.channel in TEXTS and may_text(kind):
        wait = next_hour(hub, now) if is_quiet(hub, now) else None
    elif kind.urgency != "now":
        wait = quiet.better_hour(hub, message.organisation_id, now)
    else:
        return False
    if wait is None or (message.not_after and wait.instant(hub.zone) >= message.not_after):
        return False
    _give_back(message, now, wait.instant(hub.zone) - now)
    planned = {"due_on": wait.on, "due_time": wait.at, "due_zone": "", "first_due_at": None}
    Message.objects.filter(lease=message.lease, state=State.DUE).update(**planned)
    return True


def _refuse(message: Message, now: dt.datetime, said: str) -> None:
    with transaction.atomic():
        if _by_mail(message, now, said, refused=True):
            return
        ended = _close(message, State.FAILED, now, said, problem=Message.Problem.REFUSED, problem_text=said)
        if ended == State.FAILED and message.kind in KINDS:
            KINDS[message.kind].refused(message, now)


def _by_mail(message: Message, now: dt.datetime, said: str, *, refused: bool = False) -> bool:
    """What a telephone does not get goes by mail, when it is a kind of which a reader chose that; in a transaction."""
    kind, subject = KINDS.get(message.kind), subject_of(message)
    if kind is None or subject is None or message.channel not in TEXTS or not may_text(kind):
        return False
    if _close(message, State.SKIPPED, now, f"{BY_MAIL_NOW}: {said}") == State.SKIPPED:
        if refused:
            TextChoice.objects.filter(hub=message.hub_id, user=message.user_id, number=message.address).update(
                stopped_at=now, refusal=said[:200]
            )
        by_mail(message, subject, now=now)
    return True


def _group(message: Message) -> list[Message]:
    """The rows held under this lease, in the same order each time. One that goes alone is as it was claimed:
    whether the lease still stands is asked when it is handed over and when it is written down."""
    if not message.digest:
        return [message]
    held = Message.objects.filter(lease=message.lease, state=State.LEASED).select_related("hub")
    return list(held.order_by("pk"))


def _worth_trying(message: Message, now: dt.datetime) -> list[Message]:
    """The group without those whose sender died with them each time."""
    group = _group(message)
    for one in group:
        if one.attempts > MAX_ATTEMPTS:
            _give_up(one, now, "its sender did not come back")
    return [one for one in group if one.attempts <= MAX_ATTEMPTS]


def _ended(message: Message) -> str:
    state, lease = Message.objects.values_list("state", "lease").get(pk=message.pk)
    return state if lease == message.lease else "lost"


class Made(NamedTuple):
    """One message with its mail, and what it rested on when that was loaded for it."""

    message: Message
    kind: Kind
    mail: Mail
    rows: list[models.Model]
    as_loaded: Seen


def _send(group: list[Message], now: dt.datetime, post: Post) -> str:
    """The state they all ended in, or "" when that is to be read from each row."""
    made = [one for message in group if (one := _make(message, now, post))]
    if not made:
        return ""
    first, rest = made[0], made[1:]
    with _as_read_by(first.message):
        mail = digest.together([one.mail for one in made], first.message.hub) if rest else first.mail
        outgoing = post.prepare(mail, first.message, [one.message for one in made])
    post.open(first.message.channel)  # whatever takes its time is done before anybody has to wait for us
    with transaction.atomic():
        if not all(_hold(one.message) for one in made):
            return ""
        for one in made:
            subject = _meet(one)
            if unwanted(one.message, one.kind, subject, now):
                raise CannotSendNow
        provider_id = post.send(outgoing, first.message.channel)
        for one in made:
            _close(one.message, State.SENT, now, "", sent_at=now, provider_id=provider_id)
    return State.SENT if len(made) == len(group) else ""


def _make(message: Message, now: dt.datetime, post: Post) -> Made | None:
    """The mail of one row; None when the row ends here, or cannot be said now."""
    kind, subject = KINDS.get(message.kind), subject_of(message)
    if kind is None:
        _close(message, State.SKIPPED, now, "no longer needed")
        return None
    rows = list(kind.rests_on(subject)) if subject else []
    as_loaded = loaded(rows)
    if end := unwanted(message, kind, subject, now):
        with transaction.atomic():
            closed = _close(message, *end)
            if closed == State.SKIPPED and subject and kind.readers and end[-1] == NOT_THE_READER:
                hand_on(message, subject, kind.readers.find(subject, message), now=now)
            if closed == State.SKIPPED and subject and end[-1] == BY_MAIL_NOW:
                by_mail(message, subject, now=now)
        return None
    try:
        with _as_read_by(message):
            mail = said_to_contacts(kind.compose(subject, message, now), kind, message)
            mail = in_own_words(mail, kind, subject, message, post.wordings, now)
            return Made(message, kind, mail, rows, as_loaded)
    except Exception as error:  # what cannot be said must not stop what is gathered with it
        _retry(message, now, f"{type(error).__name__}: {error}"[:300], **_apart(message))
        return None


def _apart(message: Message) -> dict[str, Any]:
    """What makes a row another mail than the digest it was to go in, whose key it may have given."""
    return {"digest": "", "edition": message.edition + 1} if message.digest else {}


@contextmanager
def _as_read_by(message: Message) -> Iterator[None]:
    """Words and times as the reader says them, the frame of the mail included."""
    with writing(message.language), timezone.override(message.hub.zone):
        yield


def _hold(message: Message) -> bool:
    """Lock the row while it is handed over; False when another sender took it over meanwhile.

    This waits: a sender that looked for work before the row was claimed may hold it for the rest of its own
    claim. Passing over it would leave the row to its lease for a minute.
    """
    rows = Message.objects.filter(pk=message.pk, lease=message.lease, state=State.LEASED)
    if connection.features.has_select_for_update:
        rows = rows.select_for_update(of=("self",), no_key=True)
    return bool(rows.order_by().values_list("pk"))


def _meet(one: Made) -> models.Model:
    """Hold what the message rests on and give back its subject, unchanged since it was loaded for the mail. What is
    loaded once the rows are held is what stands until the hand-over is over; a row that came or went shows, too."""
    hold(one.rows)
    subject = subject_of(one.message)
    if subject is None or loaded(one.kind.rests_on(subject)) != one.as_loaded:
        raise CannotSendNow
    return subject


def _close(message: Message, state: str, now: dt.datetime, detail: str, **fields) -> str:
    with transaction.atomic(savepoint=False):
        # Only the holder of the lease may record: a slow sender that lost it changes nothing.
        changed = Message.objects.filter(pk=message.pk, lease=message.lease, state=State.LEASED).update(
            state=state, leased_until=None, **fields
        )
        if changed:
            MessageAttempt.objects.create(message=message, at=now, outcome=state, detail=detail[:300])
    # Numbers and names of ours only: what went wrong may name an address, and stands in the row.
    said = {"message_id": message.pk, "kind": message.kind, "hub": message.hub_id, "attempts": message.attempts}
    level = logging.DEBUG if changed and state == State.SENT else logging.INFO
    log.log(level, "message %s", state if changed else "lost", extra=said)
    return state if changed else "lost"


def _retry(message: Message, now: dt.datetime, detail: str, **fields) -> str:
    if message.attempts >= TRIES:  # of a text; urgent as it is, it does not wait for the ladder
        with transaction.atomic():
            if _by_mail(message, now, detail):
                return State.SKIPPED
    if message.attempts >= MAX_ATTEMPTS:
        return _give_up(message, now, detail)
    wait = RETRY_AFTER[min(message.attempts, len(RETRY_AFTER)) - 1]
    later = now + dt.timedelta(seconds=wait)
    return _close(message, State.DUE, now, detail, first_due_at=FIRST_DUE, due_at=later, **fields)


def _give_up(message: Message, now: dt.datetime, detail: str) -> str:
    return _close(message, State.FAILED, now, detail, problem=Message.Problem.GAVE_UP, problem_text=detail[:300])


def _give_back(message: Message, now: dt.datetime, wait: dt.timedelta = MOMENT) -> None:
    """Nothing went wrong, only not now: no attempt is counted and nothing is written down."""
    Message.objects.filter(lease=message.lease, state=State.LEASED).update(
        state=State.DUE, leased_until=None, first_due_at=FIRST_DUE, due_at=now + wait, attempts=F("attempts") - 1
    )


def after(seconds: float) -> Callable[[], bool]:
    """A `stop` for `drain` that says yes once so much time has passed."""
    started = time.monotonic()
    return lambda: time.monotonic() - started > seconds


def _put_off(message: Message, now: dt.datetime) -> None:
    """A partner's system that did not take one call gets the others later: one that is down costs its time limit once
    a minute, whatever waits for it."""
    waiting = Message.objects.filter(
        subject_type=message.subject_type, subject_id=message.subject_id, kind=message.kind, state=State.DUE
    )
    later = now + dt.timedelta(seconds=RETRY_AFTER[0])
    waiting.filter(due_at__lt=later).update(first_due_at=FIRST_DUE, due_at=later)


def _wait_for_providers(post: Post, now: dt.datetime) -> None:
    """What goes by a provider that cannot be reached waits without being tried row by row."""
    waiting = Message.objects.filter(channel__in=post.cut_off, state=State.DUE, due_at__lte=now)
    later = now + dt.timedelta(seconds=CONNECT_AFTER)
    count = waiting.update(first_due_at=FIRST_DUE, due_at=later)
    log.warning("no connection to a provider", extra={"channels": sorted(post.cut_off), "waiting": count + 1})
    post.cut_off.clear()


def stands_still(now: dt.datetime) -> bool:
    """Whether mails wait because the mail server cannot be reached: whoever sends has not succeeded then."""
    mails = Message.objects.filter(channel=Message.Channel.EMAIL, state=State.DUE)
    return mails.filter(attempts=0, first_due_at__lte=now, due_at__gt=now).exists()


def drain(
    clock: Callable[[], dt.datetime],
    *,
    limit: int | None = None,
    stop: Callable[[], bool] = lambda: False,
    partners: bool = False,
) -> int:
    """Send what is due, oldest first, until nothing is, `limit` rows were handled, or `stop()`
    says so between two. Returns how many were handled. With `partners` the calls to partners' systems
    and nothing else, without it everything else."""
    done, post = 0, Post()
    try:
        while (limit is None or done < limit) and not stop():
            now = clock()
            message = claim(now, partners=partners)
            if message is None:
                break
            state = deliver_one(message, now, post)
            if partners and state == State.DUE:
                _put_off(message, now)
            if post.cut_off:
                _wait_for_providers(post, now)
            done += 1
    finally:
        post.close()
    return done
