"""Which placements belong together: sessions given in one step, and what comes after what."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable

from django.db.models import Count

from hubs.models import LogEntry
from placements.models import CalendarEvent, Placement
from placements.models.placement import TAKING


def series_of(rows: Iterable[Placement]) -> dict[int, int]:
    """{placement id: what its series is known by}; one held alone is known by itself."""
    keys = [row.pk for row in rows]
    entries = LogEntry.objects.filter(subject_type=Placement._meta.label_lower, subject_id__in=keys, verb="held")
    said = dict(entries.values_list("subject_id", "facts__series"))
    return {pk: said.get(pk) or pk for pk in keys}


def with_others(requests: Collection[int | None]) -> frozenset[int]:
    """Those of the requests for which more than one placement stands."""
    standing = Placement.objects.filter(request__in=[pk for pk in requests if pk], state__in=TAKING)
    counted = standing.order_by().values("request").annotate(standing=Count("pk"))
    return frozenset(counted.filter(standing__gt=1).values_list("request", flat=True))


def following(placement: Placement, last_on: dt.date) -> tuple[str, int]:
    """The UID of what calendars show next of the same series in another placement, after `last_on`, and the whole days
    between; ("", 0) when nothing follows. With the same employer, as each sees the gap in its own calendar.

    Read without locks: what changes there is found by `calendar.true_up`."""
    if placement.request_id is None:
        return "", 0
    standing = Placement.objects.filter(request=placement.request_id, employer=placement.employer_id, state__in=TAKING)
    if placement.offered_at is not None:
        # The employer reads this one's calendar by now, and no more of the series than it was asked for.
        standing = standing.filter(offered_at__isnull=False)
    others = list(standing.exclude(pk=placement.pk))
    if not others:
        return "", 0
    series = series_of([placement, *others])
    mine = [row.pk for row in others if series[row.pk] == series[placement.pk]]
    later = CalendarEvent.objects.filter(placement__in=mine, on__gt=last_on).exclude(status="CANCELLED")
    found = later.order_by("on", "starts_at", "pk").values_list("uid", "on").first()
    return (str(found[0]), (found[1] - last_on).days - 1) if found else ("", 0)
