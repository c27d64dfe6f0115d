"""Whom a message goes to, as far as the hub's own floor can know."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from hubs.languages import spoken
from hubs.models import Hub, Membership, Organisation, Role, User
from hubs.outbox import Recipient


def of_user(user: User, organisation: Organisation | None, hub: Hub) -> Recipient:
    """In the person's language, else the organisation's, else the hub's."""
    language = spoken(user, organisation, hub)
    return Recipient(user.email, user.name, language, user.pk, organisation.pk if organisation else None)


def members(organisation: Organisation, roles: Iterable[str]) -> list[Recipient]:
    """Everybody active who has one of `roles` in the organisation, in order of joining."""
    return members_of_each([organisation], roles)[organisation.pk]


def members_of_each(organisations: Sequence[Organisation], roles: Iterable[str]) -> dict[int, list[Recipient]]:
    """The `members` of each organisation, by its key, read by one statement."""
    found: dict[int, list[Recipient]] = {one.pk: [] for one in organisations}
    by_key = {one.pk: one for one in organisations}
    rows = Membership.objects.filter(organisation__in=list(by_key), role__in=list(roles), user__is_active=True)
    for row in rows.select_related("user", "hub").order_by("pk"):
        key = row.organisation_id or 0  # never 0: the rows asked for have one
        found[key].append(of_user(row.user, by_key[key], row.hub))
    return found


def hub_people(hub: Hub, organisation: Organisation | None = None) -> list[Recipient]:
    """The careers manager of the organisation, else the hub's own address, else its leads."""
    manager = organisation.manager if organisation is not None else None
    if manager is not None and manager.is_active:
        return [of_user(manager, None, hub)]
    if hub.contact_email:
        return [Recipient(hub.contact_email, hub.name, hub.language)]
    leads = Membership.objects.filter(hub=hub, role=Role.HUB_LEAD, user__is_active=True).select_related("user")
    return [of_user(m.user, None, hub) for m in leads.order_by("pk")]
