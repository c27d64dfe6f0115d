"""What comes next on a pathway in a school's own calendars, whoever the employer is (RFC 9253, FINISHTOSTART).

An employer's calendar never says it: it would tell one employer where students go after it. That is why nothing of
this is kept with the events, which both sides read.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from django.db.models import Max

from hubs.models import LogEntry
from opportunities.models import Pathway
from placements.domain.pathways import steps_done_by
from placements.models import CalendarEvent, Feed, Placement, PlacementStudent


class Next(NamedTuple):
    """The event that follows, and the whole days between."""

    uid: str
    gap_days: int


class Leg(NamedTuple):
    """A placement as a step: who walks, which numbers of each pathway it does, its first and last event still on."""

    walkers: frozenset[tuple[str, int]]
    numbers: dict[int, list[int]]
    first: CalendarEvent
    last: CalendarEvent


def next_on_pathways(feed: Feed, events: Iterable[CalendarEvent]) -> dict[int, Next]:
    """{event id: what its group, or all of its students, do next on a published pathway}, of the feed's own events.

    The nearest one of a later step. Only for calendars of a school, and only placements of that school."""
    pathways = _pathways(feed)
    if not pathways:
        return {}
    spans: dict[int, tuple[CalendarEvent, CalendarEvent]] = {}
    for event in events:  # in order of their days
        if event.status != "CANCELLED":
            first, last = spans.get(event.placement_id, (event, event))
            spans[event.placement_id] = first, max(last, event, key=lambda one: one.last_on)
    legs, walked = _legs(feed, pathways, spans), defaultdict(list)
    for leg in legs:
        for walker in leg.walkers:
            walked[walker].append(leg)
    # Whoever goes on with everybody is among those any one of them goes to.
    return {leg.last.pk: found for leg in legs if (found := _after(leg, walked[min(leg.walkers)])) is not None}


def version_of(feed: Feed) -> str:
    """Different whenever a pathway may lead elsewhere: each is taken back and published again to be changed, and both
    are in the log."""
    if feed.organisation.kind != "school":
        return ""
    entries = LogEntry.objects.filter(hub=feed.hub_id, subject_type=Pathway._meta.label_lower)
    return str(entries.aggregate(newest=Max("pk"))["newest"] or "")


def _pathways(feed: Feed) -> list[Pathway]:
    if feed.organisation.kind != "school":
        return []
    return list(Pathway.objects.filter(hub=feed.hub_id, state="published").with_all())


def _legs(feed: Feed, pathways: list[Pathway], spans: dict) -> list[Leg]:
    types = {step.encounter_type_id for pathway in pathways for step in pathway.steps.all()}
    placements = (
        Placement.objects.filter(school=feed.organisation_id, session__opportunity__encounter_type__in=types)
        .select_related("session__opportunity")
        .prefetch_related("session__opportunity__sectors")
    )
    rows = [row for row in placements.order_by("pk") if row.pk in spans]
    walkers = _walkers(rows)
    legs = [
        Leg(walkers[row.pk], {one.pk: steps_done_by(one, row.session, guide=True) for one in pathways}, *spans[row.pk])
        for row in rows
        if walkers[row.pk]
    ]
    return sorted(legs, key=lambda leg: (leg.first.on, leg.first.starts_at, leg.first.pk))


def _walkers(rows: list[Placement]) -> defaultdict[int, frozenset[tuple[str, int]]]:
    """Who goes: the group where one is named, else each student."""
    found: defaultdict[int, frozenset[tuple[str, int]]] = defaultdict(frozenset)
    found.update({row.pk: frozenset([("group", row.group_id)]) for row in rows if row.group_id})
    single = [row.pk for row in rows if not row.group_id]
    if single:
        named = PlacementStudent.objects.filter(placement__in=single).values_list("placement", "student")
        for placement, student in named.order_by("pk"):
            found[placement] |= {("student", student)}
    return found


def _after(leg: Leg, legs: list[Leg]) -> Next | None:
    """The nearest later one to which everybody of this one goes; the legs are in order of their days."""
    for other in legs:
        if other.first.on > leg.last.last_on and leg.walkers <= other.walkers and _leads(leg, other):
            return Next(str(other.first.uid), (other.first.on - leg.last.last_on).days - 1)
    return None


def _leads(leg: Leg, other: Leg) -> bool:
    return any(
        min(numbers) < max(other.numbers[pathway])
        for pathway, numbers in leg.numbers.items()
        if numbers and other.numbers[pathway]
    )
