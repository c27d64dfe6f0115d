"""Who acts: what every domain verb takes as `by`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hubs.models.people import HUB_ROLES, HUB_STAFF, Organisation, User

if TYPE_CHECKING:
    from hubs.models.hub import Hub

SYSTEM = "system"
SELF = "self"
LINK_PREFIX = "link:"


@dataclass(frozen=True)
class Actor:
    """A person, a signed link or the system, in one role, perhaps on behalf of somebody.

    `hat` is the role worn for this act: one of `hubs.models.Role`, "superuser", "system",
    "self", "invitee", or "link:<side>" for a signed link ("link:employer").
    `organisation_id` is the organisation the hat belongs to; hub staff have none.
    """

    hat: str
    via: str
    hub_id: int | None = None
    user: User | None = None
    organisation_id: int | None = None
    on_behalf_of: Organisation | None = None
    facts: dict = field(default_factory=dict)

    @property
    def is_hub_staff(self) -> bool:
        return self.hat in HUB_STAFF or self.hat == "superuser"

    def may(self, row, who: frozenset[str]) -> bool:
        """Whether this hat is among `who` *and* belongs to the row's hub or side."""
        if self.hat in ("superuser", SYSTEM):
            return self.hat == "superuser" or SYSTEM in who
        if self.hat not in who or row.hub_id != self.hub_id:
            return False
        if self.hat in HUB_ROLES:
            return True
        if self.organisation_id is None:
            return self.hat == "invitee"
        return self.organisation_id in row.parties().values()


def system(hub_id: int | None = None, *, via: str = "job") -> Actor:
    """The platform itself: scheduled jobs and management commands."""
    return Actor(hat=SYSTEM, via=via, hub_id=hub_id)


def oneself(user: User, hub_id: int | None, *, via: str) -> Actor:
    """A person at their own account, whatever their role."""
    return Actor(hat=SELF, via=via, hub_id=hub_id, user=user)


def by_link(link, side: str, organisation_id: int | None) -> Actor:
    """Whoever holds a signed link, acting for one side."""
    return Actor(
        hat=LINK_PREFIX + side,
        via="link",
        hub_id=link.hub_id,
        organisation_id=organisation_id,
        facts={"link": link.pk},
    )


def actor_for(user: User, hub: Hub, organisation: Organisation | None, *, via: str) -> Actor | None:
    """The hat `user` wears in `hub` towards `organisation` (None: the hub itself).

    A member acts as a member; hub staff act on behalf; nobody else gets a hat.
    """
    for membership in user.live_memberships:
        if organisation and membership.organisation_id == organisation.pk:
            return Actor(hat=membership.role, via=via, hub_id=hub.pk, user=user, organisation_id=organisation.pk)
    if organisation and organisation.hub_id != hub.pk:
        return None
    hat = "superuser" if user.is_superuser else user.hub_role(hub.pk)
    if hat is None:
        return None
    return Actor(hat=hat, via=via, hub_id=hub.pk, user=user, on_behalf_of=organisation)
