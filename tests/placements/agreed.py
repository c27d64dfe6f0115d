"""An accepted placement in the hub of a jurisdiction, and who signs what of it."""

from __future__ import annotations

from hubs.actors import Actor
from hubs.rulepacks import load_packs
from placements.models import Placement
from tests import scenes
from tests.cast import actor

CANARY = "Canary Zebra-Quill"


def of_school(cast) -> Actor:
    return actor(cast.coordinator, cast.hub, cast.school)


def of_employer(cast) -> Actor:
    return actor(cast.employer_lead, cast.hub, cast.employer)


def by_parent(cast) -> Actor:
    return Actor("link:parent", "link", cast.hub.pk, organisation_id=cast.school.pk, facts={"link": 1})


def by_student(cast) -> Actor:
    return Actor("link:student", "link", cast.hub.pk, organisation_id=cast.school.pk, facts={"link": 1})


def agreed(cast, jurisdiction: str, *, tier: str = "T3", size: int = 2) -> Placement:
    """Accepted in a hub of that jurisdiction, with a class of two, their names known to the school."""
    load_packs()
    cast.hub.jurisdiction = jurisdiction
    cast.hub.save()
    cast.school.hub = cast.employer.hub = cast.hub
    kind = scenes.encounter_type(cast.hub, "stage", tier=tier, hours=12)
    session = scenes.session(
        scenes.opportunity(cast.employer, kind=kind, supervisor="M. Petit", max_age=18), days=2, break_minutes=30
    )
    group = scenes.group(cast.school, "3B", size=size)
    group.students.update(name=CANARY)
    return scenes.placement(cast, state="accepted", wanted=session, of=group)
