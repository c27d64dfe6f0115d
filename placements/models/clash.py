"""What a changed calendar means for places that are asked for or given."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from placements.models.placement import Placement
from placements.models.request import Wish
from schools.models.school import SchoolOwned


class CalendarCheck(SchoolOwned):
    """The revision of a school's calendar its placements were last held against."""

    revision = models.CharField(max_length=16, blank=True)
    checked_at = models.DateTimeField(_("checked"), null=True, blank=True)

    class Meta:
        verbose_name = _("check of a calendar")
        verbose_name_plural = _("checks of calendars")
        constraints = [models.UniqueConstraint(fields=["school"], name="calendar_check_one")]

    def __str__(self) -> str:
        return f"{self.school_id} {self.revision}"


class CalendarClash(SchoolOwned):
    """A placement, or a wish still open, that the school's calendar no longer allows.

    `what` is a digest of the reasons: another reason is another clash, and told again. The words are
    made from the calendar when somebody reads them.
    """

    placement = models.ForeignKey(Placement, null=True, on_delete=models.CASCADE, related_name="calendar_clashes")
    wish = models.ForeignKey(Wish, null=True, on_delete=models.CASCADE, related_name="calendar_clashes")
    what = models.CharField(max_length=16)
    found_at = models.DateTimeField(_("found"))
    gone_at = models.DateTimeField(_("gone"), null=True, blank=True)

    class Meta:
        verbose_name = _("clash with the calendar")
        verbose_name_plural = _("clashes with the calendar")
        ordering = ["found_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(placement__isnull=False, wish__isnull=True) | Q(placement__isnull=True, wish__isnull=False),
                name="calendar_clash_of_one_thing",
            ),
            models.UniqueConstraint(
                fields=["placement"],
                condition=Q(gone_at__isnull=True, placement__isnull=False),
                name="calendar_clash_one_a_placement",
            ),
            models.UniqueConstraint(
                fields=["wish"], condition=Q(gone_at__isnull=True, wish__isnull=False), name="calendar_clash_one_a_wish"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.placement_id or self.wish_id} {self.what}"
