"""Signed links: how somebody without an account answers."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hubs.scoping import HubOwned, HubOwnedQuerySet


class SignedLinkQuerySet(HubOwnedQuerySet):
    def live(self, now: dt.datetime):
        return self.filter(revoked_at__isnull=True, expires_at__gt=now)


class SignedLink(HubOwned):
    """Bound to one purpose and one row; only a hash of its token is kept.

    The token is an HMAC of the row's nonce under the install's secret, so that a mail can be
    rendered again with the same address, while a copy of the database opens nothing.
    """

    purpose = models.CharField(_("purpose"), max_length=40)
    subject_type = models.CharField(max_length=60)
    subject_id = models.BigIntegerField()
    address = models.CharField(_("address"), max_length=254, blank=True)
    name = models.CharField(_("for"), max_length=120, blank=True)
    nonce = models.CharField(max_length=32, unique=True)
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(_("made"))
    expires_at = models.DateTimeField(_("expires"))
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)

    objects = SignedLinkQuerySet.as_manager()

    class Meta:
        verbose_name = _("signed link")
        verbose_name_plural = _("signed links")
        indexes = [models.Index(fields=["subject_type", "subject_id"], name="link_subject")]
        constraints = [
            models.CheckConstraint(condition=Q(expires_at__gt=models.F("created_at")), name="link_expires_later"),
            models.UniqueConstraint(
                fields=["purpose", "subject_type", "subject_id", "address"],
                condition=Q(revoked_at__isnull=True),
                name="link_one_live",
            ),
        ]

    def is_live(self, now: dt.datetime) -> bool:
        return self.revoked_at is None and self.expires_at > now

    def __str__(self) -> str:
        return f"{self.purpose} {self.subject_type}:{self.subject_id}"
