"""How long a hundred messages take from due to sent, into memory."""

from __future__ import annotations

from django.core import mail
from django.test.utils import override_settings
from django.utils import timezone

from bench import RUNS
from hubs import delivery, outbox
from hubs.mail import Mail
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


CASES = {f"send {COUNT}": drain}
