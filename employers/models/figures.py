"""What is counted about employers: figures of the record, and quartiles of groups."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from employers.models.organisation import EmployerOwned
from hubs.scoping import HubOwned


class EvidenceFigure(EmployerOwned):
    """What the record shows of one employer for one code, as last counted. Written by a higher
    floor, read here; never part of a score."""

    code = models.CharField(_("code"), max_length=30)
    part = models.PositiveIntegerField(_("of these"))
    whole = models.PositiveIntegerField(_("of all"))
    since = models.DateField(_("from"))
    until = models.DateField(_("until"))
    counted_at = models.DateTimeField(_("counted"))

    class Meta:
        verbose_name = _("figure of the record")
        verbose_name_plural = _("figures of the record")
        ordering = ["employer", "code"]
        constraints = [
            models.UniqueConstraint(fields=["employer", "code"], name="evidence_figure_once"),
            models.CheckConstraint(condition=Q(part__lte=models.F("whole")), name="evidence_part_of_whole"),
            models.CheckConstraint(condition=Q(until__gte=models.F("since")), name="evidence_period_ordered"),
        ]

    def __str__(self) -> str:
        return f"{self.code}: {self.part}/{self.whole}"


class Comparison(models.Model):
    """Quartiles of one group for one measure, frozen for a period, in steps of five points.

    `members` are the assessments it was made of: kept so that no later publication can be set
    against this one to single out an employer, and shown to nobody.
    """

    framework_sha256 = models.CharField(max_length=64)
    period = models.CharField(_("period"), max_length=7)
    measure = models.CharField(_("measure"), max_length=12)
    kind = models.CharField(_("group"), max_length=8)
    key = models.CharField(max_length=40)
    lower = models.PositiveSmallIntegerField(_("lower quartile"))
    middle = models.PositiveSmallIntegerField(_("median"))
    upper = models.PositiveSmallIntegerField(_("upper quartile"))
    members = models.JSONField(default=list)
    made_at = models.DateTimeField(_("made"))

    class Meta:
        verbose_name = _("comparison")
        verbose_name_plural = _("comparisons")
        ordering = ["framework_sha256", "period", "measure", "kind", "key"]
        constraints = [
            models.UniqueConstraint(
                fields=["framework_sha256", "period", "measure", "kind", "key"], name="comparison_once_a_period"
            ),
            models.CheckConstraint(
                condition=Q(lower__lte=models.F("middle"), middle__lte=models.F("upper"), upper__lte=100),
                name="comparison_ordered",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.period} {self.kind} {self.key} {self.measure}"


class CountedStandards(HubOwned):
    """What the hub's page of one framework says, as last counted: codes, ids and numbers, for the hub's own people.
    Written by a higher floor, which says in what shape."""

    framework = models.OneToOneField("employers.StandardsFramework", on_delete=models.CASCADE, related_name="+")
    found = models.JSONField()
    counted_at = models.DateTimeField(_("counted"))

    class Meta:
        verbose_name = _("standards as counted")
        verbose_name_plural = _("standards as counted")

    def __str__(self) -> str:
        return f"{self.framework_id}: {self.counted_at:%Y-%m-%d %H:%M}"


def period_of(day: dt.date) -> str:
    """The month of a day: "2026-11"."""
    return f"{day:%Y-%m}"
