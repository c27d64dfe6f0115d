"""Opportunities and their dated sessions."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Iterable

from django.db import models
from django.db.models import Exists, F, Q
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from employers.models import Sector, Site
from employers.models.organisation import EmployerOwned
from hubs.models import HUB_STAFF, Role
from hubs.models.hub import validate_zone
from hubs.models.people import fold
from hubs.scoping import HubOwned, HubOwnedQuerySet
from opportunities.models.plan import PlanStep
from opportunities.models.types import EncounterType
from opportunities.release import Release
from opportunities.rules import not_complete
from schools.models import School

LEADS = frozenset({Role.EMPLOYER_LEAD})


class DayPlan(HubOwned):
    """What they will do all day: a ready-made plan from the hub's library, by sector."""

    title = models.CharField(_("title"), max_length=120)
    sector = models.ForeignKey(Sector, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    items = models.JSONField(_("items"), default=list)

    open_in_hub = Q()

    class Meta:
        verbose_name = _("day plan")
        verbose_name_plural = _("day plans")
        ordering = ["title"]
        constraints = [models.UniqueConstraint(fields=["hub", "title"], name="day_plan_title_unique")]

    def __str__(self) -> str:
        return self.title


class OpportunityQuerySet(HubOwnedQuerySet):
    def published(self):
        return self.filter(state="published")

    def with_all(self):
        """Everything a list or card of opportunities shows, sessions apart."""
        return self.select_related("hub", "employer", "encounter_type", "site", "plan_step")

    def listed_for(self, user, hub, now: dt.datetime):
        """Without what is not yet open to the schools of this person; an employer's own and the hub's staff's stay."""
        return _listed_for(self, user, hub, now)


class Opportunity(EmployerOwned):
    """What an employer offers: one encounter type, for an age range, at a site or online."""

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        SUBMITTED = "submitted", _("waiting for the hub")
        PUBLISHED = "published", _("published")
        PAUSED = "paused", _("paused")
        WITHDRAWN = "withdrawn", _("withdrawn")

    MOVES = (
        ("draft", "submitted", LEADS | HUB_STAFF, not_complete),
        ("submitted", "published", HUB_STAFF, not_complete),
        ("submitted", "draft", HUB_STAFF | LEADS),
        ("published", "paused", LEADS | HUB_STAFF | {"system"}),
        ("paused", "published", LEADS | HUB_STAFF | {"system"}),
        ("published", "withdrawn", LEADS | HUB_STAFF | {"system"}),
        ("paused", "withdrawn", LEADS | HUB_STAFF),
        ("draft", "withdrawn", LEADS | HUB_STAFF),
    )

    plan_step = models.ForeignKey(
        PlanStep,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="opportunities",
        verbose_name=_("plan step"),
    )
    encounter_type = models.ForeignKey(
        EncounterType,
        on_delete=models.PROTECT,
        related_name="opportunities",
        verbose_name=_("encounter type"),
    )
    site = models.ForeignKey(
        Site,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="opportunities",
        verbose_name=_("site"),
        help_text=_("Empty: online, or at the school."),
    )
    is_online = models.BooleanField(_("online"), default=False)
    title = models.CharField(_("title"), max_length=120)
    summary = models.CharField(_("in one sentence"), max_length=240)
    description = models.TextField(_("what they will do"), blank=True)
    outcomes = models.TextField(_("learning outcomes"), blank=True)
    day_plan = models.JSONField(_("day plan"), default=list, blank=True)
    min_age = models.PositiveSmallIntegerField(_("from age"))
    max_age = models.PositiveSmallIntegerField(_("to age"))
    sectors = models.ManyToManyField(Sector, verbose_name=_("sectors"), blank=True)
    skills = models.JSONField(_("skills"), default=list, blank=True)
    access = models.TextField(_("accessibility"), blank=True)
    clothing = models.CharField(_("clothing and equipment"), max_length=200, blank=True)
    food = models.CharField(_("food"), max_length=200, blank=True)
    costs_covered = models.CharField(_("costs covered"), max_length=200, blank=True)
    conditions = models.TextField(_("conditions"), blank=True)
    supervisor = models.CharField(_("supervisor"), max_length=120, blank=True)
    stand_in = models.CharField(_("stand-in"), max_length=120, blank=True)
    first_schools = models.ManyToManyField(
        School, verbose_name=_("schools that may ask first"), blank=True, related_name="+"
    )
    priority_from = models.DateField(_("priority schools from"), null=True, blank=True)
    all_from = models.DateField(_("all schools from"), null=True, blank=True)
    folded = models.TextField(editable=False, default="")
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.DRAFT)
    comment = models.TextField(_("comment of the hub"), blank=True)
    submitted_at = models.DateTimeField(_("submitted"), null=True, blank=True)
    published_at = models.DateTimeField(_("published"), null=True, blank=True)
    paused_until = models.DateField(_("paused until"), null=True, blank=True)
    confirmed_at = models.DateTimeField(_("last confirmed"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"))
    updated_at = models.DateTimeField(_("changed"))

    open_in_hub = Q(state="published")

    objects = OpportunityQuerySet.as_manager()

    named_with = ()

    class Meta:
        verbose_name = _("opportunity")
        verbose_name_plural = _("opportunities")
        ordering = ["-created_at", "-pk"]
        indexes = [models.Index(fields=["hub", "state"], name="opportunity_hub_state")]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["draft", "submitted", "published", "paused", "withdrawn"]),
                name="opportunity_state_valid",
            ),
            models.CheckConstraint(condition=Q(max_age__gte=F("min_age")), name="opportunity_ages_ordered"),
            models.CheckConstraint(
                condition=Q(is_online=False) | Q(site__isnull=True), name="opportunity_online_has_no_site"
            ),
            models.CheckConstraint(
                condition=Q(priority_from__isnull=True) | Q(all_from__gte=F("priority_from"), all_from__isnull=False),
                name="opportunity_release_ordered",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def release(self) -> Release:
        return Release(self.priority_from, self.all_from)

    def opens_to(self, school: School, now: dt.datetime) -> dt.date | None:
        """The day on which this school may ask for it, or None when it may by now. Reads who is named only while it
        is not open to all."""
        today = school.hub.today(now)
        if self.release.waits_until(today, priority=school.is_priority) is None:
            return None
        named = self.first_schools.filter(pk=school.pk).exists()
        return self.release.waits_until(today, named=named, priority=school.is_priority)

    def save(self, *args, **kwargs):
        self.folded = folded_words(self.title, self.summary)
        super().save(*args, **kwargs)


def folded_words(title: str, summary: str) -> str:
    """What a search looks through: without capitals and accents."""
    return fold(f"{title} {summary}")


def released(today: dt.date, schools: Iterable[int] | None = None, *, offer: str = "") -> Q:
    """What `Release` says, asked of the database: opportunities open to any of these schools (ids; None: only what is
    open to all). `offer` is the path to the opportunity from the rows that are asked for, "" for itself."""
    dates = f"{offer}__" if offer else ""
    found = Q(**{f"{dates}all_from__isnull": True}) | Q(**{f"{dates}all_from__lte": today})
    if schools is None:
        return found
    first = Opportunity.first_schools.through.objects.filter(school__in=schools).values("opportunity_id")
    priority = Exists(School.objects.filter(pk__in=schools, is_priority=True))
    return found | Q(**{f"{dates}pk__in": first}) | Q(Q(**{f"{dates}priority_from__lte": today}), priority)


def _listed_for(rows, user, hub, now: dt.datetime, *, offer: str = ""):
    tenancies = user.tenancies()
    if user.is_superuser or hub.pk in tenancies.staffed_hubs:
        return rows
    mine = tenancies.organisations
    return rows.filter(Q(employer__in=mine) | released(hub.today(now), mine, offer=offer))


class SessionQuerySet(HubOwnedQuerySet):
    def upcoming(self, now: dt.datetime):
        """Planned, and not begun."""
        return self.filter(state="planned", starts_at__gt=now)

    def offered_to_schools(self, hub, now: dt.datetime):
        """What schools of the hub can be given now: published, of an employer in use, ahead, inside its window. Which
        of them a school may ask for itself is narrower: `open_to`."""
        today = hub.today(now)
        return (
            self.upcoming(now)
            .filter(hub=hub, opportunity__state="published", employer__is_active=True)
            .filter(Q(opens_on__isnull=True) | Q(opens_on__lte=today))
            .filter(Q(closes_on__isnull=True) | Q(closes_on__gte=today))
        )

    def open_to(self, school, now: dt.datetime):
        """What this school may ask for now: offered, and released to it."""
        mine = released(school.hub.today(now), [school.pk], offer="opportunity")
        return self.offered_to_schools(school.hub, now).filter(mine)

    def listed_for(self, user, hub, now: dt.datetime):
        """As of opportunities."""
        return _listed_for(self, user, hub, now, offer="opportunity")

    def with_all(self):
        """Everything a list or card of sessions shows: two statements for any number of rows."""
        return self.select_related(
            "hub", "employer", "opportunity__encounter_type", "opportunity__site", "opportunity__employer"
        ).prefetch_related("days")


class Session(EmployerOwned):
    """A dated occasion with places.

    Local dates, times and `time_zone` (in `days`) are the truth; `starts_at` and `ends_at`
    are the envelope as instants, kept for ordering and overlap. `taken` counts held and
    accepted places and changes only through `placements.capacity`.
    """

    class State(models.TextChoices):
        PLANNED = "planned", _("planned")
        CANCELLED = "cancelled", _("cancelled")
        OVER = "over", _("over")

    MOVES = (
        ("planned", "cancelled", LEADS | HUB_STAFF),
        ("planned", "over", HUB_STAFF | {"system"}),
    )

    opportunity = models.ForeignKey(Opportunity, on_delete=models.CASCADE, related_name="sessions")
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.PLANNED)
    time_zone = models.CharField(_("time zone"), max_length=64, validators=[validate_zone])
    starts_at = models.DateTimeField(_("begins"))
    ends_at = models.DateTimeField(_("ends"))
    places = models.PositiveSmallIntegerField(_("places"))
    taken = models.PositiveIntegerField(_("taken"), default=0, editable=False)
    over_committed = models.BooleanField(_("more taken than there are places"), default=False, editable=False)
    group_min = models.PositiveSmallIntegerField(_("smallest group"), default=1)
    group_max = models.PositiveSmallIntegerField(
        _("largest group"), null=True, blank=True, help_text=_("Empty: as many as there are places.")
    )
    break_minutes = models.PositiveSmallIntegerField(_("break each day, in minutes"), null=True, blank=True)
    opens_on = models.DateField(_("requests from"), null=True, blank=True)
    closes_on = models.DateField(_("requests until"), null=True, blank=True)
    version = models.PositiveIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(_("created"))

    open_in_hub = Q(opportunity__state="published")

    objects = SessionQuerySet.as_manager()

    named_with = ("opportunity",)

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")
        ordering = ["starts_at", "pk"]
        indexes = [
            models.Index(fields=["hub", "state", "starts_at"], name="session_hub_starts"),
            models.Index(fields=["starts_at"], name="session_starts"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=["planned", "cancelled", "over"]), name="session_state_valid"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="session_times_ordered"),
            # The law of capacity: held and accepted places never exceed places, unless the
            # session was explicitly made over-committed by lowering its places.
            models.CheckConstraint(
                condition=Q(taken__lte=F("places")) | Q(over_committed=True), name="session_never_oversold"
            ),
            models.CheckConstraint(condition=Q(places__gte=1), name="session_has_places"),
            models.CheckConstraint(
                condition=Q(group_max__isnull=True) | Q(group_max__gte=F("group_min")), name="session_group_ordered"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.opportunity}, {date_format(self.starts_at.astimezone(self.zone), 'D j F Y')}"

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        return zoneinfo.ZoneInfo(self.time_zone)

    @property
    def left(self) -> int:
        return max(0, self.places - self.taken)

    @property
    def first_on(self) -> dt.date:
        """The local date of the first day."""
        return self.starts_at.astimezone(self.zone).date()


class SessionDay(models.Model):
    """One day of a session, as read off the wall clock of the session's zone."""

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="days")
    on = models.DateField(_("date"))
    starts_at = models.TimeField(_("from"))
    ends_at = models.TimeField(_("until"))

    class Meta:
        verbose_name = _("day")
        verbose_name_plural = _("days")
        ordering = ["on", "starts_at"]
        constraints = [
            models.UniqueConstraint(fields=["session", "on"], name="session_day_unique"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="session_day_times_ordered"),
        ]

    def __str__(self) -> str:
        return f"{self.on} {self.starts_at:%H:%M}–{self.ends_at:%H:%M}"


class Cap(EmployerOwned):
    """A limit across sessions: places at a site a day, or of an employer a month."""

    class Per(models.TextChoices):
        SITE_DAY = "site_day", _("site and day")
        EMPLOYER_MONTH = "employer_month", _("employer and month")

    per = models.CharField(_("per"), max_length=16, choices=Per)
    site = models.ForeignKey(Site, null=True, blank=True, on_delete=models.CASCADE, related_name="caps")
    most = models.PositiveSmallIntegerField(_("most places"))
    is_active = models.BooleanField(_("in force"), default=True)

    class Meta:
        verbose_name = _("cap")
        verbose_name_plural = _("caps")
        constraints = [
            models.CheckConstraint(
                condition=Q(per="site_day", site__isnull=False) | Q(per="employer_month", site__isnull=True),
                name="cap_matches_site",
            ),
            models.UniqueConstraint(
                fields=["employer"],
                condition=Q(per="employer_month"),
                name="cap_of_month_once",
                violation_error_message=_("This employer has such a limit already. Change that one."),
            ),
            models.UniqueConstraint(
                fields=["site"],
                condition=Q(per="site_day"),
                name="cap_of_site_once",
                violation_error_message=_("This site has such a limit already. Change that one."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.employer}: {self.most} per {self.get_per_display()}"
