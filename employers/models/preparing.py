"""What a volunteer has gone through before meeting young people."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from employers.models.organisation import EmployerOwned, Volunteer


class Preparation(EmployerOwned):
    """One module of the hub that one volunteer has done: a page of its site with a short check. Local dates of the
    hub; it holds up to and on `valid_until`."""

    volunteer = models.ForeignKey(Volunteer, on_delete=models.CASCADE, related_name="preparations")
    # A module taken off the site for good asks nobody any more, so what was done of it need not be known.
    page = models.ForeignKey("wagtailcore.Page", on_delete=models.CASCADE, related_name="+")
    done_on = models.DateField(_("done on"))
    valid_until = models.DateField(_("valid until"))

    named_with = ("volunteer",)

    class Meta:
        verbose_name = _("preparation")
        verbose_name_plural = _("preparations")
        ordering = ["-done_on", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["volunteer", "page"], name="preparation_once"),
            models.CheckConstraint(condition=Q(valid_until__gte=F("done_on")), name="preparation_dates_ordered"),
        ]

    def __str__(self) -> str:
        return f"{self.volunteer}, {self.valid_until}"
