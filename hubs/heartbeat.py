"""When each job last succeeded, kept where every process of a deployment can read it."""

from __future__ import annotations

import datetime as dt

from hubs.models.watch import Heartbeat


def record(job: str, *, now: dt.datetime, every: int = 0) -> None:
    """Called by a job after its work is committed, never before. `every` is how many seconds
    later it should succeed again; 0 when nobody expects it."""
    Heartbeat.objects.update_or_create(job=job, defaults={"at": now, "every": every})


def last(job: str) -> dt.datetime | None:
    """The aware moment of this job's last success, or None when it is not known."""
    return Heartbeat.objects.filter(job=job).values_list("at", flat=True).first()
