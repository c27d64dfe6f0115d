"""A run of the allocation: sealed input, published rules, seed, and a reason for each wish."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hubs.models import HUB_STAFF
from hubs.scoping import HubOwned
from placements.models.request import Wish


class AllocationRun(HubOwned):
    class State(models.TextChoices):
        SEALED = "sealed", _("input sealed")
        COMPUTED = "computed", _("computed")
        PUBLISHED = "published", _("published")
        DISCARDED = "discarded", _("discarded")

    MOVES = (
        ("sealed", "computed", HUB_STAFF | {"system"}),
        ("computed", "published", HUB_STAFF),
        ("computed", "discarded", HUB_STAFF),
        ("sealed", "discarded", HUB_STAFF),
    )

    name = models.CharField(_("name"), max_length=120)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.SEALED)
    rules = models.JSONField(_("rules"), default=dict)
    seed = models.BigIntegerField(_("seed"))
    sealed_input = models.JSONField(default=dict)
    input_sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField(_("made"))
    created_by = models.ForeignKey("hubs.User", null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        verbose_name = _("allocation run")
        verbose_name_plural = _("allocation runs")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["sealed", "computed", "published", "discarded"]),
                name="allocation_state_valid",
            )
        ]

    def __str__(self) -> str:
        return self.name


class AllocationResult(HubOwned):
    """Granted or not, with a true reason; a pin survives the next run."""

    run = models.ForeignKey(AllocationRun, on_delete=models.CASCADE, related_name="results")
    wish = models.ForeignKey(Wish, on_delete=models.CASCADE, related_name="+")
    granted = models.BooleanField(_("granted"))
    reason = models.CharField(_("reason"), max_length=60)
    facts = models.JSONField(default=dict, blank=True)
    pinned = models.BooleanField(_("pinned"), default=False)

    class Meta:
        verbose_name = _("allocation result")
        verbose_name_plural = _("allocation results")
        constraints = [models.UniqueConstraint(fields=["run", "wish"], name="allocation_result_once")]

    def __str__(self) -> str:
        return f"{self.run_id}:{self.wish_id}"
