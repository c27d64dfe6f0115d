"""Print every kind of message as the table that docs/messages.md holds."""

from __future__ import annotations

from django.core.management.base import BaseCommand
from django.utils import translation
from django.utils.text import capfirst

from hubs.outbox import KINDS, Kind

HEAD = """# What is sent

Every kind of message, from the registry. Written by `python manage.py message_kinds > docs/messages.md`.

*Urgency*: **now** goes at once; **today** within office hours of an open day; **digest** waits for the next
morning, gathered with what else waits for the same reader. A time named under *when* that is
no office hour of an open day, hub and school alike, gives way to the next morning, unless the kind goes at once.

| kind | to | when | why | by | urgency | may be gathered | may be refused |
|---|---|---|---|---|---|---|---|
"""


class Command(BaseCommand):
    help = "Print the list of message kinds for docs/messages.md."

    def handle(self, *args, **options) -> None:
        with translation.override("en-gb"):
            lines = [line(kind) for kind in sorted(KINDS.values(), key=lambda one: one.name)]
        self.stdout.write(HEAD + "\n".join(lines))


def line(kind: Kind) -> str:
    cells = (
        f"`{kind.name}`<br>{capfirst(str(kind.about))}", kind.audience, kind.when, kind.why, ", ".join(kind.channels),
        kind.urgency, "yes" if kind.may_digest else "no", "yes" if kind.may_opt_out else "no",
    )  # fmt: skip
    return f"| {' | '.join(str(cell) for cell in cells)} |"
