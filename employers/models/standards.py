"""Standards as data: framework → standards → items; self-assessments and their answers.

Scoring lives in `employers/scoring.py` (pure); these tables keep what was asked and said,
so that an old assessment can be scored again for ever.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from employers.models.organisation import EmployerOwned
from hubs.models import HUB_STAFF, Role
from hubs.scoping import HubOwned

EMPLOYER_SIDE = frozenset({Role.EMPLOYER_LEAD, Role.EMPLOYER_MEMBER})


class StandardsFramework(HubOwned):
    """One version of one framework of a hub. Never changed once an assessment uses it."""

    code = models.SlugField(_("code"))
    version = models.CharField(_("version"), max_length=20)
    name = models.CharField(_("name"), max_length=160)
    language = models.CharField(_("language"), max_length=12, default="en-gb")
    scale = models.JSONField(_("answer scale"), default=list)
    bands = models.JSONField(_("bands"), default=list)
    is_current = models.BooleanField(_("in use"), default=False)

    class Meta:
        verbose_name = _("standards framework")
        verbose_name_plural = _("standards frameworks")
        ordering = ["code", "-version"]
        constraints = [models.UniqueConstraint(fields=["hub", "code", "version"], name="framework_version_unique")]

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


class Standard(HubOwned):
    framework = models.ForeignKey(StandardsFramework, on_delete=models.CASCADE, related_name="standards")
    code = models.CharField(_("code"), max_length=12)
    pillar = models.CharField(_("pillar"), max_length=120)
    name = models.CharField(_("name"), max_length=160)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("standard")
        verbose_name_plural = _("standards")
        ordering = ["framework", "position"]
        constraints = [models.UniqueConstraint(fields=["framework", "code"], name="standard_code_unique")]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class FrameworkItem(HubOwned):
    standard = models.ForeignKey(Standard, on_delete=models.CASCADE, related_name="items")
    code = models.CharField(_("code"), max_length=12)
    statement = models.TextField(_("statement"))
    weight = models.PositiveSmallIntegerField(_("weight"), default=1)
    sizes = models.JSONField(_("asked of sizes"), default=list, blank=True)
    evidence = models.CharField(_("evidence from the record"), max_length=60, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("item")
        verbose_name_plural = _("items")
        ordering = ["standard", "position"]
        constraints = [
            models.UniqueConstraint(fields=["standard", "code"], name="item_code_unique"),
            models.CheckConstraint(condition=Q(weight__gte=1), name="item_weight_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.statement}"


class Recommendation(HubOwned):
    """What to do next for a standard, by band and size."""

    standard = models.ForeignKey(Standard, on_delete=models.CASCADE, related_name="recommendations")
    band = models.CharField(_("band"), max_length=20)
    sizes = models.JSONField(_("for sizes"), default=list, blank=True)
    text = models.TextField(_("recommendation"))
    effort = models.PositiveSmallIntegerField(_("effort in hours"), default=1)

    class Meta:
        verbose_name = _("recommendation")
        verbose_name_plural = _("recommendations")

    def __str__(self) -> str:
        return self.text[:60]


class AssessmentRound(HubOwned):
    """A yearly round a hub opens: dates and framework version."""

    framework = models.ForeignKey(StandardsFramework, on_delete=models.PROTECT, related_name="rounds")
    name = models.CharField(_("name"), max_length=120)
    opens_on = models.DateField(_("opens"))
    closes_on = models.DateField(_("closes"))
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)

    class Meta:
        verbose_name = _("round")
        verbose_name_plural = _("rounds")
        ordering = ["-opens_on"]
        constraints = [
            models.CheckConstraint(condition=Q(closes_on__gte=models.F("opens_on")), name="round_dates_ordered")
        ]

    def __str__(self) -> str:
        return self.name


class SelfAssessment(EmployerOwned):
    class State(models.TextChoices):
        OPEN = "open", _("open")
        SUBMITTED = "submitted", _("submitted")
        REVIEWED = "reviewed", _("reviewed")
        FINAL = "final", _("final")

    MOVES = (
        ("open", "submitted", EMPLOYER_SIDE | HUB_STAFF),
        ("submitted", "open", HUB_STAFF),
        ("submitted", "reviewed", HUB_STAFF),
        ("reviewed", "final", HUB_STAFF | {"system"}),
    )

    framework = models.ForeignKey(StandardsFramework, on_delete=models.PROTECT, related_name="assessments")
    round = models.ForeignKey(
        AssessmentRound, null=True, blank=True, on_delete=models.SET_NULL, related_name="assessments"
    )
    version = models.PositiveSmallIntegerField(_("version"), default=1)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OPEN)
    started_at = models.DateTimeField(_("started"))
    submitted_at = models.DateTimeField(_("submitted"), null=True, blank=True)
    result = models.JSONField(_("result"), default=dict, blank=True)
    fingerprint = models.CharField(max_length=64, blank=True)
    comment = models.TextField(_("comment of the hub"), blank=True)

    class Meta:
        verbose_name = _("self-assessment")
        verbose_name_plural = _("self-assessments")
        ordering = ["-started_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["open", "submitted", "reviewed", "final"]),
                name="assessment_state_valid",
            ),
            models.UniqueConstraint(
                fields=["employer", "framework"],
                condition=Q(state__in=["open", "submitted"]),
                name="assessment_one_live",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.employer} · {self.framework}"


class Answer(EmployerOwned):
    assessment = models.ForeignKey(SelfAssessment, on_delete=models.CASCADE, related_name="answers")
    item = models.ForeignKey(FrameworkItem, on_delete=models.PROTECT, related_name="+")
    level = models.PositiveSmallIntegerField(_("level"), null=True, blank=True)
    not_applicable = models.BooleanField(_("not applicable"), default=False)
    reason = models.TextField(_("why not applicable"), blank=True)
    documents = models.ManyToManyField("employers.Document", blank=True)
    answered_by = models.ForeignKey("hubs.User", null=True, on_delete=models.SET_NULL, related_name="+")
    answered_at = models.DateTimeField(_("answered"))

    class Meta:
        verbose_name = _("answer")
        verbose_name_plural = _("answers")
        constraints = [
            models.UniqueConstraint(fields=["assessment", "item"], name="answer_one_per_item"),
            models.CheckConstraint(
                condition=Q(not_applicable=True, level__isnull=True) | Q(not_applicable=False, level__range=(0, 4)),
                name="answer_level_or_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item_id}: {self.level}"
