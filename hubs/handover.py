"""The moment in which a message meets a change of what it is about.

A sender reads what a message rests on, makes the mail, and then hands it to the provider
under a shared lock of those rows, having read them again under it and found them the same. Whoever
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

#: The rows as loaded: {(model, key): values}.
Seen = dict[tuple[str, int], tuple]
NOT_AVAILABLE = "55P03"  # PostgreSQL: lock_not_available


class CannotLock(Refused):
    """Somebody holds one of the rows: ask again in a moment."""

    code = "being_changed"


def hold(rows: Iterable[models.Model]) -> None:
    """Nobody changes these rows until the caller's transaction ends. Raises `CannotLock` when somebody does already.

    On SQLite a transaction that writes holds the whole database, so that there is nothing to lock.
    """
    if not connection.features.has_select_for_update:
        return
    named = {(row._meta.label_lower, row.pk): type(row) for row in rows}
    for _label, pk in sorted(named):
        _hold(named[_label, pk], pk)


def loaded(rows: Iterable[models.Model]) -> Seen:
    """The rows as they were loaded."""
    return {
        (row._meta.label_lower, row.pk): tuple(row.__dict__.get(field.attname) for field in row._meta.concrete_fields)
        for row in rows
    }


@cache
def _statement(model: type[models.Model], vendor: str) -> str:
    """Made once: it differs in the key alone, and making it costs more than running it. Every column, so that a row
    in two tables is held in both."""
    rows = model._base_manager.filter(pk=0).order_by().values_list()
    return f"{rows.query.sql_with_params()[0]} FOR SHARE NOWAIT"


def _hold(model: type[models.Model], pk: int) -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute(_statement(model, connection.vendor), [pk])
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", "") == NOT_AVAILABLE:
            raise CannotLock("Somebody is changing this.") from error
        raise
