"""Whom a message to an employer goes to."""

from __future__ import annotations

from collections.abc import Sequence

from employers.models import Contact, Employer
from hubs.models import Role
from hubs.outbox import Recipient
from hubs.recipients import members_of_each


def employer_people(employer: Employer) -> list[Recipient]:
    """The leads; without one, the main contact, who answers by signed link alone."""
    return people_of_each([employer])[employer.pk]


def people_of_each(employers: Sequence[Employer]) -> dict[int, list[Recipient]]:
    """The `employer_people` of each employer, by its key, read by two statements at most."""
    found = members_of_each(employers, [Role.EMPLOYER_LEAD])
    alone = {one.pk: one for one in employers if not found[one.pk]}
    if alone:
        contacts = Contact.objects.filter(employer__in=list(alone)).exclude(email="")
        for contact in contacts.order_by("employer_id", "-is_main", "pk"):
            found[contact.employer_id] = found[contact.employer_id] or [
                _of_contact(contact, alone[contact.employer_id])
            ]
    return found


def _of_contact(contact: Contact, employer: Employer) -> Recipient:
    language = contact.language or employer.language or employer.hub.language
    return Recipient(contact.email, contact.name, language, contact.user_id, employer.pk)
