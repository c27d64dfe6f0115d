"""Another system that is told what happens in the hub."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hubs.scoping import HubOwned


class PartnerEndpoint(HubOwned):
    """Where a partner's system listens, and for what. Its signing secret is derived from `generation`
    (`hubs.partner_calls.secret_of`), so that a copy of the database signs nothing.

    `kinds` are names of `hubs.partners.FAMILIES`. `told_until` is the id of the last log entry up to which everything
    was surely handled; what may stand above it, `hubs.partners` says.
    """

    name = models.CharField(_("name of the partner"), max_length=120)
    address = models.URLField(
        _("address"), max_length=500, help_text=_("Where its system listens; it begins with https://.")
    )
    kinds = models.JSONField(_("what it is told about"), default=list)
    is_active = models.BooleanField(_("switched on"), default=True)
    generation = models.PositiveIntegerField(default=1)
    told_until = models.BigIntegerField(default=0)
    added_at = models.DateTimeField(_("added"))

    class Meta:
        verbose_name = _("partner system")
        verbose_name_plural = _("partner systems")
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(address__startswith="https://"), name="partner_address_is_https"),
            models.CheckConstraint(condition=Q(generation__gte=1), name="partner_generation_counts"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def host(self) -> str:
        """The address as it may be shown and kept elsewhere: the rest of it is often a secret."""
        return urlsplit(self.address).hostname or ""
