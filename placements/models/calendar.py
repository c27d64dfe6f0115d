"""What calendars have been told of a placement."""

from __future__ import annotations

import datetime as dt
import secrets
import uuid
import zoneinfo

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hubs.models.hub import validate_zone
from hubs.scoping import HubOwned
from placements.models.placement import KNOWN_TO_EMPLOYER, Placement

STAMP_BITS = 48


def new_stamp() -> int:
    """A number that no other state of any event has, but for one chance in 2**48."""
    return secrets.randbits(STAMP_BITS)


class CalendarEvent(HubOwned):
    """One VEVENT: a day, or a run of equal days, as calendars were last told of it.

    Feeds and invitations show these rows and nothing else, so that `sequence` rises exactly
    when what they show changes; but for what comes next in another placement of the same series,
    which only `stamp` tells. Local date, times and zone are the truth. `step` is the number
    of days from one occurrence to the next (1 or 7), `count` how many there are.
    """

    placement = models.ForeignKey(Placement, on_delete=models.CASCADE, related_name="events")
    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    on = models.DateField(_("first day"))
    starts_at = models.TimeField(_("from"))
    ends_at = models.TimeField(_("until"))
    time_zone = models.CharField(_("time zone"), max_length=64, validators=[validate_zone])
    step = models.PositiveSmallIntegerField(default=1)
    count = models.PositiveSmallIntegerField(default=1)
    status = models.CharField(_("status"), max_length=12)
    facts = models.JSONField(default=dict)
    #: The event after this one, in its placement or the next of its series, and whole days between (RFC 9253).
    followed_by = models.CharField(max_length=36, blank=True)
    gap_days = models.PositiveSmallIntegerField(default=0)
    sequence = models.PositiveIntegerField(default=0)
    #: Drawn anew at each change: the sum over a feed's events tells whether any of them is another.
    stamp = models.BigIntegerField(default=new_stamp, editable=False)
    last_on = models.DateField(_("last day"))
    changed_at = models.DateTimeField(_("changed"))

    seen_by = (
        "placement__school_id",
        (
            "placement__employer_id",
            Q(placement__state__in=KNOWN_TO_EMPLOYER, placement__offered_at__isnull=False),
        ),
    )

    class Meta:
        verbose_name = _("event in calendars")
        verbose_name_plural = _("events in calendars")
        ordering = ["on", "starts_at", "pk"]
        indexes = [models.Index(fields=["hub", "last_on"], name="calendar_event_last")]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["TENTATIVE", "CONFIRMED", "CANCELLED"]), name="calendar_event_status_valid"
            ),
            models.CheckConstraint(condition=Q(step__in=[1, 7], count__gte=1), name="calendar_event_run_valid"),
            models.CheckConstraint(condition=Q(ends_at__gt=models.F("starts_at")), name="calendar_event_times_ordered"),
        ]

    def __str__(self) -> str:
        return f"{self.placement_id} {self.on}"

    def parties(self) -> dict[str, int | None]:
        return self.placement.parties()

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        return zoneinfo.ZoneInfo(self.time_zone)

    def days(self) -> list[dt.date]:
        """The first day and those of the run after it."""
        return [self.on + dt.timedelta(days=self.step * number) for number in range(self.count)]

    @property
    def begins(self) -> dt.datetime:
        return dt.datetime.combine(self.on, self.starts_at, self.zone)
