"""Answers already given to creating calls, so that a repeated call changes nothing."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from hubs.scoping import HubOwned


class IdempotencyRecord(HubOwned):
    """One creating call. `status` stays empty while the first call is still at work."""

    user = models.ForeignKey("hubs.User", on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=80)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    body = models.JSONField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("idempotency record")
        verbose_name_plural = _("idempotency records")
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="idempotency_key_unique")]

    def __str__(self) -> str:
        return self.key
