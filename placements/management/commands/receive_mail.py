"""Take in one mail from standard input, for a mail server on this machine (docs/answers.md)."""

from __future__ import annotations

import os
import sys

from django.core.management.base import BaseCommand

from employers.files import CannotScan
from hubs.clock import database_now
from hubs.mail_in import CannotReadMail
from placements.domain import replies

MOST_MAIL = 15 * 1024 * 1024


class Command(BaseCommand):
    help = "Take in a mail that was answered to RECIPIENT. Exit codes are those of sysexits.h."

    def add_arguments(self, parser) -> None:
        parser.add_argument("recipient", help="the address on the envelope")

    def handle(self, *args, **options) -> None:
        raw = sys.stdin.buffer.read(MOST_MAIL + 1)
        if len(raw) > MOST_MAIL:
            sys.exit(os.EX_DATAERR)
        try:
            became = replies.receive_mail(raw, options["recipient"], now=database_now())
        except replies.CannotFindThread:
            sys.exit(os.EX_NOUSER)
        except CannotReadMail:
            sys.exit(os.EX_DATAERR)
        except CannotScan:
            sys.exit(os.EX_TEMPFAIL)
        self.stdout.write(became)
