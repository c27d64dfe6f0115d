"""Whom a message to an employer goes to."""

from __future__ import annotations

from employers.models import Contact, Employer
from hubs.models import Role
from hubs.outbox import Recipient
from hubs.recipients import members


def employer_people(employer: Employer) -> list[Recipient]:
    """The leads; without one, the main contact, who answers by signed link alone."""
    if leads := members(employer, [Role.EMPLOYER_LEAD]):
        return leads
    contacts = Contact.objects.filter(employer=employer).exclude(email="").order_by("-is_main", "pk")[:1]
    language = employer.language or employer.hub.language
    return [Recipient(c.email, c.name, c.language or language, c.user_id, employer.pk) for c in contacts]
