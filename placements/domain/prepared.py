"""Whether whoever looks after the students of a placement has gone through what the hub requires first."""

from __future__ import annotations

from employers import preparing
from employers.models import Volunteer
from placements.models import Placement


def people(placement: Placement) -> list[Volunteer]:
    """The employer's volunteers who are meant by the name on the placement: none when it is on no list."""
    return preparing.called(placement.employer_id, placement.supervisor)


def evidence(placement: Placement) -> dict | None:
    """What settles the preparation asked for: who is prepared, and until which day ("YYYY-MM-DD"), at least the last
    day of the session; done once it serves every placement. A hub that requires no module any more asks for none.
    None: somebody has still to prepare, or to be named."""
    needed = preparing.required(placement.hub)
    if not needed:
        return {"modules": 0}
    session = placement.session
    last_day = session.ends_at.astimezone(session.zone).date()
    for person in people(placement):
        until = preparing.holds_until(person, needed)
        if until is not None and until >= last_day:
            return {"volunteer": person.pk, "until": until.isoformat()}
    return None
