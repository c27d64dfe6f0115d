"""In which order employers are asked for one request."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hubs.scoping import HubOwned, HubOwnedQuerySet
from placements.models.placement import Placement
from placements.models.request import PlacementRequest


class TurnQuerySet(HubOwnedQuerySet):
    def waiting(self):
        """Those whose employers are still to be asked."""
        return self.filter(placement__state="held")


class Turn(HubOwned):
    """The place of one held placement in the line of its request.

    It waits while the placement is held and has had its turn once it is anything else, so that nothing has to be kept
    in step. Those of one rank are asked together. Of the hub alone: a school does not read who was asked before.
    """

    request = models.ForeignKey(PlacementRequest, on_delete=models.CASCADE, related_name="turns")
    placement = models.OneToOneField(Placement, on_delete=models.CASCADE, related_name="turn")
    rank = models.PositiveSmallIntegerField(_("order"))
    days = models.PositiveSmallIntegerField(_("working days to answer"))
    #: The broker's words to the employer until it is asked; the message carries them from then on.
    words = models.TextField(_("words to the employer"), blank=True)
    even_so = models.BooleanField(_("asked beyond what the employer wants"), default=False)
    set_by = models.ForeignKey("hubs.User", null=True, on_delete=models.SET_NULL, related_name="+")
    set_at = models.DateTimeField(_("put in line"))

    objects = TurnQuerySet.as_manager()

    class Meta:
        verbose_name = _("turn")
        verbose_name_plural = _("turns")
        ordering = ["request", "rank", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(rank__gte=1), name="turn_counts_from_one"),
            models.CheckConstraint(condition=Q(days__range=(1, 20)), name="turn_days_sane"),
        ]

    def __str__(self) -> str:
        return f"{self.rank}. {self.placement}"
