"""What came to each worklist, is left over, was done or expired since yesterday."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import NamedTuple

from django.db import transaction
from django.db.models import Count, Q

from hubs.models import Hub, User
from placements.models import DeskItem
from placements.worklists_kinds import Source
from placements.worklists_rows import SOURCES

KEPT = dt.timedelta(days=90)  # a row that left is kept so long: it names nobody, and nobody asks later


class Tally(NamedTuple):
    """Since the beginning of yesterday, on the hub's calendar. `left_over`: open, and older."""

    came: int = 0
    left_over: int = 0
    done: int = 0
    expired: int = 0


def remember(hub: Hub, *, now: dt.datetime) -> int:
    """Write what came to and what left each list of the hub; how many rows changed.

    Safe twice and at once: an open row is unique, and one that somebody else closed is not
    closed again.
    """
    with transaction.atomic():
        Hub.objects.select_for_update(of=("self",), no_key=True).get(pk=hub.pk)
        changed = sum(_remember(source, hub, now) for source in SOURCES)
        DeskItem.objects.filter(hub=hub, left_at__lt=now - KEPT).delete()
    return changed


def remember_all(now: dt.datetime) -> int:
    return sum(remember(hub, now=now) for hub in Hub.objects.filter(is_active=True).order_by("pk"))


def _remember(source: Source, hub: Hub, now: dt.datetime) -> int:
    rows = source.rows(hub, now).order_by()
    there = (
        dict(rows.values_list("pk", source.manager))
        if source.manager
        else dict.fromkeys(rows.values_list("pk", flat=True))
    )
    known = dict(
        DeskItem.objects.filter(hub=hub, worklist=source.key, left_at__isnull=True).values_list("subject_id", "pk")
    )
    new = [
        DeskItem(hub=hub, worklist=source.key, subject_id=pk, manager_id=manager, came_at=now)
        for pk, manager in there.items()
        if pk not in known
    ]
    DeskItem.objects.bulk_create(new)
    gone = {pk: item for pk, item in known.items() if pk not in there}
    expired = _lapsed(source, hub, set(gone), now)
    for how, subjects in (("expired", expired), ("done", gone.keys() - expired)):
        DeskItem.objects.filter(pk__in=[gone[pk] for pk in subjects]).update(left_at=now, how=how)
    return len(new) + len(gone)


def _lapsed(source: Source, hub: Hub, subjects: set[int], now: dt.datetime) -> set[int]:
    """Those that time took from the list."""
    if source.lapsed is None or not subjects:
        return set()
    model = source.rows(hub, now).model
    return set(source.lapsed(model._base_manager.filter(pk__in=subjects), now).values_list("pk", flat=True))


def tallies(hub: Hub, now: dt.datetime, manager: User | None = None) -> dict[str, Tally]:
    """One tally a list, by its key; one statement."""
    today = hub.today(now)
    since = dt.datetime.combine(today - dt.timedelta(days=1), dt.time(), hub.zone)
    rows = DeskItem.objects.filter(hub=hub).filter(Q(left_at__isnull=True) | Q(left_at__gte=since))
    if manager is not None:
        rows = rows.filter(manager=manager)
    counted = rows.order_by().values("worklist").annotate(
        came=Count("pk", filter=Q(came_at__gte=since)),
        left_over=Count("pk", filter=Q(left_at__isnull=True, came_at__lt=since)),
        done=Count("pk", filter=Q(how="done")),
        expired=Count("pk", filter=Q(how="expired")),
    )  # fmt: skip
    found = {row["worklist"]: Tally(row["came"], row["left_over"], row["done"], row["expired"]) for row in counted}
    return defaultdict(Tally, found)


def total(parts: dict[str, Tally]) -> Tally:
    return Tally(*(sum(numbers) for numbers in zip(*parts.values(), strict=True))) if parts else Tally()
