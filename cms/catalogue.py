"""The public catalogue: what is open in one hub, for anybody to read.

Nothing here asks who is reading. Published opportunities of employers in use are public;
contacts, supervisors and addresses beyond the town are not part of what is shown.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Count, Min, Prefetch, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import ngettext

from employers.models import Site
from employers.models.organisation import ACCESS
from hubs.geography import Point, kilometres, towns
from hubs.models import Hub
from opportunities.models import Opportunity, Session
from opportunities.models.offer import released

#: Other towns whose distance a page says in words; the map shows them all.
TOWNS_NAMED = 5


def published(hub) -> QuerySet[Opportunity]:
    """What anybody may read: published opportunities of this hub's active employers."""
    return Opportunity.objects.of_hub(hub).filter(state=Opportunity.State.PUBLISHED, employer__is_active=True)


def open_sessions(hub, now: dt.datetime, offers: QuerySet[Opportunity] | None = None) -> QuerySet[Session]:
    """Planned sessions of published opportunities (of these `offers`), after `now`, still taking requests, and those of
    every school."""
    offers = (published(hub) if offers is None else offers).filter(released(hub.today(now)))
    return Session.objects.of_hub(hub).filter(
        Q(closes_on__isnull=True) | Q(closes_on__gte=hub.today(now)),
        state=Session.State.PLANNED,
        starts_at__gt=now,
        opportunity__in=offers.order_by().values("pk"),
    )


class OpenOffers(Sequence[Opportunity]):
    """Opportunities with an open session, the soonest first: counted by one statement, read by the slice.

    One pass over the open sessions finds the keys in their order; asking the next date of each opportunity by
    itself, and all of it again to count, took twenty times as long. Each row read carries `open`, its open
    sessions in order.
    """

    def __init__(
        self,
        hub,
        now: dt.datetime,
        *,
        offers: QuerySet[Opportunity] | None = None,
        begins: tuple[dt.datetime | None, dt.datetime | None] = (None, None),
    ) -> None:
        self.offers = published(hub) if offers is None else offers
        sessions = open_sessions(hub, now, self.offers)
        for bound, at in zip(("starts_at__gte", "starts_at__lt"), begins, strict=True):
            if at is not None:
                sessions = sessions.filter(**{bound: at})
        self.sessions = sessions

    @cached_property
    def keys(self) -> list[int]:
        soonest = self.sessions.order_by().values("opportunity_id").annotate(next_at=Min("starts_at"))
        return list(soonest.order_by("next_at", "opportunity_id").values_list("opportunity_id", flat=True))

    def __len__(self) -> int:
        return len(self.keys)

    def __getitem__(self, wanted):
        if isinstance(wanted, slice):
            return self._read(self.keys[wanted])
        return self._read([self.keys[wanted]])[0]

    def _read(self, keys: list[int]) -> list[Opportunity]:
        if not keys:
            return []
        ordered = self.sessions.order_by("starts_at", "pk").filter(opportunity__in=keys)
        rows = self.offers.filter(pk__in=keys).select_related("employer", "encounter_type", "site")
        found = {row.pk: row for row in rows.prefetch_related(Prefetch("sessions", ordered, to_attr="open"))}
        # One that was taken off between the two statements is left out.
        return [found[key] for key in keys if key in found and found[key].open]


def open_opportunities(hub, now: dt.datetime, **narrower) -> OpenOffers:
    """What is open in the hub; `narrower` are `offers` and `begins` (sessions that begin in [from, until),
    where None is open)."""
    return OpenOffers(hub, now, **narrower)


def cards(opportunities: Iterable[Opportunity]) -> list[dict]:
    """What portal/pieces/session_card.html wants, one card for each opportunity."""
    return [_card(opportunity) for opportunity in opportunities]


def _card(opportunity: Opportunity) -> dict:
    # The next date that still has a place says more than a full one before it.
    first = next((session for session in opportunity.open if session.left), opportunity.open[0])
    more = len(opportunity.open) - 1
    return {
        **when(first),
        "title": opportunity.title,
        "url": reverse("catalogue-opportunity", args=[opportunity.pk]),
        "employer": opportunity.employer.name,
        "type": opportunity.encounter_type.name,
        "place": place_of(opportunity),
        "online": opportunity.is_online,
        "places": first.places,
        "taken": first.taken,
        "state": {
            "tone": "information",
            "word": ngettext("%(n)d more date", "%(n)d more dates", more) % {"n": more},
        }
        if more
        else None,
    }


def when(session: Session) -> dict:
    """Date and times as on the wall where the session is held."""
    starts, ends = session.starts_at.astimezone(session.zone), session.ends_at.astimezone(session.zone)
    return {
        "date": starts.date(),
        "last_date": ends.date() if ends.date() != starts.date() else None,
        "starts": starts.time(),
        "ends": ends.time(),
    }


def place_of(opportunity: Opportunity) -> str:
    """The town of the workplace; its street is for those who come."""
    site = opportunity.site
    return (site.town or site.name) if site else ""


@dataclass(frozen=True)
class Whereabouts:
    """A town on the map, and how far others are from it, as (town, kilometres), the nearest first. Of the
    workplace it says no more than that it is there."""

    town: str
    at: Point
    towns: dict[str, Point]
    away: list[tuple[str, float]]


def whereabouts(opportunity: Opportunity) -> Whereabouts | None:
    """Where the town of its workplace is, among those of what is published in the hub; None where that is not known."""
    if opportunity.site is None or not opportunity.site.town:
        return None
    used = published(opportunity.hub_id).order_by().values("site")
    known = towns(Site.objects.of_hub(opportunity.hub_id).filter(pk__in=used))
    here = known.pop(opportunity.site.town, None)
    if here is None:
        return None
    away = sorted((kilometres(here, at), town) for town, at in known.items())
    return Whereabouts(opportunity.site.town, here, known, [(town, km) for km, town in away[:TOWNS_NAMED]])


def access_of(opportunity: Opportunity) -> list[str]:
    """What the workplace says about getting in and around."""
    site = opportunity.site
    return [str(site._meta.get_field(name).verbose_name) for name in ACCESS if getattr(site, name)] if site else []


def months_open(hub, now: dt.datetime) -> list[dt.date]:
    """First days of the months, on the hub's wall, from the first open session's to the last one's.

    A month between them may have none: to know which, all of them would be read, for every page of the catalogue.
    """
    rows = open_sessions(hub, now).values_list("starts_at", flat=True)
    ends = [Subquery(rows.order_by(order)[:1]) for order in ("starts_at", "-starts_at")]
    first, last = Hub.objects.filter(pk=hub.pk).values_list(*ends).get()
    if first is None:
        return []
    numbers = [one.year * 12 + one.month - 1 for one in (first.astimezone(hub.zone), last.astimezone(hub.zone))]
    return [dt.date(number // 12, number % 12 + 1, 1) for number in range(numbers[0], numbers[1] + 1)]


def counted(hub, now: dt.datetime) -> int:
    """How many opportunities are open now."""
    return open_sessions(hub, now).aggregate(n=Count("opportunity_id", distinct=True))["n"]
