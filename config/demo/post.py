"""The demo's mail: long past ones went, recent ones lie in the mailbox under their own time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from hubs import delivery, outbox
from hubs.models.message import Message, MessageAttempt

KEPT = dt.timedelta(days=14)
MOST = 90
MAILBOX = "hubs.mailbox.MailboxBackend"
State = Message.State


@contextmanager
def _into_mailbox() -> Iterator[None]:
    """No mail of the demo leaves the machine, whatever the settings say."""
    usual, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, MAILBOX
    try:
        yield
    finally:
        settings.EMAIL_BACKEND = usual


def carry(now: dt.datetime, end: dt.datetime) -> None:
    """Send what is due at `now`; what is older than two weeks at `end` leaves no copy."""
    if now <= end - KEPT:
        _close_old(now)
        return
    folder = Path(settings.MAILBOX_DIR)
    known = set(folder.glob("*.eml"))
    with _into_mailbox():
        delivery.drain(lambda: now)
    for number, path in enumerate(sorted(set(folder.glob("*.eml")) - known)):
        path.rename(folder / f"{int(now.timestamp()) * 10**9 + number}.eml")


def _close_old(now: dt.datetime) -> None:
    """Record as sent, or as no longer needed, what the sender would have; nobody will open it."""
    attempts = []
    for message in Message.objects.claimable(now).select_related("hub").order_by("due_at", "pk"):
        subject, kind = outbox.subject_of(message), outbox.KINDS[message.kind]
        late = message.not_after is not None and now > message.not_after
        if late or subject is None:
            state = State.EXPIRED
        else:
            state = State.SENT if kind.live(subject, message, now) else State.SKIPPED
        sent_at = max(message.due_at, message.created_at) if state == State.SENT else None
        Message.objects.filter(pk=message.pk).update(state=state, attempts=1, sent_at=sent_at)
        attempts.append(MessageAttempt(message=message, at=sent_at or now, outcome=state))
    MessageAttempt.objects.bulk_create(attempts)


def clear() -> None:
    """Take away the mails of a demo that was stopped while it was made: their senders were never kept."""
    for path in Path(settings.MAILBOX_DIR).glob("*.eml"):
        path.unlink()


def thin() -> int:
    """Keep the newest `MOST`; returns how many there are."""
    found = sorted(Path(settings.MAILBOX_DIR).glob("*.eml"))
    for path in found[:-MOST]:
        path.unlink()
    return min(len(found), MOST)
