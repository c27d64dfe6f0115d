"""How fast messages go: a hundred into memory, and the oldest thousand of fifty thousand due rows
into nothing, by two senders at once."""

from __future__ import annotations

import datetime as dt
import os

from django.core import mail
from django.db import connection, connections
from django.test.utils import override_settings
from django.utils import timezone

from bench import RUNS
from hubs import delivery, outbox
from hubs.clock import database_now
from hubs.mail import Mail
from hubs.models import Message
from tests.cast import two_hubs

DATABASE = True
COUNT = 100
made: dict = {}


def prepare() -> None:
    made["subject"] = two_hubs().employer
    outbox.register(
        outbox.Kind(
            "bench", "a measure", "nobody", "now", lambda *args: Mail("A measure", ("A line.",)), lambda *args: True
        )
    )
    now = timezone.now()
    for number in range(COUNT * (RUNS + 1)):
        to = outbox.Recipient(f"a{number}@example.org", "A", "en-gb")
        outbox.queue("bench", made["subject"], to, now=now)


def drain() -> None:
    with override_settings(EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend"):
        mail.outbox = []
        if (done := delivery.drain(timezone.now, limit=COUNT)) != COUNT:
            raise RuntimeError(f"{done} messages were handled instead of {COUNT}")


WAITING, DRAINED, SENDERS = 50_000, 1_000, 2
NOWHERE = "django.core.mail.backends.dummy.EmailBackend"


def fill() -> None:
    """Due rows, the oldest first: as many as are to wait behind what all runs send."""
    now, subject, count = database_now(), made["subject"], WAITING + DRAINED * (RUNS + 1)
    Message.objects.bulk_create(
        [
            Message(
                key=f"bench {number}", hub_id=subject.hub_id, kind="bench", name="A", language="en-gb",
                subject_type=subject._meta.label_lower, subject_id=subject.pk, address="a@example.org",
                due_at=now - dt.timedelta(seconds=count - number), created_at=now,
            )
            for number in range(count)
        ],
        batch_size=2000,
    )  # fmt: skip


def drain_with_two_senders() -> None:
    """Two processes, as on two cores. Raises when a younger row went before an older one."""
    if not Message.objects.filter(key="bench 0").exists():
        fill()
        with connection.cursor() as cursor:  # the planner knows nothing of rows that came all at once
            cursor.execute("ANALYZE")
    oldest = Message.objects.claimable(database_now()).order_by("due_at", "pk").values_list("pk", flat=True)[:DRAINED]
    oldest = list(oldest)
    connections.close_all()  # a connection shared by two processes would serve neither
    pids = [_sender(DRAINED // SENDERS) for _number in range(SENDERS)]
    if any(os.waitpid(pid, 0)[1] for pid in pids):
        raise RuntimeError("a sender failed")
    left = Message.objects.filter(pk__in=oldest).exclude(state="sent").count()
    if left:
        raise RuntimeError(f"{left} of the oldest {DRAINED} rows were passed over")


def _sender(count: int) -> int:
    pid = os.fork()
    if pid:
        return pid
    status = 1
    try:
        with override_settings(EMAIL_BACKEND=NOWHERE):
            status = int(delivery.drain(database_now, limit=count) != count)
    finally:
        os._exit(status)


SENT, DRAINED_BY_TWO = f"send {COUNT}", f"drain {DRAINED} of {WAITING} due, two senders"
CASES = {SENT: drain, DRAINED_BY_TWO: drain_with_two_senders}
COUNTS = {SENT: COUNT, DRAINED_BY_TWO: DRAINED}
