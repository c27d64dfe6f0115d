"""Where a school's calendar comes from: how events are read, addresses that are read, what is not wanted from them."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from schools.models.calendar import BellSchedule
from schools.models.school import SchoolOwned


class EventRule(SchoolOwned):
    """A classification corrected once and remembered: summaries with `words` mean `kind`; `years`: which year groups
    a protected period is for, when the words do not say (empty: as they say, else the whole school); `bell`: when
    lessons are on a short day, where the words do not say."""

    words = models.CharField(_("words in the event"), max_length=120)
    kind = models.CharField(_("means"), max_length=14)
    years = models.JSONField(_("for year groups"), default=list, blank=True)
    bell = models.ForeignKey(BellSchedule, null=True, blank=True, on_delete=models.SET_NULL, related_name="event_rules")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("rule for events")
        verbose_name_plural = _("rules for events")
        ordering = ["position", "pk"]
        constraints = [models.UniqueConstraint(fields=["school", "words"], name="event_rule_unique")]

    def __str__(self) -> str:
        return f"{self.words} → {self.kind}"


class CalendarSubscription(SchoolOwned):
    """A calendar address read again and again, with the last good copy kept."""

    name = models.CharField(_("name"), max_length=80, blank=True)
    url = models.URLField(_("address"), max_length=500)
    every_hours = models.PositiveSmallIntegerField(_("read every so many hours"), default=24)
    applies_itself = models.BooleanField(_("take over changes without asking"), default=False)
    etag = models.CharField(max_length=200, blank=True)
    last_modified = models.CharField(max_length=60, blank=True)
    last_good = models.BinaryField(null=True, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    #: What a person was last asked about: the same question is not asked again once it was put aside.
    asked_sha256 = models.CharField(max_length=64, blank=True)
    last_good_at = models.DateTimeField(_("last good copy"), null=True, blank=True)
    last_tried_at = models.DateTimeField(_("last tried"), null=True, blank=True)
    last_error = models.CharField(_("last problem"), max_length=300, blank=True)
    failures = models.PositiveSmallIntegerField(_("failed in a row"), default=0)
    due_at = models.DateTimeField(_("read next"), null=True, blank=True)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("calendar subscription")
        verbose_name_plural = _("calendar subscriptions")
        ordering = ["pk"]
        indexes = [models.Index(fields=["due_at"], condition=Q(is_active=True), name="subscription_due")]
        constraints = [
            models.UniqueConstraint(fields=["school", "url"], name="subscription_unique"),
            models.CheckConstraint(condition=Q(every_hours__range=(1, 720)), name="subscription_interval_sane"),
        ]

    def __str__(self) -> str:
        """Never the address: whoever shares a calendar by link shares it with whoever reads the link."""
        return self.name or urlsplit(self.url).hostname or ""


class TakenOut(SchoolOwned):
    """A row from a file that a person took out of the calendar by hand: the file does not bring it back unasked.

    `kind` is the model's label, `key` the row's key in its source; that of a lesson begins with its group.
    """

    kind = models.CharField(max_length=40)
    key = models.CharField(max_length=200)
    what = models.CharField(_("what it was"), max_length=160)
    taken_at = models.DateTimeField(_("taken out"))

    class Meta:
        verbose_name = _("row taken out by hand")
        verbose_name_plural = _("rows taken out by hand")
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["school", "kind", "key"], name="taken_out_unique")]

    def __str__(self) -> str:
        return _("%(what)s, taken out by hand") % {"what": self.what}
