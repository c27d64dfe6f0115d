"""Make a hub, and invite its first lead."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from config.founding import found_hub
from hubs.actors import system
from hubs.domain.people import invite
from hubs.domain.settings import ruled
from hubs.models import Role

FIELDS = ("language", "time_zone", "country", "jurisdiction", "colour", "contact_email")


class Command(BaseCommand):
    help = "Make a hub with its site, types, templates and rules, and invite its first lead by e-mail."

    def add_arguments(self, parser) -> None:
        parser.add_argument("name", help='such as "Harbour Careers Hub"')
        parser.add_argument("slug", help="a short name in lower-case letters, such as harbour")
        parser.add_argument("hostname", help="the address people type, such as hub.example.org")
        parser.add_argument("--lead", required=True, metavar="EMAIL", help="who leads the hub")
        for field in FIELDS:
            parser.add_argument(f"--{field.replace('_', '-')}")

    def handle(self, *args, **options) -> None:
        now = timezone.now()
        by = system(via="command")
        fields = {field: options[field] for field in FIELDS if options[field]}
        try:
            with transaction.atomic():
                hub = found_hub(
                    name=options["name"], slug=options["slug"], hostname=options["hostname"], by=by, now=now, **fields
                )
                invite(hub, None, email=options["lead"], role=Role.HUB_LEAD, by=system(hub.pk, via="command"), now=now)
        except ValidationError as error:
            raise CommandError(
                "; ".join(f"{name}: {' '.join(said)}" for name, said in error.message_dict.items())
            ) from error
        self.stdout.write(f"{hub} is at {hub.url('/')}. An invitation is on its way to {options['lead']}.")
        if hub.jurisdiction not in (known := ruled()):
            there = ", ".join(sorted(place for place in known if "-" not in place or place == "GB-ENG"))
            self.stdout.write(
                f"No rules ship for {hub.jurisdiction}: placements there are asked for nothing but what the hub adds "
                f"itself. Rules ship for {there} and their regions, such as DE-BE."
            )
