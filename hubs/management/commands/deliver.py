"""Send what is due without a worker: once, or in a loop."""

from __future__ import annotations

import time

from django.core.management.base import BaseCommand
from django.db import close_old_connections
from django.utils import timezone
from django.utils.translation import gettext as _

from hubs import heartbeat, outbox


class Command(BaseCommand):
    help = "Send the messages that are due. Safe beside any number of workers."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--loop", action="store_true", help="keep going until stopped")
        parser.add_argument("--every", type=float, default=5.0, metavar="SECONDS", help="pause between rounds")

    def handle(self, *args, **options) -> None:
        while True:
            done = outbox.drain(timezone.now)
            heartbeat.record("deliver", now=timezone.now())
            if done or not options["loop"]:
                self.stdout.write(_("%(count)d messages handled.") % {"count": done})
            if not options["loop"]:
                return
            close_old_connections()
            time.sleep(options["every"])
