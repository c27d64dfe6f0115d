"""Whom a message about a placement goes to at the school."""

from __future__ import annotations

from hubs.models import Role
from hubs.outbox import Recipient
from hubs.recipients import members
from schools.models import School


def school_people(school: School) -> list[Recipient]:
    """The coordinators."""
    return members(school, [Role.COORDINATOR])
