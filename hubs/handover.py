"""The moment in which a message meets a change of what it is about.

A sender reads what a message rests on, makes the mail, and then hands it to the provider
under a shared lock of those rows, having seen that they are still as they were read. Whoever
changes one of them waits for that hand-over to end, whichever verb they come by, because an
UPDATE needs the lock; so no message about an old state is handed over after the change is
committed. The sender never waits for a lock: a row that somebody is changing right now sends
the message back for a moment, and neither side can stop the other in a ring.

What stays outside: a provider that took a message and passes it on later, and one whose
answer did not come in time, of which nobody can know what it still does.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from django.db import OperationalError, connection, models

from hubs.errors import Refused

#: The rows as read: {(model, key): values}. A row that is gone has none.
Seen = dict[tuple[str, int], tuple | None]
NOT_AVAILABLE = "55P03"  # PostgreSQL: lock_not_available


class CannotLock(Refused):
    """Somebody holds one of the rows: ask again in a moment."""

    code = "being_changed"


def seen(rows: Iterable[models.Model], *, hold: bool = False) -> Seen:
    """What the database says of these rows now; with `hold`, nobody changes them until the
    caller's transaction ends. Raises `CannotLock` when somebody does already.

    On SQLite a transaction holds the whole database, so that there is nothing to lock.
    """
    named = {(row._meta.label_lower, row.pk): type(row) for row in rows}
    return {key: _values(named[key], key[1], hold=hold) for key in sorted(named)}


def loaded(rows: Iterable[models.Model]) -> Seen:
    """The same rows as they were loaded, which may have been a moment before `seen` asked."""
    return {
        (row._meta.label_lower, row.pk): tuple(row.__dict__.get(field.attname) for field in row._meta.concrete_fields)
        for row in rows
    }


@cache
def _statement(model: type[models.Model], vendor: str) -> str:
    """Made once: it differs in the key alone, and making it costs more than running it."""
    return model._base_manager.filter(pk=0).values_list().query.sql_with_params()[0]


def _values(model: type[models.Model], pk: int, *, hold: bool) -> tuple | None:
    sql = _statement(model, connection.vendor)
    if hold and connection.features.has_select_for_update:
        # A row read with a lock is the latest committed one, not that of the statement's snapshot.
        sql = f"{sql} FOR SHARE NOWAIT"
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql, [pk])
            return cursor.fetchone()
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", "") == NOT_AVAILABLE:
            raise CannotLock("Somebody is changing this.") from error
        raise
