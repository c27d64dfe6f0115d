"""Whom a message about a placement goes to."""

from __future__ import annotations

from employers.people import employer_people
from hubs.models import Message, Role
from hubs.outbox import Readers, Recipient
from hubs.recipients import hub_people, members
from placements.models import Clearance, Placement
from schools.models import School


def school_people(school: School) -> list[Recipient]:
    """The coordinators."""
    return members(school, [Role.COORDINATOR])


def asked_people(placement: Placement) -> list[Recipient]:
    """Who answers for the employer now, and everybody else who was sent the request: a colleague
    it was passed on to holds a link as well."""
    people = employer_people(placement.employer)
    known = {person.address.lower() for person in people}
    sent = Message.objects.about(placement).filter(kind="placement-offered", state=Message.State.SENT)
    fields = ("address", "name", "language", "user_id", "organisation_id")
    others = [Recipient(*row) for row in sent.order_by("pk").values_list(*fields)]
    return [*people, *(one for one in others if one.address.lower() not in known)]


def standing(row: Placement | Clearance, message: Message) -> list[Recipient]:
    """Who stands now for the side a message was written to: the school, the employer, or the hub."""
    placement = row.placement if isinstance(row, Clearance) else row
    if message.organisation_id == placement.school_id:
        return school_people(placement.school)
    if message.organisation_id == placement.employer_id:
        return employer_people(placement.employer)
    return hub_people(placement.hub, placement.school)


STANDING = Readers(standing, frozenset({Role.COORDINATOR, Role.EMPLOYER_LEAD}))
