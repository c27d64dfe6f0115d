"""What the desk remembers of its worklists."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hubs.scoping import HubOwned


class DeskItem(HubOwned):
    """One row of one worklist, from the moment it came in to the moment it left.

    Written by a job; the lists themselves are read from the rows they are about, so nothing
    here can be wrong for longer than a run.
    """

    class How(models.TextChoices):
        DONE = "done", _("done")
        EXPIRED = "expired", _("expired")

    #: The key of the list and the primary key of the row it shows.
    worklist = models.CharField(_("list"), max_length=16)
    subject_id = models.BigIntegerField()
    manager = models.ForeignKey("hubs.User", null=True, on_delete=models.SET_NULL, related_name="+")
    came_at = models.DateTimeField(_("came in"))
    left_at = models.DateTimeField(_("left"), null=True, blank=True)
    how = models.CharField(_("how it left"), max_length=8, choices=How, blank=True)

    class Meta:
        verbose_name = _("item of the desk")
        verbose_name_plural = _("items of the desk")
        ordering = ["came_at", "pk"]
        indexes = [models.Index(fields=["hub", "left_at"], name="desk_item_left")]
        constraints = [
            models.UniqueConstraint(
                fields=["hub", "worklist", "subject_id"],
                condition=Q(left_at__isnull=True),
                name="desk_item_one_open",
            ),
            models.CheckConstraint(
                condition=Q(left_at__isnull=True, how="") | Q(left_at__isnull=False, how__in=["done", "expired"]),
                name="desk_item_left_somehow",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.worklist} {self.subject_id}"
