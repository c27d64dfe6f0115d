"""Places in one session given to one school."""

from __future__ import annotations

import datetime as dt
import uuid

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from employers.models import Employer
from hubs.models import EMPLOYER_ROLES, HUB_STAFF
from hubs.reasons import because
from hubs.scoping import HubOwned, HubOwnedQuerySet
from hubs.wallclock import instant
from opportunities.models import Session
from placements.models.move import SessionMove
from placements.models.request import COORDINATORS, PlacementRequest
from placements.rules import blocking_start, may_begin, may_offer, still_ahead, waits_for_others
from schools.models import Group, Student
from schools.models.school import SchoolOwned

EMPLOYER_SIDE = EMPLOYER_ROLES | {"link:employer"}

#: States whose places count against the session.
TAKING = ("held", "offered", "accepted", "ready", "under_way", "completed", "not_attended")
#: States in which a student's days are blocked for anything else.
LIVE = ("held", "offered", "accepted", "ready", "under_way")
#: States in which the employer sees the placement at all, and from which it sees names.
KNOWN_TO_EMPLOYER = (
    "offered",
    "accepted",
    "ready",
    "under_way",
    "completed",
    "not_attended",
    "cancelled",
    "declined",
)
#: Agreed and not begun: what a change can be asked of.
CHANGEABLE = ("accepted", "ready")
NAMES_KNOWN = ("accepted", "ready", "under_way", "completed", "not_attended")


def over(now: dt.datetime) -> Q:
    """Placements to which nobody comes any more: the session has ended, or the last day that an early end left."""
    expected = StudentDay.objects.filter(placement=OuterRef("pk"), live=True, ends_at__gt=now)
    return Q(session__ends_at__lte=now) | Q(ended_on__isnull=False) & ~Exists(expected)


class PlacementQuerySet(HubOwnedQuerySet):
    def taking(self):
        return self.filter(state__in=TAKING)

    def live(self):
        return self.filter(state__in=LIVE)

    def hold_expired(self, now: dt.datetime):
        return self.filter(state="held", held_until__lte=now)

    def with_change_asked(self, now: dt.datetime):
        """Annotated with `change_asked`: somebody has still to answer a change of it."""
        return self.annotate(change_asked=Exists(Amendment.objects.standing(now).filter(placement=OuterRef("pk"))))

    def with_all(self):
        """Everything a list or card of placements shows, in one statement."""
        return self.select_related(
            "hub",
            "school",
            "group",
            "employer",
            "session__opportunity__encounter_type",
            "session__opportunity__site",
        ).prefetch_related("session__days")


class Placement(HubOwned):
    """`sequence` rises on every change of state that messages rest on; calendars count for
    themselves, in `CalendarEvent`. `uid` is its identity to the outside."""

    class State(models.TextChoices):
        HELD = "held", _("held")
        OFFERED = "offered", _("offered to the employer")
        ACCEPTED = "accepted", _("accepted")
        READY = "ready", _("ready")
        UNDER_WAY = "under_way", _("under way")
        COMPLETED = "completed", _("completed")
        DECLINED = "declined", _("declined")
        WITHDRAWN = "withdrawn", _("withdrawn")
        RELEASED = "released", _("given back")
        CANCELLED = "cancelled", _("cancelled")
        NOT_ATTENDED = "not_attended", _("not attended")

    class Because(models.TextChoices):
        """Why one that nobody had agreed to ended by itself; the sentences are in `hubs.reasons`."""

        HOLD_EXPIRED = "hold_expired"
        FOUND_ELSEWHERE = "found_elsewhere"
        NO_ANSWER = "no_answer"
        PASSED_OVER = "passed_over"

    MOVES = (
        # The system, when it is the employer's turn.
        ("held", "offered", HUB_STAFF | {"system"}, may_offer),
        ("held", "released", HUB_STAFF | {"system"}),
        ("held", "withdrawn", COORDINATORS | HUB_STAFF),
        ("offered", "accepted", EMPLOYER_SIDE | HUB_STAFF, still_ahead),
        ("offered", "declined", EMPLOYER_SIDE | HUB_STAFF),
        # The system, when another employer has said yes to the same request, or the next in turn is asked.
        ("offered", "withdrawn", COORDINATORS | HUB_STAFF | {"system"}),
        ("accepted", "ready", HUB_STAFF | {"system"}, blocking_start),
        ("ready", "accepted", HUB_STAFF | {"system"}),
        ("ready", "under_way", HUB_STAFF | {"system"}, may_begin),
        ("under_way", "completed", HUB_STAFF | COORDINATORS | {"system"}),
        ("under_way", "not_attended", HUB_STAFF | COORDINATORS | {"system"}),
        ("accepted", "cancelled", COORDINATORS | EMPLOYER_SIDE | HUB_STAFF),
        ("ready", "cancelled", COORDINATORS | EMPLOYER_SIDE | HUB_STAFF),
    )

    request = models.ForeignKey(
        PlacementRequest, null=True, blank=True, on_delete=models.PROTECT, related_name="placements"
    )
    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="placements")
    employer = models.ForeignKey(Employer, on_delete=models.PROTECT, related_name="placements")
    school = models.ForeignKey("schools.School", on_delete=models.PROTECT, related_name="placements")
    group = models.ForeignKey(Group, null=True, blank=True, on_delete=models.PROTECT, related_name="placements")
    places = models.PositiveSmallIntegerField(_("places"))
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.HELD)
    held_until = models.DateTimeField(_("held until"), null=True, blank=True)
    offered_at = models.DateTimeField(_("offered"), null=True, blank=True)
    answer_by = models.DateTimeField(_("answer by"), null=True, blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    reason = models.TextField(_("reason"), blank=True)
    #: Instead of somebody's own `reason`, when it ended by itself.
    ended_because = models.CharField(max_length=20, choices=Because, blank=True, editable=False)
    supervisor = models.CharField(_("supervisor"), max_length=120, blank=True)
    #: The last day anybody comes, when that is before the session's own.
    ended_on = models.DateField(_("ended early on"), null=True, blank=True, editable=False)
    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    sequence = models.PositiveIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(_("made"))

    seen_by = ("school_id", ("employer_id", Q(state__in=KNOWN_TO_EMPLOYER, offered_at__isnull=False)))

    objects = PlacementQuerySet.as_manager()

    named_with = ("school", "session__opportunity")

    class Meta:
        verbose_name = _("placement")
        verbose_name_plural = _("placements")
        ordering = ["session__starts_at", "pk"]
        indexes = [
            models.Index(fields=["hub", "state"], name="placement_hub_state"),
            models.Index(fields=["state", "held_until"], name="placement_holds"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    state__in=[
                        "held",
                        "offered",
                        "accepted",
                        "ready",
                        "under_way",
                        "completed",
                        "declined",
                        "withdrawn",
                        "released",
                        "cancelled",
                        "not_attended",
                    ]
                ),
                name="placement_state_valid",
            ),
            models.CheckConstraint(
                condition=Q(ended_because="")
                | Q(
                    ended_because__in=["hold_expired", "found_elsewhere", "no_answer", "passed_over"],
                    state__in=["released", "withdrawn"],
                    reason="",
                ),
                name="placement_because_valid",
            ),
            models.CheckConstraint(condition=Q(places__gte=1), name="placement_has_places"),
            models.CheckConstraint(
                condition=~Q(state="held") | Q(held_until__isnull=False), name="placement_hold_expires"
            ),
            models.CheckConstraint(
                condition=Q(ended_on=None) | Q(state__in=["under_way", "completed", "not_attended"]),
                name="placement_ended_once_begun",
            ),
            models.UniqueConstraint(
                fields=["request", "session"],
                condition=Q(state__in=LIVE),
                name="placement_one_live_per_request",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.school} · {self.session}"

    def parties(self) -> dict[str, int | None]:
        return {"school": self.school_id, "employer": self.employer_id}

    @property
    def why(self) -> str:
        """Why it ended: what somebody wrote, or a sentence in the reader's language when it ended by itself."""
        return self.reason or because(self.ended_because)

    @property
    def ends_at(self) -> dt.datetime:
        """The instant at which the last day on which anybody comes is over."""
        if self.ended_on is None:
            return self.session.ends_at
        kept = [day for day in self.session.days.all() if day.on <= self.ended_on]
        ends = (instant(day.on, day.ends_at, self.session.zone) for day in kept)
        return max(ends, default=self.session.ends_at)


class PlacementStudent(SchoolOwned):
    """A student named for a placement."""

    placement = models.ForeignKey(Placement, on_delete=models.CASCADE, related_name="students")
    student = models.ForeignKey(Student, on_delete=models.PROTECT, related_name="placements")
    added_at = models.DateTimeField(_("named"))

    class Meta:
        verbose_name = _("student in a placement")
        verbose_name_plural = _("students in placements")
        ordering = ["student__alias", "pk"]
        constraints = [models.UniqueConstraint(fields=["placement", "student"], name="placement_student_once")]

    def __str__(self) -> str:
        return str(self.student)


class StudentDay(SchoolOwned):
    """One student, one day of one placement, as instants; also the register of that day.

    The database refuses two live rows of one student that overlap in time (an exclusion
    constraint on PostgreSQL, triggers on SQLite; migration 0002).
    """

    placement = models.ForeignKey(Placement, on_delete=models.CASCADE, related_name="student_days")
    student = models.ForeignKey(Student, on_delete=models.PROTECT, related_name="days")
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"))
    live = models.BooleanField(default=True)
    present = models.BooleanField(_("present"), null=True, blank=True)
    marked_at = models.DateTimeField(_("marked"), null=True, blank=True)

    class Meta:
        verbose_name = _("student's day")
        verbose_name_plural = _("students' days")
        ordering = ["starts_at", "pk"]
        indexes = [models.Index(fields=["student", "starts_at"], name="student_day_student")]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="student_day_ordered"),
            models.UniqueConstraint(fields=["placement", "student", "starts_at"], name="student_day_once"),
        ]

    def __str__(self) -> str:
        return f"{self.student_id} {self.starts_at:%Y-%m-%d}"


class AmendmentQuerySet(HubOwnedQuerySet):
    def standing(self, now: dt.datetime):
        """Asked about and still to be answered: what it would change is agreed (a move of the whole session also asks
        those whose places are held) and has not begun."""
        possible = Q(placement__state__in=CHANGEABLE) | Q(session_move__isnull=False, placement__state__in=LIVE)
        return self.filter(possible, state="proposed", placement__session__starts_at__gt=now)


class Amendment(SchoolOwned):
    """A change asked for after acceptance: what would differ, and who still has to agree."""

    class State(models.TextChoices):
        PROPOSED = "proposed", _("proposed")
        AGREED = "agreed", _("agreed")
        REFUSED = "refused", _("refused")

    MOVES = (
        ("proposed", "agreed", COORDINATORS | EMPLOYER_SIDE | HUB_STAFF),
        ("proposed", "refused", COORDINATORS | EMPLOYER_SIDE | HUB_STAFF | {"system"}),
        # Only as part of moving a whole session, which is not moved while one of its placements cannot come.
        ("agreed", "refused", {"system"}, waits_for_others),
    )

    placement = models.ForeignKey(Placement, on_delete=models.CASCADE, related_name="amendments")
    session_move = models.ForeignKey(
        SessionMove, null=True, blank=True, on_delete=models.CASCADE, related_name="amendments", editable=False
    )
    changes = models.JSONField(_("changes"), default=dict)
    asks = models.JSONField(_("who has to agree"), default=list)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.PROPOSED)
    proposed_by = models.ForeignKey("hubs.User", null=True, on_delete=models.SET_NULL, related_name="+")
    proposed_at = models.DateTimeField(_("proposed"))

    seen_by = (
        "school_id",
        ("placement__employer_id", Q(placement__state__in=KNOWN_TO_EMPLOYER, placement__offered_at__isnull=False)),
    )

    objects = AmendmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("amendment")
        verbose_name_plural = _("amendments")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["proposed", "agreed", "refused"]), name="amendment_state_valid"
            )
        ]

    def __str__(self) -> str:
        return f"{self.placement_id}: {', '.join(self.changes)}"

    def parties(self) -> dict[str, int | None]:
        return self.placement.parties()
