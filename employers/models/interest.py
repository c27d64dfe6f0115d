"""Employers who would like to take part, before they are anybody's record."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from employers.models.organisation import Employer
from hubs.models import HUB_STAFF
from hubs.scoping import HubOwned


class Interest(HubOwned):
    """What somebody wrote on the public site. Only the hub reads it."""

    class State(models.TextChoices):
        OPEN = "open", _("waiting")
        TAKEN_UP = "taken_up", _("taken up")
        SET_ASIDE = "set_aside", _("set aside")

    MOVES = (
        ("open", "taken_up", HUB_STAFF),
        ("open", "set_aside", HUB_STAFF),
        ("set_aside", "open", HUB_STAFF),
    )

    name = models.CharField(_("organisation"), max_length=120)
    person = models.CharField(_("name"), max_length=120)
    email = models.EmailField(_("e-mail address"))
    phone = models.CharField(_("telephone"), max_length=40, blank=True)
    town = models.CharField(_("town"), max_length=80, blank=True)
    size = models.CharField(_("size"), max_length=8, choices=Employer.Size)
    words = models.TextField(_("what they could offer"), blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OPEN)
    employer = models.ForeignKey(
        Employer, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("employer")
    )
    written_at = models.DateTimeField(_("written"))

    class Meta:
        verbose_name = _("offer to take part")
        verbose_name_plural = _("offers to take part")
        ordering = ["-written_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["open", "taken_up", "set_aside"]), name="interest_state_valid"
            ),
            models.CheckConstraint(
                condition=Q(size__in=["sole", "micro", "small", "medium", "large"]), name="interest_size_valid"
            ),
        ]

    def __str__(self) -> str:
        return self.name
