"""What the law, the hub and the tier ask: rules as dated data, per jurisdiction."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hubs.models.hub import Hub
from hubs.scoping import HubOwned


class Tier(models.TextChoices):
    """How far from the school: what a kind of encounter is, and which rules are asked of it."""

    T0 = "T0", _("in school, staff present")
    T1 = "T1", _("online, supervised")
    T2 = "T2", _("group at a workplace with school staff")
    T3 = "T3", _("unaccompanied, up to ten days")
    T4 = "T4", _("extended placement")
    T5 = "T5", _("paid work")
    T6 = "T6", _("mentoring")


def _shipped_for(jurisdiction: str) -> Q:
    lineage = [jurisdiction]
    while "-" in lineage[-1]:
        lineage.append(lineage[-1].rpartition("-")[0])
    return Q(jurisdiction__in=lineage, hub__isnull=True)


class RequirementQuerySet(models.QuerySet):
    def of(self, jurisdiction: str):
        """Shipped rules of the jurisdiction and of those it inherits from ("DE-BE" from "DE"), of any day."""
        return self.filter(_shipped_for(jurisdiction))

    def of_hub(self, hub: Hub):
        """What the hub's jurisdiction has, and what the hub added, of any day; never what another hub added."""
        return self.filter(_shipped_for(hub.jurisdiction) | Q(hub=hub))

    def on(self, day: dt.date):
        """Those that hold on a day."""
        return self.filter(valid_from__lte=day).filter(Q(valid_to__isnull=True) | Q(valid_to__gte=day))

    def in_force(self, jurisdiction: str, on: dt.date):
        """Shipped rules of the jurisdiction that hold on a day."""
        return self.of(jurisdiction).on(on)


class Requirement(models.Model):
    """One rule, with its source and the days it held. Old records keep the rules of their day.

    A rule that is not `verified` warns and never blocks.
    """

    class Kind(models.TextChoices):
        DOCUMENT = "document", _("document")
        DECLARATION = "declaration", _("declaration")
        CONSENT = "consent", _("consent")
        ACKNOWLEDGEMENT = "ack", _("acknowledgement")
        DECISION = "decision", _("decision")
        LIMIT = "limit", _("limit")
        RECORD = "record", _("record")
        NOTICE = "notice", _("notice")
        PREPARATION = "preparation", _("preparation")

    class Blocks(models.TextChoices):
        PUBLISH = "publish", _("publishing")
        CONFIRM = "confirm", _("confirming")
        START = "start", _("starting")
        NOTHING = "none", _("nothing")

    class Party(models.TextChoices):
        HOST = "host", _("employer")
        SCHOOL = "school", _("school")
        PARENT = "parent", _("parent or carer")
        STUDENT = "student", _("student")

    #: The hub that added it; none for what ships with the product.
    hub = models.ForeignKey(Hub, null=True, blank=True, on_delete=models.PROTECT, related_name="+", editable=False)
    jurisdiction = models.CharField(_("jurisdiction"), max_length=12)
    code = models.CharField(_("code"), max_length=20)
    title = models.CharField(_("title"), max_length=160)
    text = models.TextField(_("what is asked"))
    tiers = models.JSONField(_("tiers"), default=list)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    blocks = models.CharField(_("blocks"), max_length=8, choices=Blocks)
    responsible = models.CharField(_("who must act"), max_length=8, choices=Party)
    per_student = models.BooleanField(_("for each student"), default=False)
    document_kind = models.CharField(_("kind of the employer's document that settles it"), max_length=12, blank=True)
    max_age = models.PositiveSmallIntegerField(_("up to age"), null=True, blank=True)
    # Of a limit on hours: the names `placements.hours.Limit` knows, with hours, minutes and "HH:MM".
    limits = models.JSONField(_("limits"), default=dict, blank=True)
    valid_days = models.PositiveIntegerField(_("valid for days"), null=True, blank=True)
    verified = models.BooleanField(_("verified"), default=False)
    is_legal = models.BooleanField(
        _("law"), default=True, help_text=_("A hub may relax advice and custom, never the law.")
    )
    source = models.CharField(_("source"), max_length=300, blank=True)
    valid_from = models.DateField(_("in force from"))
    valid_to = models.DateField(_("in force until"), null=True, blank=True)

    objects = RequirementQuerySet.as_manager()

    class Meta:
        verbose_name = _("requirement")
        verbose_name_plural = _("requirements")
        ordering = ["jurisdiction", "code", "-valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["jurisdiction", "code", "valid_from"], name="requirement_version_unique"),
            models.CheckConstraint(
                condition=Q(
                    kind__in=[
                        "document",
                        "declaration",
                        "consent",
                        "ack",
                        "decision",
                        "limit",
                        "record",
                        "notice",
                        "preparation",
                    ]
                ),
                name="requirement_kind_valid",
            ),
            models.CheckConstraint(
                condition=Q(blocks__in=["publish", "confirm", "start", "none"]),
                name="requirement_blocks_valid",
            ),
            models.CheckConstraint(
                condition=Q(responsible__in=["host", "school", "parent", "student"]),
                name="requirement_party_valid",
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=models.F("valid_from")),
                name="requirement_dates_ordered",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"


class HubRequirement(HubOwned):
    """A hub's own decision about a rule: confirmed, relaxed (never a legal one) or tightened."""

    requirement = models.ForeignKey(Requirement, on_delete=models.CASCADE, related_name="decisions")
    blocks = models.CharField(_("blocks"), max_length=8, choices=Requirement.Blocks)
    confirmed_by = models.ForeignKey("hubs.User", null=True, on_delete=models.SET_NULL, related_name="+")
    confirmed_at = models.DateTimeField(_("confirmed"))
    reason = models.TextField(_("why"), blank=True)

    class Meta:
        verbose_name = _("decision about a requirement")
        verbose_name_plural = _("decisions about requirements")
        constraints = [
            models.UniqueConstraint(fields=["hub", "requirement"], name="hub_requirement_unique"),
            models.CheckConstraint(
                condition=Q(blocks__in=["publish", "confirm", "start", "none"]),
                name="hub_requirement_blocks_valid",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.hub}: {self.requirement}"
