"""A mailbox that ends its own process at a moment a test has named in the file `die`, once."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from django.conf import settings

from hubs.mailbox import MailboxBackend


def die_if_told(moment: str) -> None:
    """As kill -9 would, on this very line."""
    told = Path(settings.VAR_DIR) / "die"
    if told.exists() and told.read_text() == moment:
        told.unlink()
        os.kill(os.getpid(), signal.SIGKILL)


class MortalBackend(MailboxBackend):
    def send_messages(self, email_messages) -> int:
        die_if_told("before sending")
        done = super().send_messages(email_messages)
        die_if_told("after sending")
        return done
