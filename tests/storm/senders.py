"""Senders as processes of their own, forked so that hundreds may be killed in a minute."""

from __future__ import annotations

import os
import signal
import time

from django.db import connections

from hubs import delivery
from hubs.clock import database_now


def fork_sender() -> int:
    """A process that sends what is due until it is killed; its pid."""
    connections.close_all()  # a connection shared by two processes would serve neither
    pid = os.fork()
    if pid:
        return pid
    try:
        while True:
            if not delivery.drain(database_now):
                time.sleep(0.05)  # what is left may be leased by a sender that is dead
    finally:
        os._exit(1)


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
