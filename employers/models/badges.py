"""Badges: what an employer shows in public about a self-assessment, and the keys a hub signs them with."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from employers.models.organisation import EmployerOwned
from employers.models.standards import SelfAssessment
from hubs.models import HUB_STAFF, Role
from hubs.scoping import HubOwned


class BadgeKey(HubOwned):
    """A pair of keys of a hub. The private half is kept locked with the installation's secret, so that a
    copy of the database signs nothing; the public half stays for as long as badges are checked."""

    kid = models.CharField(max_length=32, unique=True)
    public = models.JSONField()
    private = models.TextField(editable=False)
    made_at = models.DateTimeField(_("made"))

    class Meta:
        verbose_name = _("key of badges")
        verbose_name_plural = _("keys of badges")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.kid


class Badge(EmployerOwned):
    """One assessment shown in public: the signed text as it was given out, which never changes.

    No score stands in it: what employers publish of themselves must not undo what comparisons hide."""

    class State(models.TextChoices):
        LIVE = "live", _("public")
        WITHDRAWN = "withdrawn", _("withdrawn")

    MOVES = (("live", "withdrawn", HUB_STAFF | {Role.EMPLOYER_LEAD, "system"}),)

    uid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    assessment = models.ForeignKey(SelfAssessment, on_delete=models.PROTECT, related_name="badges")
    key = models.ForeignKey(BadgeKey, on_delete=models.PROTECT, related_name="badges")
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.LIVE)
    credential = models.TextField(_("signed text"))
    issued_at = models.DateTimeField(_("made public"))
    valid_until = models.DateTimeField(_("valid until"))
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)

    class Meta:
        verbose_name = _("badge")
        verbose_name_plural = _("badges")
        ordering = ["-issued_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=["live", "withdrawn"]), name="badge_state_valid"),
            models.CheckConstraint(
                condition=Q(state="live", withdrawn_at__isnull=True) | Q(state="withdrawn", withdrawn_at__isnull=False),
                name="badge_withdrawn_has_day",
            ),
            models.UniqueConstraint(fields=["employer"], condition=Q(state="live"), name="badge_one_live"),
        ]

    def __str__(self) -> str:
        return f"{self.employer} · {self.assessment.framework}"
