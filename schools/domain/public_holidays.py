"""Public holidays of the school's country and region: offered, and written only when somebody says so."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from hubs.actors import Actor
from hubs.log import record
from hubs.wallclock import named_public_holidays
from schools.domain.imports import lock
from schools.domain.rights import needs_keeper
from schools.models import Closure, School


def jurisdiction_of(school: School) -> str:
    """The hub's country with the school's region, else the hub's own: "GB-SCT", "DE-BY"."""
    return f"{school.hub.country}-{school.region}" if school.region else school.hub.jurisdiction


def offered(school: School, first: dt.date, last: dt.date) -> list[tuple[dt.date, str]]:
    """(day, name) of the public holidays from `first` to `last` (inclusive) on weekdays that the calendar
    does not show as a day without lessons already."""
    spans = Closure.objects.filter(school=school, starts_on__lte=last, ends_on__gte=first)
    spans = spans.exclude(kind=Closure.Kind.SHORT_DAY)
    known = list(spans.values_list("starts_on", "ends_on"))
    return [
        (day, name)
        for day, name in named_public_holidays(jurisdiction_of(school), first, last)
        if day.weekday() < 5 and not any(start <= day <= end for start, end in known)
    ]


def adopt(school: School, first: dt.date, last: dt.date, *, by: Actor, now: dt.datetime) -> int:
    """Put those that are offered into the calendar, all in one step; how many. Twice is once."""
    needs_keeper(school, by)
    with transaction.atomic():
        lock(school)
        rows = [
            Closure(
                hub_id=school.hub_id, school=school, kind=Closure.Kind.PUBLIC_HOLIDAY, name=name[:120],
                starts_on=day, ends_on=day, edited=True,
            )
            for day, name in offered(school, first, last)
        ]  # fmt: skip
        Closure.objects.bulk_create(rows)
        if rows:
            record(school, "changed", by=by, now=now, fields=["public holidays"], count=len(rows))
    return len(rows)
