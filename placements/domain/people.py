"""Whom a message about a placement goes to."""

from __future__ import annotations

from employers.models import Contact, Employer
from hubs.models import Hub, Membership, Organisation, Role, User
from hubs.outbox import Recipient
from schools.models import School


def _of_user(user: User, organisation: Organisation | None, hub: Hub) -> Recipient:
    language = user.language or (organisation.language if organisation else "") or hub.language
    return Recipient(user.email, user.name, language, user.pk, organisation.pk if organisation else None)


def _members(organisation: Organisation, role: str) -> list[Recipient]:
    memberships = Membership.objects.filter(organisation=organisation, role=role, user__is_active=True).select_related(
        "user", "hub"
    )
    return [_of_user(m.user, organisation, m.hub) for m in memberships.order_by("pk")]


def employer_people(employer: Employer) -> list[Recipient]:
    """The leads; without one, the main contact, who answers by signed link alone."""
    leads = _members(employer, Role.EMPLOYER_LEAD)
    if leads:
        return leads
    contacts = Contact.objects.filter(employer=employer).exclude(email="").order_by("-is_main", "pk")[:1]
    language = employer.language or employer.hub.language
    return [Recipient(c.email, c.name, c.language or language, c.user_id, employer.pk) for c in contacts]


def school_people(school: School) -> list[Recipient]:
    """The coordinators."""
    return _members(school, Role.COORDINATOR)


def hub_people(hub: Hub, organisation: Organisation | None = None) -> list[Recipient]:
    """The careers manager of the organisation, else the hub's own address, else its leads."""
    if organisation is not None and organisation.manager_id and organisation.manager.is_active:
        return [_of_user(organisation.manager, None, hub)]
    if hub.contact_email:
        return [Recipient(hub.contact_email, hub.name, hub.language)]
    leads = Membership.objects.filter(hub=hub, role=Role.HUB_LEAD, user__is_active=True).select_related("user")
    return [_of_user(m.user, None, hub) for m in leads.order_by("pk")]
