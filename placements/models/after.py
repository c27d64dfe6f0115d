"""What one student really had, and what was said about it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from employers.models import Employer
from opportunities.models import EncounterType
from placements.models.placement import Placement
from schools.models import Student
from schools.models.school import SchoolOwned


class Encounter(SchoolOwned):
    """One student's encounter. Flags are null until somebody knows; `meaningful` is true
    when the student attended and every flag the type requires is true."""

    student = models.ForeignKey(Student, on_delete=models.PROTECT, related_name="encounters")
    placement = models.ForeignKey(Placement, null=True, blank=True, on_delete=models.PROTECT, related_name="encounters")
    encounter_type = models.ForeignKey(EncounterType, on_delete=models.PROTECT, related_name="encounters")
    employer = models.ForeignKey(Employer, null=True, blank=True, on_delete=models.PROTECT, related_name="encounters")
    on = models.DateField(_("date"))
    attended = models.BooleanField(_("attended"))
    hours = models.DecimalField(_("hours"), max_digits=5, decimal_places=1, default=0)
    purpose = models.BooleanField(_("purpose"), null=True)
    outcomes = models.BooleanField(_("outcomes"), null=True)
    two_way = models.BooleanField(_("two-way"), null=True)
    range_of_people = models.BooleanField(_("range of people"), null=True)
    task = models.BooleanField(_("task"), null=True)
    feedback = models.BooleanField(_("feedback"), null=True)
    reflection = models.BooleanField(_("reflection"), null=True)
    meaningful = models.BooleanField(_("meaningful"), default=False)
    recorded_at = models.DateTimeField(_("recorded"))

    class Meta:
        verbose_name = _("encounter")
        verbose_name_plural = _("encounters")
        ordering = ["-on", "pk"]
        indexes = [models.Index(fields=["student", "on"], name="encounter_student_on")]
        constraints = [
            models.UniqueConstraint(
                fields=["placement", "student"],
                condition=Q(placement__isnull=False),
                name="encounter_once_per_placement",
            ),
            models.CheckConstraint(
                condition=Q(attended=True) | Q(hours=0, meaningful=False), name="encounter_absent_counts_nothing"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.student_id} {self.on}"


class Feedback(SchoolOwned):
    """What one side said after a placement. Free text is shown to school and hub only."""

    class Side(models.TextChoices):
        EMPLOYER = "employer", _("employer")
        SCHOOL = "school", _("school")
        STUDENT = "student", _("student")

    placement = models.ForeignKey(Placement, on_delete=models.CASCADE, related_name="feedback")
    side = models.CharField(_("side"), max_length=8, choices=Side)
    student = models.ForeignKey(Student, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    answers = models.JSONField(_("answers"), default=dict)
    again = models.BooleanField(_("again"), null=True)
    given_at = models.DateTimeField(_("given"))

    class Meta:
        verbose_name = _("feedback")
        verbose_name_plural = _("feedback")
        constraints = [
            models.CheckConstraint(condition=Q(side__in=["employer", "school", "student"]), name="feedback_side_valid"),
            models.UniqueConstraint(
                fields=["placement", "side"], condition=Q(student__isnull=True), name="feedback_once"
            ),
            models.UniqueConstraint(fields=["placement", "side", "student"], name="feedback_once_per_student"),
        ]

    def __str__(self) -> str:
        return f"{self.placement_id} {self.side}"
