"""Whom a message about a placement goes to, on each side."""

from __future__ import annotations

from employers.people import employer_people
from hubs.models import Role
from hubs.outbox import Recipient
from hubs.recipients import hub_people, members
from schools.models import School

__all__ = ["employer_people", "hub_people", "school_people"]


def school_people(school: School) -> list[Recipient]:
    """The coordinators."""
    return members(school, [Role.COORDINATOR])
