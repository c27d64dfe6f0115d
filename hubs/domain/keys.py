"""Keys of calls and forms already answered: kept as long as somebody may try again, and no longer,
because an answer kept with its key may hold a student's name."""

from __future__ import annotations

import datetime as dt

from hubs.models import IdempotencyRecord

KEPT = dt.timedelta(days=7)
BATCH = 1000


def forget_keys(now: dt.datetime) -> int:
    """Delete what is older than `KEPT`, a batch at a time; how many. Safe twice, at once and killed."""
    done = 0
    old = IdempotencyRecord.objects.filter(created_at__lt=now - KEPT).order_by("pk").values_list("pk", flat=True)
    while batch := list(old[:BATCH]):
        done += IdempotencyRecord.objects.filter(pk__in=batch).delete()[0]
    return done
