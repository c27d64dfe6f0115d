"""Rows held until the transaction ends, in one order for everybody."""

from __future__ import annotations

from django.db.models import QuerySet


def lock_rows(rows: QuerySet) -> list:
    """Hold these rows until the caller's transaction ends, and return their keys.

    They are locked in the order of their keys, so that two callers who want several of the same wait for each other
    once and never for ever. What is decided by them is read in a second statement: one that had to wait may show
    other rows as they were before the wait. On SQLite whoever writes holds everything since BEGIN.
    """
    locked = rows.select_for_update(of=("self",), no_key=True).order_by("pk")
    return list(locked.values_list("pk", flat=True))


def lock_and_read(rows: QuerySet) -> list:
    """Hold these rows as `lock_rows` does, and return them as they are once held.

    PostgreSQL gives a row that was waited for as whoever held it left it, and leaves it out when it is none of `rows`
    any more. That goes for the locked rows alone: what is joined to them, counted over them or new since then is as
    old as the statement, and has to be read in a second one.
    """
    return list(rows.select_for_update(of=("self",), no_key=True).order_by("pk"))
