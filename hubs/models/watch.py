"""What machines write down so that others can see them work."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Heartbeat(models.Model):
    """When a job last succeeded. In the database, because a cache may be emptied at any time."""

    job = models.CharField(_("job"), max_length=60, unique=True)
    at = models.DateTimeField(_("last success"))
    every = models.PositiveIntegerField(_("seconds between runs"), default=0)

    class Meta:
        verbose_name = _("heartbeat")
        verbose_name_plural = _("heartbeats")

    def __str__(self) -> str:
        return self.job


class ProviderCall(models.Model):
    """A report of a provider that was taken in; the same one again is refused."""

    provider = models.CharField(max_length=20)
    identifier = models.CharField(max_length=100)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("report of a provider")
        verbose_name_plural = _("reports of providers")
        constraints = [models.UniqueConstraint(fields=["provider", "identifier"], name="provider_call_once")]

    def __str__(self) -> str:
        return f"{self.provider} {self.identifier}"
