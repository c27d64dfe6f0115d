"""What must be done before a placement may start, and what was signed."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hubs.models import HUB_STAFF, Requirement
from placements.models.placement import EMPLOYER_SIDE, Placement
from placements.models.request import COORDINATORS
from schools.models import Student
from schools.models.school import SchoolOwned


class Clearance(SchoolOwned):
    """One requirement, for one placement or one of its students. `blocks` is copied when
    made, so that the placement is judged by the rules of its day."""

    class State(models.TextChoices):
        OPEN = "open", _("to do")
        DONE = "done", _("done")
        WAIVED = "waived", _("not needed here")

    MOVES = (
        ("open", "done", COORDINATORS | EMPLOYER_SIDE | HUB_STAFF | {"system", "link:parent", "link:host"}),
        ("open", "waived", HUB_STAFF),
        ("done", "open", HUB_STAFF | COORDINATORS | {"system", "link:parent"}),
    )

    placement = models.ForeignKey(Placement, on_delete=models.CASCADE, related_name="clearances")
    student = models.ForeignKey(Student, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    requirement = models.ForeignKey(Requirement, on_delete=models.PROTECT, related_name="clearances")
    responsible = models.CharField(_("who must act"), max_length=8, choices=Requirement.Party)
    blocks = models.CharField(_("blocks"), max_length=8, choices=Requirement.Blocks)
    due_on = models.DateField(_("by"))
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.OPEN)
    evidence = models.JSONField(_("evidence"), default=dict, blank=True)
    done_at = models.DateTimeField(_("done"), null=True, blank=True)

    # Consent of a parent is the school's business; the host sees only what it must do itself.
    seen_by = ("school_id", ("placement__employer_id", Q(responsible="host", student__isnull=True)))

    class Meta:
        verbose_name = _("clearance")
        verbose_name_plural = _("clearances")
        ordering = ["due_on", "pk"]
        indexes = [models.Index(fields=["hub", "state", "due_on"], name="clearance_hub_due")]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=["open", "done", "waived"]), name="clearance_state_valid"),
            models.CheckConstraint(
                condition=Q(blocks__in=["publish", "confirm", "start", "none"]),
                name="clearance_blocks_valid",
            ),
            models.CheckConstraint(
                condition=Q(responsible__in=Requirement.Party.values), name="clearance_responsible_valid"
            ),
            models.UniqueConstraint(
                fields=["placement", "requirement"],
                condition=Q(student__isnull=True),
                name="clearance_once",
            ),
            models.UniqueConstraint(fields=["placement", "requirement", "student"], name="clearance_once_per_student"),
        ]

    def __str__(self) -> str:
        return f"{self.requirement.title}"

    def parties(self) -> dict[str, int | None]:
        """Only the responsible side may act on a clearance."""
        parties = self.placement.parties()
        side = "employer" if self.responsible == Requirement.Party.HOST else "school"
        return {side: parties[side]}


class Agreement(SchoolOwned):
    """One version of the written agreement of a placement."""

    placement = models.ForeignKey(Placement, on_delete=models.CASCADE, related_name="agreements")
    version = models.PositiveSmallIntegerField(_("version"), default=1)
    text_sha256 = models.CharField(max_length=64)
    facts = models.JSONField(default=dict)
    made_at = models.DateTimeField(_("made"))

    seen_by = ("school_id", "placement__employer_id")

    class Meta:
        verbose_name = _("agreement")
        verbose_name_plural = _("agreements")
        ordering = ["-version"]
        constraints = [models.UniqueConstraint(fields=["placement", "version"], name="agreement_version_unique")]

    def __str__(self) -> str:
        return f"{self.placement_id} v{self.version}"


class Signature(SchoolOwned):
    """Who agreed to which version, in which role, when; withdrawn when consent is."""

    agreement = models.ForeignKey(Agreement, on_delete=models.CASCADE, related_name="signatures")
    party = models.CharField(_("for"), max_length=8, choices=Requirement.Party)
    name = models.CharField(_("name"), max_length=120)
    capacity = models.CharField(_("as"), max_length=80, blank=True)
    student = models.ForeignKey(Student, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    signed_at = models.DateTimeField(_("signed"))
    outside = models.BooleanField(_("signed on paper"), default=False)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)

    class Meta:
        verbose_name = _("signature")
        verbose_name_plural = _("signatures")
        constraints = [
            models.CheckConstraint(condition=Q(party__in=Requirement.Party.values), name="signature_party_valid")
        ]

    def __str__(self) -> str:
        return f"{self.get_party_display()} {self.signed_at:%Y-%m-%d}"
