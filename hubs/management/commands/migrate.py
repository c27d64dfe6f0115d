"""Django's `migrate`, which may take its time."""

from __future__ import annotations

from django.core.management.commands import migrate
from django.db import connection


class Command(migrate.Command):
    """The limits of a page (`STATEMENT_TIMEOUT_MS`) are no limits for an index on a grown table. The one on locks
    stays, a little longer: a migration that waits for its lock holds up everybody who comes after it."""

    def handle(self, *args, **options):
        self.limit("SET statement_timeout = 0", "SET lock_timeout = '30s'")
        try:
            return super().handle(*args, **options)
        finally:
            self.limit("RESET statement_timeout", "RESET lock_timeout")

    def limit(self, *statements: str) -> None:
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                for statement in statements:
                    cursor.execute(statement)
