from django.core.management.base import BaseCommand
from django.db import transaction
from django.utils import timezone

from hubs import outbox
from tests.cast import two_hubs


class Command(BaseCommand):
    help = "Queue COUNT drill messages."

    def add_arguments(self, parser) -> None:
        parser.add_argument("count", type=int)

    @transaction.atomic
    def handle(self, *args, **options) -> None:
        cast = two_hubs()
        for number in range(options["count"]):
            to = outbox.Recipient(f"drill{number}@example.org", "Drill", "en-gb")
            outbox.queue("drill", cast.employer, to, now=timezone.now(), version=str(number))
