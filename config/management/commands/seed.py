"""Fill an empty database with the demonstration."""

from __future__ import annotations

import logging
import time

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.utils import timezone

from config.demo.build import build
from config.scale.build import SIGN_INS
from config.scale.build import build as build_scale
from hubs.models import Hub
from opportunities.models import Opportunity, Session
from placements.domain.capacity import recount
from placements.models import Placement, PlacementRequest
from schools.models import School

MOST = 50
LARGE = "hub"


class Command(BaseCommand):
    help = "Fill an empty database with two invented hubs and a year of their work."
    requires_system_checks = ()

    def add_arguments(self, parser) -> None:
        parser.add_argument("--if-empty", action="store_true", help="do nothing when there is a hub already")
        parser.add_argument(
            "--scale",
            default="1",
            help='how many times the usual content (default: 1), or "hub": one large hub, in bulk',
        )

    def handle(self, *args, **options) -> None:
        if Hub.objects.exists():
            if options["if_empty"]:
                return
            raise CommandError("There is a hub already. The demonstration goes into an empty database only.")
        if not settings.DEMO:
            raise CommandError("The demonstration is for trying things out. Set DEMO=1 if that is what you want.")
        scale = options["scale"]
        if scale != LARGE and not (scale.isdecimal() and 1 <= int(scale) <= MOST):
            raise CommandError(f'--scale takes 1 to {MOST}, or "{LARGE}".')
        started = time.monotonic()
        for talkative in ("wagtail", "hubs.delivery"):  # of every page made, every past message left unsent
            logging.getLogger(talkative).setLevel(logging.WARNING)
        if scale == LARGE:
            build_scale(timezone.now(), say=self.note)
            self.stdout.write(f"Sign in as {', '.join(SIGN_INS)}.")
        else:
            self.tell(int(scale), options["verbosity"])
        analyse()
        self.stdout.write(f"{self.summary()} In {time.monotonic() - started:.0f} s.")
        if wrong := recount():
            raise CommandError(f"Places are miscounted in {len(wrong)} sessions.")

    def tell(self, scale: int, verbosity: int) -> None:
        self.stdout.write("Inventing two hubs and a year of their work (about half a minute)…")
        self.stdout.flush()
        broken = build(timezone.now(), scale=scale, say=self.note if verbosity > 1 else _silent)
        for name, sentence in broken if verbosity > 1 else ():
            self.stdout.write(f"  left out: {name}: {sentence}")

    def note(self, line: str) -> None:
        self.stdout.write(f"  {line}")

    def summary(self) -> str:
        return (
            f"{Hub.objects.count()} hubs, {School.objects.count()} schools, "
            f"{Opportunity.objects.count()} opportunities, "
            f"{Session.objects.count()} sessions, {PlacementRequest.objects.count()} requests, "
            f"{Placement.objects.count()} placements."
        )


def analyse() -> None:
    """Tell the planner of rows that came all at once. Table by table: a bare ANALYZE takes the catalogues that all
    databases of a server share as well, and whoever is at them waits."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"ANALYZE {connection.ops.quote_name(table)}")


def _silent(line: str) -> None:
    """Says nothing."""
