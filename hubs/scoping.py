"""Who sees which row: the one place that decides (HOUSE.md rule 1).

Every tenant model subclasses `HubOwned`. A model names, in `seen_by`, the forward paths to
the organisations whose members may see its rows; the hub's own staff see every row of
their hub; a superuser sees all. Everybody else sees nothing, and edges answer 404.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from hubs.models import User


class HubOwnedQuerySet(models.QuerySet):
    """`visible_to(user)` and `of_hub(hub)`: where every edge starts."""

    def of_hub(self, hub) -> Self:
        return self.filter(hub=hub)

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Rows this person may see, as staff of the hub or as a member of a named organisation."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.is_superuser:
            return self
        return self.filter(self._sight(user))

    def _sight(self, user: User) -> Q:
        # One read of the memberships, kept on the user for the request, beats a subquery in
        # each of a page's statements.
        tenancies = user.tenancies()
        sight = Q(hub_id__in=tenancies.staffed_hubs)
        for entry in self.model.seen_by:
            path, condition = (entry, Q()) if isinstance(entry, str) else entry
            sight |= Q(**{f"{path}__in": tenancies.organisations}) & condition
        if self.model.open_in_hub is not None:
            sight |= Q(hub_id__in=tenancies.hubs) & self.model.open_in_hub
        return sight


class HubOwned(models.Model):
    """A row of exactly one hub."""

    #: Forward ORM paths to the organisations whose members may see the row; a pair
    #: (path, Q) when they may see it only in some states.
    seen_by: ClassVar[tuple[str | tuple[str, Q], ...]] = ()
    #: Which rows every member of any organisation of the hub may see: None for none, Q() for all.
    open_in_hub: ClassVar[Q | None] = None

    hub = models.ForeignKey("hubs.Hub", on_delete=models.PROTECT, related_name="+", verbose_name=_("hub"))

    objects = HubOwnedQuerySet.as_manager()

    class Meta:
        abstract = True

    def parties(self) -> dict[str, int | None]:
        """Organisation ids by side ("school", "employer") that may act on this row."""
        return {}
