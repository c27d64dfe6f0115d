"""Sequences of encounters, published by the hub, an employer or several."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel

from employers.models import Employer, Sector
from hubs.models import HUB_STAFF, Role
from hubs.scoping import HubOwned, HubOwnedQuerySet
from opportunities.models.types import EncounterType
from opportunities.rules_pathways import cannot_be_walked

WRITERS = frozenset({Role.EMPLOYER_LEAD}) | HUB_STAFF
YEARS = [MinValueValidator(1), MaxValueValidator(14)]


class PathwayQuerySet(HubOwnedQuerySet):
    def with_all(self):
        """What a list or page of pathways shows."""
        steps = models.Prefetch(
            "steps", PathwayStep.objects.select_related("encounter_type", "sector", "opportunity", "needs_type")
        )
        return self.select_related("hub", "employer").prefetch_related("employers", steps)


class Pathway(HubOwned, ClusterableModel):
    """An ordered sequence of encounters with rules (`opportunities/pathways.py` judges by them).

    `employer` wrote it; without one the hub did. `employers` are those who publish it together.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        PUBLISHED = "published", _("published")

    MOVES = (
        ("draft", "published", WRITERS, cannot_be_walked),
        ("published", "draft", WRITERS),
    )

    name = models.CharField(_("name"), max_length=120)
    about = models.TextField(_("about"), blank=True)
    employer = models.ForeignKey(
        Employer, null=True, blank=True, on_delete=models.CASCADE, related_name="+", verbose_name=_("written by"),
        help_text=_("Empty: the hub."),
    )  # fmt: skip
    employers = models.ManyToManyField(
        Employer, verbose_name=_("employers"), blank=True, related_name="pathways",
        help_text=_("Those who offer it together. None: the whole hub."),
    )  # fmt: skip
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.DRAFT, editable=False)
    shorter_first = models.PositiveSmallIntegerField(
        _("shorter encounters before days without school staff"), default=2, help_text=_("0: none are needed.")
    )
    other_sector = models.PositiveSmallIntegerField(
        _("another sector than in the last"), default=2,
        help_text=_("How many encounters to look back. 0: the sector does not matter."),
    )  # fmt: skip
    small_by = models.PositiveSmallIntegerField(
        _("a small employer by the end of year"), null=True, blank=True, validators=YEARS,
        help_text=_("Fewer than 50 staff. Empty: the size does not matter."),
    )  # fmt: skip

    seen_by = ("employer_id",)
    open_in_hub = Q(state="published")

    objects = PathwayQuerySet.as_manager()

    class Meta:
        verbose_name = _("pathway")
        verbose_name_plural = _("pathways")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["hub", "name"], name="pathway_name_unique"),
            models.CheckConstraint(condition=Q(state__in=["draft", "published"]), name="pathway_state_valid"),
        ]

    def __str__(self) -> str:
        return self.name

    def parties(self) -> dict[str, int | None]:
        return {"employer": self.employer_id}


class PathwayStep(HubOwned):
    """One step: a type or a certain opportunity, with what has to come first."""

    pathway = ParentalKey(Pathway, on_delete=models.CASCADE, related_name="steps")
    position = models.PositiveSmallIntegerField(_("position"), default=0, editable=False)
    encounter_type = models.ForeignKey(
        EncounterType, on_delete=models.PROTECT, related_name="+", verbose_name=_("encounter type")
    )
    opportunity = models.ForeignKey(
        "opportunities.Opportunity", null=True, blank=True, on_delete=models.SET_NULL, related_name="+",
        verbose_name=_("only this opportunity"),
    )  # fmt: skip
    sector = models.ForeignKey(
        Sector, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("sector")
    )
    year_number = models.PositiveSmallIntegerField(_("by the end of year"), null=True, blank=True, validators=YEARS)
    needs_type = models.ForeignKey(
        EncounterType, null=True, blank=True, on_delete=models.SET_NULL, related_name="+",
        verbose_name=_("only after"), help_text=_("An encounter of this type has to come first."),
    )  # fmt: skip
    gap_weeks = models.PositiveSmallIntegerField(_("weeks after the step before"), default=0)

    seen_by = ("pathway__employer_id",)
    open_in_hub = Q(pathway__state="published")
    sort_order_field = "position"

    class Meta:
        verbose_name = _("pathway step")
        verbose_name_plural = _("pathway steps")
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return str(self.encounter_type)

    def save(self, *args, **kwargs):
        # A step made inline knows its pathway, and only through it its hub.
        self.hub_id = self.hub_id or self.pathway.hub_id
        super().save(*args, **kwargs)
