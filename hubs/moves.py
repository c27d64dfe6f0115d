"""The one door for state (HOUSE.md rule 3).

A model with a state declares `MOVES`: rows of (from, to, who) or (from, to, who, guard).
`who` is a set of hats (see `hubs.actors`); a guard is a function (row, now) -> sentence or
None, saying why the move cannot happen yet. The same table drives buttons, API and tests.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator

from django.db import models, transaction
from django.utils.translation import gettext as _

from hubs.actors import Actor
from hubs.errors import CannotAct, CannotBegin, CannotMove
from hubs.log import record


def rows_of(row: models.Model) -> Iterator[tuple]:
    """MOVES with every row padded to (from, to, who, guard)."""
    for move_row in row.MOVES:
        start, end, who, *guard = move_row
        yield start, end, who, (guard[0] if guard else None)


def open_moves(row: models.Model, by: Actor) -> list[str]:
    """Target states this actor could choose now, guards aside: what the buttons show."""
    return [end for start, end, who, _guard in rows_of(row) if start == row.state and by.may(row, who)]


def check(row: models.Model, to: str, *, by: Actor, now: dt.datetime) -> None:
    """Raise `CannotMove`, `CannotAct` or `CannotBegin` unless `move` would go through."""
    matching = [r for r in rows_of(row) if r[0] == row.state and r[1] == to]
    if not matching:
        raise CannotMove(
            _("This is %(state)s now, so it cannot become %(to)s.")
            % {"state": row.get_state_display(), "to": label(row, to)}
        )
    _start, _end, who, guard = matching[0]
    if not by.may(row, who):
        raise CannotAct(_("Your role does not include this. Ask a lead of the organisation or the hub."))
    sentence = guard(row, now) if guard else None
    if sentence:
        raise CannotBegin(sentence)


def move(
    row: models.Model,
    to: str,
    *,
    by: Actor,
    now: dt.datetime,
    reason: str = "",
    because: str = "",
    also: dict | None = None,
    as_read: Collection[str] = (),
    **facts,
) -> None:
    """Change `row.state` to `to`, or raise. Sets the fields of `also` in the same update. `reason` is what a person
    wrote, `because` the code of `hubs.reasons` where it happens by itself.

    Compare-and-swap: when somebody else moved the row first, or changed one of the fields `as_read` that what
    follows goes by, nothing is written and `CannotMove` is raised. The caller's transaction holds the log entry
    and any messages.
    """
    check(row, to, by=by, now=now)
    old, also = row.state, also or {}
    known = {name: getattr(row, name) for name in as_read}
    with transaction.atomic():
        changed = type(row)._base_manager.filter(pk=row.pk, state=old, **known).update(state=to, **also)
        if not changed:
            raise CannotMove(_("Somebody else changed this a moment ago. Look again before you go on."))
        for name, value in {"state": to, **also}.items():
            setattr(row, name, value)
        record(row, to, by=by, now=now, from_state=old, to_state=to, reason=reason, because=because, **facts)


def lock_state(row: models.Model, *fields: str) -> None:
    """Wait for whoever changes the row now, and read what they left: a locked row comes as it is then.

    For verbs that rely on `row.state`, and on the `fields` named, as they stand; call it in their
    transaction. What else they go by is read in a second statement (see `hubs.locks`).
    """
    held = type(row)._base_manager.select_for_update(of=("self",), no_key=True)
    row.refresh_from_db(fields=["state", *fields], from_queryset=held)


def label(row: models.Model, state: str) -> str:
    """The state's name for people; the state itself when the row no longer knows it."""
    return str(dict(row._meta.get_field("state").choices).get(state, state))
