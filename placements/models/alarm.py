"""Where what a session says is taken and what its placements say came apart."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hubs.scoping import HubOwned
from opportunities.models import Session


class PlacesAlarm(HubOwned):
    """Found by the nightly recount, and closed by it once the two agree again."""

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="alarms", verbose_name=_("session"))
    kept = models.PositiveIntegerField(_("taken, as kept"))
    counted = models.PositiveIntegerField(_("taken, as counted"))
    found_at = models.DateTimeField(_("found"))
    gone_at = models.DateTimeField(_("settled"), null=True, blank=True)

    class Meta:
        verbose_name = _("alarm of places")
        verbose_name_plural = _("alarms of places")
        ordering = ["-found_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["session"], condition=Q(gone_at__isnull=True), name="places_alarm_once")
        ]

    def __str__(self) -> str:
        return str(self.session)
