"""When each job last succeeded, kept where every process of a deployment can read it."""

from __future__ import annotations

import datetime as dt

from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Max

from hubs.models.watch import Heartbeat

#: Each job somebody should see succeed, with the seconds between its turns. Whoever holds the schedule fills it.
EXPECTED: dict[str, int] = {}


def record(job: str, *, now: dt.datetime, every: int = 0) -> None:
    """Called by a job after its work is committed, never before. `every` is how many seconds
    later it should succeed again; 0 when nobody expects it."""
    Heartbeat.objects.update_or_create(job=job, defaults={"at": now, "every": every})


def last(job: str) -> dt.datetime | None:
    """The aware moment of this job's last success, or None when it is not known."""
    return Heartbeat.objects.filter(job=job).values_list("at", flat=True).first()


def deployed_at() -> dt.datetime | None:
    """When this database was last brought up to date: a job that has never run is waited for since then."""
    return MigrationRecorder.Migration.objects.aggregate(latest=Max("applied"))["latest"]
