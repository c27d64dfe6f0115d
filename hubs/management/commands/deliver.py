"""Send what is due without a worker: once, or in a loop. Needs the database and nothing else."""

from __future__ import annotations

import logging
import math
import signal
import threading

from django.core.management.base import BaseCommand
from django.db import InterfaceError, OperationalError, close_old_connections
from django.utils.translation import gettext as _

from hubs import delivery, heartbeat, partners
from hubs.clock import database_now

PARTNERS_BUDGET = 10  # seconds
log = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Send the messages that are due. Safe beside any number of workers."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--loop", action="store_true", help="keep going until stopped")
        parser.add_argument("--every", type=float, default=5.0, metavar="SECONDS", help="pause between rounds")

    def handle(self, *args, **options) -> None:
        stop = threading.Event()
        if not options["loop"]:
            done = self.round(stop, 0)
            self.stdout.write(_("%(count)d messages handled.") % {"count": done})
            return
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_args: stop.set())  # the message in hand is finished first
        while not stop.is_set():
            try:
                self.round(stop, math.ceil(options["every"]))
            except (OperationalError, InterfaceError) as error:  # the database is away: wait for it
                log.warning("delivery waits for the database: %s", type(error).__name__)
            close_old_connections()
            stop.wait(options["every"])

    def round(self, stop: threading.Event, every: int) -> int:
        done = delivery.drain(database_now, stop=stop.is_set)
        if not delivery.stands_still(database_now()):
            heartbeat.record("deliver", now=database_now(), every=every)
        partners.tell_all(database_now())
        late = delivery.after(PARTNERS_BUDGET)  # then mails have their turn again
        done += delivery.drain(database_now, stop=lambda: stop.is_set() or late(), partners=True)
        heartbeat.record("tell-partners", now=database_now(), every=every)
        return done
