"""Migrations may take longer than a page."""

from __future__ import annotations

import pytest
from django.core.management import call_command, get_commands, load_command_class
from django.core.management.commands import migrate
from django.db import connection


def limits() -> list[str]:
    found = []
    with connection.cursor() as cursor:
        for name in ("statement_timeout", "lock_timeout"):
            cursor.execute(f"SHOW {name}")
            found.append(cursor.fetchone()[0])
    return found


@pytest.mark.django_db
@pytest.mark.needs_postgresql
def test_limits_of_a_page_do_not_hold_for_migrations_and_hold_again_after(monkeypatch):
    within = []
    monkeypatch.setattr(migrate.Command, "handle", lambda *_args, **_options: within.extend(limits()))
    before = limits()
    call_command("migrate", verbosity=0)
    assert within == ["0", "30s"]
    assert limits() == before != within


def test_the_command_is_ours():
    assert load_command_class(get_commands()["migrate"], "migrate").__module__ == "hubs.management.commands.migrate"
