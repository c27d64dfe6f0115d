"""What a school asks for."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from employers.models import Sector
from hubs.models import HUB_STAFF, Role
from opportunities.models import EncounterType, PathwayStep, Session
from schools.models import Group, Student
from schools.models.school import SchoolOwned

COORDINATORS = frozenset({Role.COORDINATOR})


class PlacementRequest(SchoolOwned):
    """Places for a group, a number or named students, with ranked wishes."""

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        SUBMITTED = "submitted", _("with the hub")
        PLACED = "placed", _("placed")
        REFUSED = "refused", _("could not be placed")
        WITHDRAWN = "withdrawn", _("withdrawn")

    MOVES = (
        ("draft", "submitted", COORDINATORS | HUB_STAFF),
        ("draft", "withdrawn", COORDINATORS | HUB_STAFF),
        ("submitted", "placed", HUB_STAFF | {"system"}),
        ("submitted", "refused", HUB_STAFF),
        ("submitted", "withdrawn", COORDINATORS | HUB_STAFF),
        ("refused", "submitted", COORDINATORS | HUB_STAFF),
        # The employer said no, or places were given back: the wish is open again.
        ("placed", "submitted", HUB_STAFF | {"system"}),
    )

    group = models.ForeignKey(
        Group,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="requests",
        verbose_name=_("group"),
    )
    places = models.PositiveSmallIntegerField(_("places"))
    students = models.ManyToManyField(Student, verbose_name=_("students"), blank=True)
    is_provisional = models.BooleanField(_("provisional"), default=False)
    note = models.TextField(_("for the hub"), blank=True)
    needs = models.TextField(_("needs to plan for"), blank=True)
    max_travel = models.PositiveSmallIntegerField(_("at most so many minutes each way"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.DRAFT)
    requested_by = models.ForeignKey("hubs.User", null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(_("begun"))
    submitted_at = models.DateTimeField(_("sent"), null=True, blank=True)

    named_with = ("school",)

    class Meta:
        verbose_name = _("placement request")
        verbose_name_plural = _("placement requests")
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(fields=["hub", "state", "submitted_at"], name="request_hub_state"),
            models.Index(fields=["hub", "-created_at", "-id"], name="request_hub_newest"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["draft", "submitted", "placed", "refused", "withdrawn"]),
                name="request_state_valid",
            ),
            models.CheckConstraint(condition=Q(places__range=(1, 400)), name="request_places_sane"),
        ]

    def __str__(self) -> str:
        places = ngettext("%(n)d place", "%(n)d places", self.places) % {"n": self.places}
        return f"{self.school}: {places}"


class RequestWindow(SchoolOwned):
    """Local days, both inclusive, on which a request may be met; one without any may be met on every day."""

    request = models.ForeignKey(PlacementRequest, on_delete=models.CASCADE, related_name="windows")
    first_on = models.DateField(_("first day"))
    last_on = models.DateField(_("last day"))

    class Meta:
        verbose_name = _("window of a request")
        verbose_name_plural = _("windows of requests")
        ordering = ["request", "first_on", "last_on"]
        constraints = [
            models.CheckConstraint(condition=Q(last_on__gte=F("first_on")), name="request_window_ordered"),
            models.UniqueConstraint(fields=["request", "first_on", "last_on"], name="request_window_once"),
        ]

    def __str__(self) -> str:
        return f"{self.first_on} – {self.last_on}"


class Wish(SchoolOwned):
    """One ranked wish: a session, or a type of encounter with a sector wish. One for a step of a pathway keeps what the
    step asked for, should the pathway lose it."""

    request = models.ForeignKey(PlacementRequest, on_delete=models.CASCADE, related_name="wishes")
    rank = models.PositiveSmallIntegerField(_("order"))
    session = models.ForeignKey(Session, null=True, blank=True, on_delete=models.CASCADE, related_name="wishes")
    encounter_type = models.ForeignKey(EncounterType, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    sector = models.ForeignKey(Sector, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    step = models.ForeignKey(PathwayStep, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    refused_reason = models.CharField(_("why not"), max_length=240, blank=True)

    class Meta:
        verbose_name = _("wish")
        verbose_name_plural = _("wishes")
        ordering = ["request", "rank"]
        constraints = [
            models.UniqueConstraint(fields=["request", "rank"], name="wish_rank_unique"),
            models.UniqueConstraint(
                fields=["request", "session"], condition=Q(session__isnull=False), name="wish_session_once"
            ),
            models.CheckConstraint(
                condition=Q(session__isnull=False, encounter_type__isnull=True)
                | Q(session__isnull=True, encounter_type__isnull=False),
                name="wish_names_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(step__isnull=True) | Q(encounter_type__isnull=False), name="wish_of_step_names_its_type"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rank}. {self.session or self.encounter_type}"


class WaitingPlace(SchoolOwned):
    """A place in the waiting list of a session, in the order it was joined."""

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="waiting")
    request = models.ForeignKey(PlacementRequest, on_delete=models.CASCADE, related_name="waiting")
    places = models.PositiveSmallIntegerField(_("places"))
    joined_at = models.DateTimeField(_("joined"))
    left_at = models.DateTimeField(_("left"), null=True, blank=True)
    #: The hub put it there: it is served before the day from which its school may ask.
    on_any_day = models.BooleanField(default=False, editable=False)

    class Meta:
        verbose_name = _("waiting place")
        verbose_name_plural = _("waiting list")
        ordering = ["joined_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["session", "request"], condition=Q(left_at__isnull=True), name="waiting_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.school} · {self.places}"
