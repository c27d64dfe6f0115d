"""A file between upload and confirmation."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from schools.models.school import SchoolOwned
from schools.models.sources import CalendarSubscription


class PendingImport(SchoolOwned):
    """What was uploaded and not yet confirmed. Kept here and not in the browser, so that what is
    confirmed is what was shown, and nothing typed is lost. Gone once confirmed, or after a week.

    `parsed` is the file as read (`schools.ical_json`, `schools.timetable_json`), so that a look costs no second
    reading; `choices` is what was said about it so far. Of a roster the archive itself is not kept, since it may hold
    passwords and addresses: `data` is what was read of it (`schools.oneroster_types`), packed and compressed.
    """

    class Kind(models.TextChoices):
        CALENDAR = "calendar", _("calendar")
        TIMETABLE = "timetable", _("timetable")
        ROSTER = "roster", _("class lists")

    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    file_name = models.CharField(_("file"), max_length=160, blank=True)
    data = models.BinaryField(_("content"))
    parsed = models.JSONField(null=True, blank=True)
    choices = models.JSONField(default=dict, blank=True)
    uploaded_by = models.ForeignKey("hubs.User", null=True, on_delete=models.SET_NULL, related_name="+")
    uploaded_at = models.DateTimeField(_("uploaded"))
    subscription = models.ForeignKey(
        CalendarSubscription, null=True, blank=True, on_delete=models.CASCADE, related_name="waiting"
    )

    class Meta:
        verbose_name = _("file waiting for confirmation")
        verbose_name_plural = _("files waiting for confirmation")
        ordering = ["-uploaded_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["calendar", "timetable", "roster"]), name="pending_import_kind_valid"
            ),
            # What is waiting from one address is its newest copy; two fetches at once leave one.
            models.UniqueConstraint(
                fields=["subscription"],
                condition=Q(subscription__isnull=False),
                name="pending_import_one_a_subscription",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.file_name}"
