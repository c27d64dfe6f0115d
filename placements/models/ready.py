"""What must be done before a placement may start, and what was signed."""

from __future__ import annotations

import secrets

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from employers.models.organisation import private_storage
from hubs.models import HUB_STAFF, Requirement
from hubs.scoping import HubOwnedQuerySet
from placements.models.placement import EMPLOYER_SIDE, NAMES_KNOWN, Placement, PlacementStudent
from placements.models.request import COORDINATORS
from schools.models import Student
from schools.models.school import SchoolOwned


def scan_key(instance, filename: str) -> str:
    """A random key: nothing of the uploaded name reaches the disk."""
    return f"agreements/{secrets.token_hex(2)}/{secrets.token_hex(16)}"


#: What a clearance may block that keeps the placement from starting. What was to be there before publishing is needed
#: then as well.
BLOCKING = ("publish", "confirm", "start")


class ClearanceQuerySet(HubOwnedQuerySet):
    def blocking(self):
        """Open ones that keep their placement from starting; never those of students no longer named."""
        named = PlacementStudent.objects.filter(placement=OuterRef("placement"), student=OuterRef("student"))
        return self.filter(Q(student=None) | Exists(named), blocks__in=BLOCKING, state="open")


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

    objects = ClearanceQuerySet.as_manager()

    # Consent of a parent is the school's business; the host sees only what it must do itself.
    seen_by = ("school_id", ("placement__employer_id", Q(responsible="host", student__isnull=True)))

    named_with = ("requirement",)

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
    """One version of the written agreement of a placement, or of one of its students.

    `facts` is the whole text in the language and form of its jurisdiction, as it was when made;
    a student's name is not in it, and is printed only while it may be known.
    """

    placement = models.ForeignKey(Placement, on_delete=models.CASCADE, related_name="agreements")
    student = models.ForeignKey(Student, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    form = models.CharField(_("form"), max_length=12, blank=True)
    language = models.CharField(_("language"), max_length=12, blank=True)
    version = models.PositiveSmallIntegerField(_("version"), default=1)
    text_sha256 = models.CharField(max_length=64)
    facts = models.JSONField(default=dict)
    made_at = models.DateTimeField(_("made"))

    seen_by = ("school_id", ("placement__employer_id", Q(placement__state__in=NAMES_KNOWN)))

    class Meta:
        verbose_name = _("agreement")
        verbose_name_plural = _("agreements")
        ordering = ["-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["placement", "version"],
                condition=Q(student__isnull=True),
                name="agreement_version_unique",
            ),
            models.UniqueConstraint(
                fields=["placement", "student", "version"], name="agreement_version_once_per_student"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.placement_id} v{self.version}"

    def parties(self) -> dict[str, int | None]:
        return self.placement.parties()


class Signature(SchoolOwned):
    """One line under an agreement: open until somebody signs, with who, in which role, when and
    which text; withdrawn when consent is. `drawing` is strokes of [x, y] points in a box of
    400 by 120. `scan` is the paper, when it was signed outside."""

    agreement = models.ForeignKey(Agreement, on_delete=models.CASCADE, related_name="signatures")
    party = models.CharField(_("for"), max_length=8, choices=Requirement.Party)
    label = models.CharField(_("signs as"), max_length=80, blank=True)
    name = models.CharField(_("name"), max_length=120, blank=True)
    capacity = models.CharField(_("as"), max_length=80, blank=True)
    student = models.ForeignKey(Student, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    text_sha256 = models.CharField(max_length=64, blank=True)
    drawing = models.JSONField(_("drawn"), default=list, blank=True)
    signed_at = models.DateTimeField(_("signed"), null=True, blank=True)
    outside = models.BooleanField(_("signed on paper"), default=False)
    scan = models.FileField(_("scan"), upload_to=scan_key, storage=private_storage, blank=True, max_length=120)
    scan_type = models.CharField(max_length=60, blank=True)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)

    seen_by = ("school_id", ("agreement__placement__employer_id", Q(party="host")))

    class Meta:
        verbose_name = _("signature")
        verbose_name_plural = _("signatures")
        constraints = [
            models.CheckConstraint(condition=Q(party__in=Requirement.Party.values), name="signature_party_valid"),
            models.UniqueConstraint(
                fields=["agreement", "party"],
                condition=Q(withdrawn_at__isnull=True),
                name="signature_one_live_a_party",
            ),
            models.CheckConstraint(
                condition=Q(signed_at__isnull=False) | Q(name="", withdrawn_at__isnull=True),
                name="signature_open_is_empty",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agreement_id} {self.party}"

    def parties(self) -> dict[str, int | None]:
        """Only the side that signs may sign."""
        placement = self.agreement.placement
        if self.party == Requirement.Party.HOST:
            return {"employer": placement.employer_id}
        return {"school": placement.school_id}
