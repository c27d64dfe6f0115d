"""What the hub's page of the standards says is counted by a job, a few minutes after something happened, and kept.

Counting reads every answer of the hub, which takes seconds where there are thousands of employers. The page
says as of when it was counted, and whoever does not want to wait has it counted at once.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterator

from django.db import transaction

from employers.models import CountedStandards, StandardsFramework
from hubs.models import Hub, LogEntry
from insights.overview import count, framework_of

log = logging.getLogger(__name__)

#: What the page counts, as the log names it.
COUNTED = (
    "employers.employer", "employers.selfassessment", "employers.assessmentround", "opportunities.planstep",
)  # fmt: skip
#: An entry is written before it can be read by others: what was written so long before a count may be missing in it.
SLACK = dt.timedelta(minutes=5)


def keep(hub: Hub, chosen: StandardsFramework, *, now: dt.datetime) -> CountedStandards:
    """Count and keep, in place of what was counted of this or an earlier version. Safe twice and at once."""
    row = CountedStandards(hub=hub, framework=chosen, found=count(hub, chosen, now=now), counted_at=now)
    with transaction.atomic():
        CountedStandards.objects.bulk_create(
            [row], update_conflicts=True, unique_fields=["framework"], update_fields=["found", "counted_at"]
        )
        CountedStandards.objects.filter(hub=hub, framework__code=chosen.code).exclude(framework=chosen).delete()
    return row


def kept(hub: Hub, chosen: StandardsFramework, *, now: dt.datetime) -> CountedStandards:
    """As last counted; counted now if it never was."""
    return CountedStandards.objects.filter(framework=chosen).first() or keep(hub, chosen, now=now)


def keep_due(now: dt.datetime) -> int:
    """Count where something happened since, or another day began. Returns how many were counted."""
    done = 0
    for hub in Hub.objects.filter(is_active=True).order_by("pk"):
        try:
            done += len([keep(hub, chosen, now=now) for chosen in _due(hub, now)])
        except Exception:  # one hub must not stop the others; it keeps what was counted last
            log.exception("the standards of hub %s could not be counted", hub.slug)
    return done


def _due(hub: Hub, now: dt.datetime) -> Iterator[StandardsFramework]:
    codes = StandardsFramework.objects.filter(hub=hub, side="employer").exclude(state="draft").order_by("code")
    for code in codes.values_list("code", flat=True).distinct():
        chosen = framework_of(hub, code)
        if chosen is not None and _is_due(hub, chosen, now):
            yield chosen


def _is_due(hub: Hub, chosen: StandardsFramework, now: dt.datetime) -> bool:
    last = CountedStandards.objects.filter(framework=chosen).values_list("counted_at", flat=True).first()
    if last is None or hub.today(last) != hub.today(now):
        return True
    happened = LogEntry.objects.filter(hub=hub, at__gt=last - SLACK, subject_type__in=COUNTED)
    return happened.exclude(verb="answered").exists()  # an answer counts once it is sent
