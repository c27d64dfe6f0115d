"""When each job last succeeded, kept where every process of a deployment can read it."""

from __future__ import annotations

import datetime as dt

from django.core.cache import cache


def record(job: str, *, now: dt.datetime) -> None:
    """Called by a job after its work is committed, never before."""
    cache.set(f"heartbeat:{job}", now.isoformat(), timeout=None)


def last(job: str) -> dt.datetime | None:
    """The aware moment of this job's last success, or None when it is not known."""
    found = cache.get(f"heartbeat:{job}")
    return dt.datetime.fromisoformat(found) if found else None
