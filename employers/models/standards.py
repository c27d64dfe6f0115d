"""Standards as data, rounds, self-assessments and their answers.

A framework is edited as rows while it is a draft. Publishing seals it: the whole document is kept
as text with its hash, and everything from then on (questions, scores, next steps) is read from
that text. So an old assessment can be scored again for ever, whatever becomes of the rows.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel

from employers.models.organisation import Document, Employer, EmployerOwned
from hubs.models import HUB_STAFF, Role
from hubs.scoping import HubOwned, HubOwnedQuerySet

EMPLOYER_SIDE = frozenset({Role.EMPLOYER_LEAD, Role.EMPLOYER_MEMBER})


def default_scale() -> list:
    return [{"level": n, "points": n, "label": ""} for n in range(5)]


class StandardsFramework(HubOwned, ClusterableModel):
    """One version of one framework of a hub. `sealed` is its document once it is published."""

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        PUBLISHED = "published", _("in use")
        RETIRED = "retired", _("retired")

    MOVES = (
        ("draft", "published", HUB_STAFF | {"system"}),
        ("published", "retired", HUB_STAFF | {"system"}),
    )

    class Side(models.TextChoices):
        EMPLOYER = "employer", _("employers")
        SCHOOL = "school", _("schools")

    code = models.SlugField(_("code"))
    version = models.CharField(_("version"), max_length=20)
    side = models.CharField(_("who answers"), max_length=8, choices=Side, default=Side.EMPLOYER)
    name = models.CharField(_("name"), max_length=160)
    about = models.TextField(_("about"), blank=True)
    language = models.CharField(_("language"), max_length=12, default="en-gb")
    enough_percent = models.PositiveSmallIntegerField(_("least share answered for a score, in percent"), default=60)
    scale = models.JSONField(_("answer scale"), default=default_scale)
    bands = models.JSONField(_("bands"), default=list)
    texts = models.JSONField(_("translations"), default=dict, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.DRAFT, editable=False)
    sealed = models.TextField(_("document"), blank=True, editable=False)
    sealed_sha256 = models.CharField(max_length=64, blank=True, editable=False)
    follows = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="followed_by", editable=False
    )

    #: Whoever is asked may read what it is asked by.
    open_in_hub = ~Q(state="draft")

    class Meta:
        verbose_name = _("standards framework")
        verbose_name_plural = _("standards frameworks")
        ordering = ["code", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["hub", "code", "version"], name="framework_version_unique"),
            models.UniqueConstraint(
                fields=["hub", "code"], condition=Q(state="published"), name="framework_one_in_use"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "published", "retired"]), name="framework_state_valid"
            ),
            models.CheckConstraint(condition=Q(side__in=["employer", "school"]), name="framework_side_valid"),
            models.CheckConstraint(condition=Q(enough_percent__range=(1, 100)), name="framework_enough_sane"),
            models.CheckConstraint(
                condition=Q(state="draft", sealed="") | (~Q(state="draft") & ~Q(sealed="") & ~Q(sealed_sha256="")),
                name="framework_sealed_when_used",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


class Pillar(models.Model):
    framework = ParentalKey(StandardsFramework, on_delete=models.CASCADE, related_name="pillars")
    sort_order = models.IntegerField(null=True, blank=True, editable=False)
    code = models.CharField(_("code"), max_length=12)
    name = models.CharField(_("name"), max_length=120)

    sort_order_field = "sort_order"

    class Meta:
        verbose_name = _("pillar")
        verbose_name_plural = _("pillars")
        ordering = ["sort_order", "pk"]
        constraints = [models.UniqueConstraint(fields=["framework", "code"], name="pillar_code_unique")]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Standard(HubOwned, ClusterableModel):
    framework = models.ForeignKey(
        StandardsFramework, on_delete=models.CASCADE, related_name="standards", verbose_name=_("framework")
    )
    pillar = models.CharField(_("code of its pillar"), max_length=12)
    code = models.CharField(_("code"), max_length=12)
    name = models.CharField(_("name"), max_length=160)
    about = models.TextField(_("about"), blank=True)
    position = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        verbose_name = _("standard")
        verbose_name_plural = _("standards")
        ordering = ["framework", "position", "pk"]
        constraints = [models.UniqueConstraint(fields=["framework", "code"], name="standard_code_unique")]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class FrameworkItem(models.Model):
    standard = ParentalKey(Standard, on_delete=models.CASCADE, related_name="items")
    sort_order = models.IntegerField(null=True, blank=True, editable=False)
    code = models.CharField(_("code"), max_length=12)
    statement = models.TextField(_("statement"))
    help = models.TextField(_("help"), blank=True)
    weight = models.PositiveSmallIntegerField(_("weight"), default=1)
    sizes = models.JSONField(_("asked of sizes"), default=list, blank=True)
    variants = models.JSONField(_("other wording by size"), default=dict, blank=True)
    evidence = models.CharField(_("evidence from the record"), max_length=30, blank=True)

    sort_order_field = "sort_order"

    class Meta:
        verbose_name = _("item")
        verbose_name_plural = _("items")
        ordering = ["sort_order", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["standard", "code"], name="item_code_unique"),
            models.CheckConstraint(condition=Q(weight__gte=1), name="item_weight_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.statement}"


class Recommendation(models.Model):
    """What to do next for a standard, by band and size, with the effort it takes."""

    standard = ParentalKey(Standard, on_delete=models.CASCADE, related_name="recommendations")
    sort_order = models.IntegerField(null=True, blank=True, editable=False)
    band = models.CharField(_("code of the band"), max_length=12)
    sizes = models.JSONField(_("for sizes"), default=list, blank=True)
    title = models.CharField(_("title"), max_length=120)
    text = models.TextField(_("recommendation"))
    hours = models.PositiveSmallIntegerField(_("effort in hours"), default=1)
    item = models.CharField(_("code of the item it improves"), max_length=12, blank=True)

    sort_order_field = "sort_order"

    class Meta:
        verbose_name = _("recommendation")
        verbose_name_plural = _("recommendations")
        ordering = ["sort_order", "pk"]

    def __str__(self) -> str:
        return self.title


class AssessmentRound(HubOwned):
    """A yearly round: dates are local days of the hub; `sizes` and `sectors` narrow whom it asks
    (empty: all). `report` is what it came to, written when it closes."""

    class State(models.TextChoices):
        PLANNED = "planned", _("planned")
        OPEN = "open", _("open")
        CLOSED = "closed", _("closed")

    MOVES = (
        ("planned", "open", HUB_STAFF | {"system"}),
        ("open", "closed", HUB_STAFF | {"system"}),
        ("planned", "closed", HUB_STAFF),
    )

    framework = models.ForeignKey(
        StandardsFramework, on_delete=models.PROTECT, related_name="rounds", verbose_name=_("framework")
    )
    name = models.CharField(_("name"), max_length=120)
    opens_on = models.DateField(_("opens"))
    closes_on = models.DateField(_("closes"), help_text=_("The last day to answer."))
    sizes = models.JSONField(_("asked of sizes"), default=list, blank=True)
    sectors = models.ManyToManyField("employers.Sector", verbose_name=_("asked of sectors"), blank=True)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.PLANNED, editable=False)
    opened_at = models.DateTimeField(_("opened"), null=True, blank=True, editable=False)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True, editable=False)
    report = models.JSONField(_("report"), default=dict, blank=True, editable=False)

    named_with = ()

    class Meta:
        verbose_name = _("round")
        verbose_name_plural = _("rounds")
        ordering = ["-opens_on", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(closes_on__gte=models.F("opens_on")), name="round_dates_ordered"),
            models.CheckConstraint(condition=Q(state__in=["planned", "open", "closed"]), name="round_state_valid"),
            models.UniqueConstraint(fields=["hub", "name"], name="round_name_unique"),
        ]

    def __str__(self) -> str:
        return self.name


class SelfAssessmentQuerySet(HubOwnedQuerySet):
    def answered(self):
        """Sent in, whatever the hub has done with it since."""
        return self.filter(state__in=["submitted", "reviewed", "final"])

    def standing(self):
        """Sent in, and not replaced by a correction that was sent in too."""
        replaced = type(self)(self.model).answered().filter(corrects__isnull=False)
        return self.answered().exclude(pk__in=replaced.values("corrects"))

    def confirmed(self):
        """Agreed to by the hub, so that nothing in it changes any more, and not replaced by a correction
        that was agreed to as well."""
        agreed = ["reviewed", "final"]
        replaced = type(self)(self.model).filter(state__in=agreed, corrects__isnull=False)
        return self.filter(state__in=agreed).exclude(pk__in=replaced.values("corrects"))

    def loose(self):
        """Begun or with the hub, and counting for no round that still runs."""
        return self.filter(Q(round=None) | Q(round__state="closed"), state__in=["open", "submitted"])

    def newest_first(self):
        return self.order_by("-submitted_at", "-pk")


class SelfAssessment(EmployerOwned):
    """`size` is the employer's when it began: it decides what is asked. A correction is a new row
    (`corrects`, `version` one higher); the old one stays as it was."""

    class State(models.TextChoices):
        OPEN = "open", _("open")
        SUBMITTED = "submitted", _("with the hub")
        REVIEWED = "reviewed", _("confirmed by the hub")
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
    corrects = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="corrections", editable=False
    )
    version = models.PositiveSmallIntegerField(_("version"), default=1)
    size = models.CharField(_("size"), max_length=8, choices=Employer.Size)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OPEN)
    started_at = models.DateTimeField(_("started"))
    submitted_at = models.DateTimeField(_("submitted"), null=True, blank=True)
    submitted_by = models.ForeignKey("hubs.User", null=True, on_delete=models.SET_NULL, related_name="+")
    reviewed_at = models.DateTimeField(_("reviewed"), null=True, blank=True)
    result = models.JSONField(_("result"), default=dict, blank=True)
    fingerprint = models.CharField(_("fingerprint"), max_length=64, blank=True)
    evidence = models.JSONField(_("what the record showed"), default=dict, blank=True)
    comment = models.TextField(_("comment of the hub"), blank=True)

    objects = SelfAssessmentQuerySet.as_manager()

    named_with = ("employer", "framework")

    class Meta:
        verbose_name = _("self-assessment")
        verbose_name_plural = _("self-assessments")
        ordering = ["-started_at", "-pk"]
        indexes = [models.Index(fields=["hub", "state"], name="assessment_hub_state")]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["open", "submitted", "reviewed", "final"]),
                name="assessment_state_valid",
            ),
            models.CheckConstraint(
                condition=Q(size__in=["sole", "micro", "small", "medium", "large"]), name="assessment_size_valid"
            ),
            models.CheckConstraint(
                condition=Q(state="open") | (Q(submitted_at__isnull=False) & ~Q(fingerprint="")),
                name="assessment_sent_is_scored",
            ),
            models.UniqueConstraint(
                fields=["employer", "framework"],
                condition=Q(state__in=["open", "submitted"]),
                name="assessment_one_live",
            ),
            models.UniqueConstraint(
                fields=["corrects"], condition=Q(corrects__isnull=False), name="assessment_corrected_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.employer} · {self.framework}"


class Answer(EmployerOwned):
    """One item of one assessment. `revision` rises with every change, so that of two people who
    answer the same item at once neither overwrites the other unseen."""

    assessment = models.ForeignKey(SelfAssessment, on_delete=models.CASCADE, related_name="answers")
    item = models.CharField(_("item"), max_length=12)
    level = models.PositiveSmallIntegerField(_("level"), null=True, blank=True)
    not_applicable = models.BooleanField(_("does not apply"), default=False)
    reason = models.TextField(_("why it does not apply"), blank=True)
    documents = models.ManyToManyField(Document, verbose_name=_("documents"), blank=True)
    answered_by = models.ForeignKey("hubs.User", null=True, on_delete=models.SET_NULL, related_name="+")
    answered_at = models.DateTimeField(_("answered"))
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("answer")
        verbose_name_plural = _("answers")
        ordering = ["assessment", "item"]
        constraints = [
            models.UniqueConstraint(fields=["assessment", "item"], name="answer_one_per_item"),
            models.CheckConstraint(
                condition=(Q(not_applicable=True, level__isnull=True) & ~Q(reason=""))
                | Q(not_applicable=False, level__range=(0, 20)),
                name="answer_level_or_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item}: {self.level}"


class RoundPlace(EmployerOwned):
    """An employer that was asked in a round, written when it opened: what uptake is counted over."""

    round = models.ForeignKey(AssessmentRound, on_delete=models.CASCADE, related_name="places")

    class Meta:
        verbose_name = _("employer asked in a round")
        verbose_name_plural = _("employers asked in a round")
        constraints = [models.UniqueConstraint(fields=["round", "employer"], name="round_place_once")]

    def __str__(self) -> str:
        return f"{self.round_id}: {self.employer_id}"
