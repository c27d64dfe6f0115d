"""The taxonomy of encounters: data, edited by the hub."""

from __future__ import annotations

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from hubs.models import Tier
from hubs.scoping import HubOwned


class Stage(models.IntegerChoices):
    AWARE = 1, _("Aware")
    EXPLORE = 2, _("Explore")
    PREPARE = 3, _("Prepare")
    EXPERIENCE = 4, _("Experience")
    TRANSITION = 5, _("Transition")


#: The seven tests of a meaningful encounter, in the order they can be known.
FLAGS = {
    "purpose": _("a clear purpose, shared beforehand"),
    "outcomes": _("learning outcomes that suit the young person"),
    "two_way": _("two-way conversation"),
    "range_of_people": _("a range of people met"),
    "task": _("a real task done"),
    "feedback": _("feedback from the employer"),
    "reflection": _("time to reflect afterwards"),
}


def flag_words(names: Iterable[str]) -> list[str]:
    """In the order they can be known; what is no flag is left out."""
    return [str(words) for name, words in FLAGS.items() if name in names]


def known_flags(names: list[str]) -> None:
    if not isinstance(names, list) or any(name not in FLAGS for name in names):
        raise ValidationError(_("Choose from the list."))


def all_flags() -> list[str]:
    return ["purpose", "outcomes", "two_way", "reflection"]


class EncounterType(HubOwned):
    """Defaults of one kind of encounter. Ages in years; lead times in school weeks."""

    code = models.SlugField(_("code"))
    name = models.CharField(_("name"), max_length=80)
    about = models.TextField(_("what it is"), blank=True)
    stage = models.PositiveSmallIntegerField(_("stage"), choices=Stage)
    hours = models.DecimalField(_("hours credited"), max_digits=5, decimal_places=1)
    min_age = models.PositiveSmallIntegerField(_("from age"), default=11)
    max_age = models.PositiveSmallIntegerField(_("to age"), default=18)
    group_min = models.PositiveSmallIntegerField(_("smallest group"), default=1)
    group_max = models.PositiveSmallIntegerField(_("largest group"), default=30)
    school_lead_weeks = models.PositiveSmallIntegerField(_("usual notice for schools, in weeks"), default=4)
    employer_lead_weeks = models.PositiveSmallIntegerField(_("usual notice for employers, in weeks"), default=4)
    tier = models.CharField(_("compliance tier"), max_length=2, choices=Tier)
    required_flags = models.JSONField(_("what makes it meaningful"), default=all_flags)
    outcomes = models.TextField(_("learning outcomes"), blank=True)
    is_workplace = models.BooleanField(_("counts as an experience of a workplace"), default=False)
    is_active = models.BooleanField(_("in use"), default=True)

    open_in_hub = Q()

    class Meta:
        verbose_name = _("encounter type")
        verbose_name_plural = _("encounter types")
        ordering = ["stage", "name"]
        constraints = [
            models.UniqueConstraint(fields=["hub", "code"], name="encounter_type_code_unique"),
            models.CheckConstraint(condition=Q(stage__range=(1, 5)), name="encounter_type_stage_valid"),
            models.CheckConstraint(
                condition=Q(tier__in=["T0", "T1", "T2", "T3", "T4", "T5", "T6"]),
                name="encounter_type_tier_valid",
            ),
            models.CheckConstraint(condition=Q(max_age__gte=F("min_age")), name="encounter_type_ages"),
            models.CheckConstraint(condition=Q(group_max__gte=F("group_min")), name="encounter_type_group"),
        ]

    def __str__(self) -> str:
        return self.name
