"""What races start from, written as rows: many requests that wait with the hub, and keys to call with."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

from hubs.domain.accounts import make_token
from hubs.models import Role
from opportunities.models import Session
from placements.models import PlacementRequest
from tests import scenes
from tests.cast import NOW, actor, join, person

MANY = 30_000


def secret(cast, user, organisation=None) -> str:
    _token, said = make_token(user, "A racer", by=actor(user, cast.hub, organisation), now=NOW)
    return said


def sessions(cast, count: int, *, places: int) -> list[Session]:
    """Each on a day of its own, of an employer that may be asked as often as anybody likes."""
    type(cast.employer).objects.filter(pk=cast.employer.pk).update(wants_asking_per_month=MANY)
    offer = scenes.opportunity(cast.employer)
    return [scenes.session(offer, on=scenes.DAY + dt.timedelta(days=n), places=places) for n in range(count)]


def requests(cast, count: int, *, places: int = 1) -> list[PlacementRequest]:
    """Requests of both schools for so many places each, for nobody in particular."""
    schools = (cast.school, cast.other_school)
    return PlacementRequest.objects.bulk_create(
        PlacementRequest(
            hub=cast.hub, school=schools[n % 2], places=places, state="submitted", created_at=NOW, submitted_at=NOW
        )
        for n in range(count)
    )


def keys(cast) -> SimpleNamespace:
    """A secret for each side: `desk` (with several people behind it), `school`, `other_school`, `employer`."""
    managers = [
        join(person(f"manager{n}@harbour.example", f"Manager {n}"), cast.hub, Role.CAREERS_MANAGER) for n in range(4)
    ]
    return SimpleNamespace(
        desk=[secret(cast, user) for user in managers],
        school=secret(cast, cast.coordinator, cast.school),
        other_school=secret(cast, cast.other_coordinator, cast.other_school),
        employer=secret(cast, cast.employer_lead, cast.employer),
    )
