"""The one clock that decides what is due: the database's.

Workers on several machines never agree on the time; a sender two hours ahead would send
early and take leases that others still hold.
"""

from __future__ import annotations

import datetime as dt

from django.db import connection
from django.utils import timezone


def database_now() -> dt.datetime:
    """The present moment as the database sees it. SQLite lives on this machine: its clock is ours."""
    if connection.vendor != "postgresql":
        return timezone.now()
    with connection.cursor() as cursor:
        # Not now(): inside a transaction that is the moment the transaction began.
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0]
