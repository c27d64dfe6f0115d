"""What waits for the hub: one list for each kind of thing, and all of them by what is due first."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Exists, Q, QuerySet

from hubs.models import Hub, Organisation, User
from placements.worklists_kinds import Source, Waiting, placement_title, request_title
from placements.worklists_rows import SOURCES

__all__ = ["MOST", "Waiting", "Worklist", "placement_title", "request_title", "soonest_due", "worklists"]

MOST = 50  # rows read of each list; a longer one says "50 or more"


@dataclass(frozen=True)
class Worklist:
    """`items` are at most `MOST`, oldest first."""

    key: str
    title: str
    items: tuple[Waiting, ...]

    @property
    def count(self) -> str:
        return f"{MOST}+" if len(self.items) == MOST else str(len(self.items))


def worklists(hub: Hub, now: dt.datetime, manager: User | None = None) -> list[Worklist]:
    """Every list of the hub at the instant `now`, narrowed to one manager's caseload.

    One statement says which of the others than the costly lists have rows, and one reads each of those and of the
    costly, however many rows there are.
    """
    rows = {source: of_manager(source, hub, now, manager) for source in SOURCES}
    rows = {source: found for source, found in rows.items() if not found.query.is_empty()}
    asked = {f"has_{source.key}": Exists(found) for source, found in rows.items() if not source.costly}
    waits = Hub.objects.filter(pk=hub.pk).values(**asked).get()
    return [
        Worklist(source.key, str(source.title), tuple(source.say(row, hub, now) for row in rows[source][:MOST]))
        if source in rows and waits.get(f"has_{source.key}", source.costly)
        else Worklist(source.key, str(source.title), ())
        for source in SOURCES
    ]


def of_manager(source: Source, hub: Hub, now: dt.datetime, manager: User | None) -> QuerySet:
    """The list's rows; a message to nobody's organisation is everybody's."""
    rows = source.rows(hub, now)
    if manager is None:
        return rows
    if not source.manager:
        return rows.none()  # nobody's caseload yet
    mine = Q(**{source.manager: manager})
    if path := source.manager.removesuffix("manager"):
        # As a set of its own: a join hides from the database how few rows the list has, and it asks them in turn.
        theirs = Organisation.objects.filter(manager=manager).order_by()
        mine = Q(**{f"{path}in": theirs.values("pk")})
    return rows.filter(mine | Q(organisation__isnull=True)) if source.key == "messages" else rows.filter(mine)


def soonest_due(lists: list[Worklist], hub: Hub) -> list[tuple[Worklist, Waiting]]:
    """All items of all lists, what is due first at the top; what is due at no time comes last,
    oldest first. A date counts from its midnight in the hub's zone."""

    def instant(at: dt.datetime | dt.date) -> dt.datetime:
        return at if isinstance(at, dt.datetime) else dt.datetime.combine(at, dt.time(), hub.zone)

    def order(pair: tuple[Worklist, Waiting]) -> tuple[bool, dt.datetime, dt.datetime]:
        item = pair[1]
        return item.due is None, instant(item.due or item.since), instant(item.since)

    return sorted(((one, item) for one in lists for item in one.items), key=order)
