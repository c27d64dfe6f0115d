"""Who speaks and who is spoken to when what was agreed changes."""

from __future__ import annotations

from employers.people import employer_people
from hubs.actors import Actor
from hubs.errors import Refused
from hubs.outbox import Recipient
from placements.domain.people import school_people
from placements.models import Placement
from placements.models.placement import KNOWN_TO_EMPLOYER
from placements.models.request import COORDINATORS


class CannotChange(Refused):
    """What was agreed cannot be changed like that."""

    code = "cannot_change"


def side_of(by: Actor) -> str:
    """Which side speaks: "school", "employer", or "hub" for staff who act for neither."""
    if by.on_behalf_of is not None:
        return by.on_behalf_of.kind
    return "hub" if by.is_hub_staff else "school" if by.hat in COORDINATORS else "employer"


def people_of(placement: Placement, side: str) -> list[Recipient]:
    """Nobody of an employer that has not been asked yet: whose places are held is not said before."""
    if side == "school":
        return school_people(placement.school)
    known = placement.state in KNOWN_TO_EMPLOYER and placement.offered_at is not None
    return employer_people(placement.employer) if known else []
