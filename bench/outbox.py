"""How long a hundred messages take from due to sent, into memory."""

from __future__ import annotations

import itertools

from django.core import mail
from django.test.utils import override_settings
from django.utils import timezone

from hubs import delivery, outbox
from hubs.mail import Mail
from tests.cast import two_hubs

DATABASE = True
COUNT = 100
versions = itertools.count()
made: dict = {}


def prepare() -> None:
    made["subject"] = two_hubs().employer
    outbox.register(
        outbox.Kind(
            "bench", "a measure", "nobody", "low", lambda *args: Mail("A measure", ("A line.",)), lambda *args: True
        )
    )


def queue_and_drain() -> None:
    now = timezone.now()
    for number in range(COUNT):
        to = outbox.Recipient(f"a{number}@example.org", "A", "en-gb")
        outbox.queue("bench", made["subject"], to, now=now, version=str(next(versions)))
    with override_settings(EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend"):
        mail.outbox = []
        if (done := delivery.drain(timezone.now)) != COUNT:
            raise RuntimeError(f"{done} messages were handled instead of {COUNT}")


CASES = {f"queue_and_send_{COUNT}": queue_and_drain}
