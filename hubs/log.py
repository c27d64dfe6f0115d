"""Writing the one log."""

from __future__ import annotations

import datetime as dt

from django.db import models

from hubs.actors import Actor
from hubs.models.log import LogEntry


def record(
    row: models.Model,
    verb: str,
    *,
    by: Actor,
    now: dt.datetime,
    from_state: str = "",
    to_state: str = "",
    reason: str = "",
    because: str = "",
    hub_id: int | None = None,
    **facts,
) -> LogEntry:
    """One entry about `row`; call it in the transaction of the change itself.

    `verb` is one of `hubs.verbs.VERBS`. `reason` is what a person wrote; `because` is the code of
    `hubs.reasons` when nobody did. `hub_id` is needed for a row that is of no hub.
    """
    return LogEntry.objects.create(
        hub_id=hub_id or row.hub_id,
        at=now,
        by=by.user,
        hat=by.hat,
        on_behalf_of=by.on_behalf_of,
        via=by.via,
        verb=verb,
        subject_type=row._meta.label_lower,
        subject_id=row.pk,
        from_state=from_state,
        to_state=to_state,
        reason=reason,
        facts={**by.facts, **facts, **({"because": because} if because else {})},
    )
