"""What a request wishes for, in its order: certain sessions, steps of pathways, kinds of encounter."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import cast

from django.utils.translation import gettext as _

from employers.models import Sector
from hubs.words import day
from opportunities.models import EncounterType, Pathway, PathwayStep, Session
from placements.models import PlacementRequest, Wish


@dataclass(frozen=True)
class Kind:
    """Any session of an encounter type, perhaps in one sector. Of a `step` it is what the step asks for: its sessions
    are those of the step's opportunity, where it names one."""

    encounter_type: EncounterType
    sector: Sector | None = None
    step: PathwayStep | None = None

    @classmethod
    def of_step(cls, step: PathwayStep) -> Kind:
        return cls(step.encounter_type, step.sector, step)

    def __str__(self) -> str:
        kind = f"{self.encounter_type} ({self.sector})" if self.sector else str(self.encounter_type)
        return f"{self.step.pathway}: {kind}" if self.step else kind


Wished = Session | Kind


def read(request: PlacementRequest) -> list[Wished]:
    """Its wishes in their order."""
    return [as_wished(row) for row in with_all(request).order_by("rank")]


def with_all(request: PlacementRequest):
    """Everything that a line of a wish shows."""
    rows = request.wishes.select_related(
        "session__opportunity__employer", "session__opportunity__site", "session__opportunity__encounter_type",
        "session__employer", "session__hub", "encounter_type", "sector", "step__pathway", "step__encounter_type",
        "step__sector", "step__opportunity",
    )  # fmt: skip
    return rows.prefetch_related("session__days")


def as_wished(row: Wish) -> Wished:
    if row.encounter_type is not None:
        return Kind(row.encounter_type, row.sector, row.step)
    return cast(Session, row.session)  # wish_names_one_thing


def put(request: PlacementRequest, wished: Iterable[Wished]) -> None:
    """In place of those it has; the caller's transaction holds the request."""
    request.wishes.all().delete()
    own = {"hub": request.hub, "school": request.school, "request": request}
    Wish.objects.bulk_create(
        Wish(rank=rank, **own, **({"session": one} if isinstance(one, Session) else vars(one)))
        for rank, one in enumerate(wished, start=1)
    )


def sessions_of(wished: Iterable[Wished]) -> list[Session]:
    return [one for one in wished if isinstance(one, Session)]


def kinds_of(wished: Iterable[Wished]) -> list[Kind]:
    return [one for one in wished if isinstance(one, Kind)]


def not_offered(kind: Kind, hub_id: int) -> str | None:
    """Why nobody can be asked for a session of this kind here, or None."""
    if kind.encounter_type.hub_id != hub_id or not kind.encounter_type.is_active:
        return _("This kind of encounter is not offered here.")
    if kind.step and (kind.step.hub_id != hub_id or kind.step.pathway.state != Pathway.State.PUBLISHED):
        return _("This pathway is not published here.")
    return None


def is_gone(one: Wished, request: PlacementRequest, now: dt.datetime) -> bool:
    """Whether it can be had no more; a session whose requests are still to open is not gone."""
    if isinstance(one, Kind):
        return bool(not_offered(one, request.hub_id))
    offered = one.state == "planned" and one.opportunity.state == "published" and one.employer.is_active
    closed = one.closes_on is not None and one.closes_on < request.hub.today(now)
    return not offered or closed or one.starts_at <= now


def label(one: Wished) -> str:
    """A wish in words, with its day and employer where it is a session."""
    if isinstance(one, Kind):
        return str(one)
    return f"{day(one.first_on)}: {one.opportunity.title}, {one.opportunity.employer.name}"
