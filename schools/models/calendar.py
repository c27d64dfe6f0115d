"""The school's calendar: everything `schools/fit.py` compiles into "free, spared or never".

Dates are inclusive. Times are wall-clock times of the school's zone; no instant is stored
for anything a person reads off a wall clock.
"""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from hubs.models import HUB_STAFF, Role
from schools.models.school import Group, SchoolOwned, YearGroup

KEEPERS_OF_IMPORTS = frozenset({Role.COORDINATOR}) | HUB_STAFF


class Import(SchoolOwned):
    """One confirmed import: what came, what it changed, and how to undo it.

    A large roster waits for a job: the row is the work. `file` is what it reads, gone when it is done; `claimed_until`
    is the lease of the worker that runs it, so that what a killed worker left is taken up again.
    """

    class Kind(models.TextChoices):
        CALENDAR = "calendar", _("calendar")
        TIMETABLE = "timetable", _("timetable")
        ROSTER = "roster", _("class lists")
        ROLLOVER = "rollover", _("new school year")

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")

    MOVES = (
        ("waiting", "running", frozenset({"system"})),
        ("running", "done", frozenset({"system"})),
        ("running", "failed", frozenset({"system"})),
        ("failed", "waiting", KEEPERS_OF_IMPORTS),
    )

    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    format = models.CharField(_("format"), max_length=20)
    file_name = models.CharField(_("file"), max_length=160, blank=True)
    sha256 = models.CharField(max_length=64)
    mapping = models.JSONField(_("mapping"), default=dict, blank=True)
    summary = models.JSONField(_("summary"), default=dict, blank=True)
    before = models.JSONField(_("what was there before"), default=dict, blank=True)
    imported_by = models.ForeignKey("hubs.User", null=True, on_delete=models.SET_NULL, related_name="+")
    imported_at = models.DateTimeField(_("imported"))
    undone_at = models.DateTimeField(_("undone"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.WAITING)
    file = models.ForeignKey(
        "schools.PendingImport", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    claimed_until = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    problem = models.CharField(_("problem"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-imported_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["calendar", "timetable", "roster", "rollover"]), name="import_kind_valid"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "running", "done", "failed"]), name="import_state_valid"
            ),
            models.UniqueConstraint(
                fields=["school"],
                condition=Q(kind="roster", state__in=["waiting", "running"]),
                name="import_one_roster_at_work",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.file_name}"


class Imported(SchoolOwned):
    """A row that may have come from a file. `key` is stable over imports of the same source;
    `edited` says that a person changed it since, so an import asks before overwriting."""

    source = models.ForeignKey(Import, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    key = models.CharField(max_length=200, blank=True)
    edited = models.BooleanField(_("edited by hand"), default=False)

    class Meta:
        abstract = True


def ordered(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name=name)


class Term(Imported):
    """A run of school days without a closure in it (a half-term, in England)."""

    name = models.CharField(_("name"), max_length=60)
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"))

    class Meta:
        verbose_name = _("term")
        verbose_name_plural = _("terms")
        ordering = ["starts_on"]
        constraints = [
            ordered("term_dates_ordered"),
            models.UniqueConstraint(fields=["school", "starts_on"], name="term_start_unique"),
        ]

    def __str__(self) -> str:
        return self.name


class Closure(Imported):
    """Days without lessons: holiday, staff day, public holiday. A short day says when its lessons begin or end."""

    class Kind(models.TextChoices):
        HOLIDAY = "closure", _("holiday")
        STAFF_DAY = "staff_day", _("staff day")
        PUBLIC_HOLIDAY = "public_holiday", _("public holiday")
        SHORT_DAY = "short_day", _("short day")

    kind = models.CharField(_("kind"), max_length=14, choices=Kind, default=Kind.HOLIDAY)
    name = models.CharField(_("name"), max_length=120)
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"))
    begins_at = models.TimeField(_("lessons begin at"), null=True, blank=True)
    ends_at = models.TimeField(_("lessons end at"), null=True, blank=True)

    class Meta:
        verbose_name = _("closure")
        verbose_name_plural = _("closures")
        ordering = ["starts_on", "pk"]
        constraints = [
            ordered("closure_dates_ordered"),
            models.CheckConstraint(
                condition=Q(kind__in=["closure", "staff_day", "public_holiday", "short_day"]),
                name="closure_kind_valid",
            ),
            models.CheckConstraint(
                condition=Q(Q(begins_at__isnull=False) | Q(ends_at__isnull=False), kind="short_day")
                | Q(~Q(kind="short_day"), begins_at__isnull=True, ends_at__isnull=True),
                name="closure_hours_of_short_days",
            ),
            models.CheckConstraint(
                condition=Q(begins_at__isnull=True) | Q(ends_at__isnull=True) | Q(ends_at__gt=F("begins_at")),
                name="closure_hours_ordered",
            ),
            models.UniqueConstraint(fields=["school", "key"], condition=~Q(key=""), name="closure_key_unique"),
        ]

    def clean(self) -> None:
        if self.kind == self.Kind.SHORT_DAY:
            if not self.begins_at and not self.ends_at:
                raise ValidationError({"ends_at": _("Say when lessons end that day, or when they begin.")})
            if self.begins_at and self.ends_at and self.ends_at <= self.begins_at:
                raise ValidationError({"ends_at": _("This is not after the beginning.")})
        elif self.begins_at or self.ends_at:
            raise ValidationError({"kind": _("Only a short day has hours: choose “short day”, or leave them empty.")})

    def __str__(self) -> str:
        return self.name


class ProtectedPeriod(Imported):
    """Exams, mocks, trips: *blocked* means never, *avoid* means at a cost. Without year
    groups or groups named, it holds for the whole school."""

    class Hardness(models.TextChoices):
        BLOCKED = "blocked", _("blocked")
        AVOID = "avoid", _("avoid")

    name = models.CharField(_("name"), max_length=120)
    hardness = models.CharField(_("how firm"), max_length=8, choices=Hardness, default=Hardness.BLOCKED)
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"))
    starts_at = models.TimeField(_("from"), null=True, blank=True)
    ends_at = models.TimeField(_("until"), null=True, blank=True)
    weekdays = models.JSONField(
        _("only on weekdays"), default=list, blank=True, help_text=_("0 is Monday. Empty: every day.")
    )
    week_letter = models.CharField(_("only in week"), max_length=8, blank=True)
    year_groups = models.ManyToManyField(YearGroup, verbose_name=_("year groups"), blank=True)
    groups = models.ManyToManyField(Group, verbose_name=_("groups"), blank=True)

    class Meta:
        verbose_name = _("protected period")
        verbose_name_plural = _("protected periods")
        ordering = ["starts_on", "pk"]
        constraints = [
            ordered("protected_dates_ordered"),
            models.CheckConstraint(condition=Q(hardness__in=["blocked", "avoid"]), name="protected_hardness_valid"),
            models.CheckConstraint(
                condition=Q(starts_at__isnull=True, ends_at__isnull=True)
                | Q(starts_at__isnull=False, ends_at__gt=F("starts_at")),
                name="protected_times_ordered",
            ),
            models.UniqueConstraint(fields=["school", "key"], condition=~Q(key=""), name="protected_key_unique"),
        ]

    def __str__(self) -> str:
        return self.name


class WeekPattern(SchoolOwned):
    """How lessons repeat: one week, A/B, or any number of weeks.

    The week that holds `anchor_on` has the first letter. With `holidays_advance` off, a
    week without a school day does not use up a letter. Week marks override the arithmetic.
    """

    letters = models.JSONField(_("letters"), default=list)
    anchor_on = models.DateField(_("a day in the first week"))
    holidays_advance = models.BooleanField(_("holiday weeks use up a letter"), default=False)

    class Meta:
        verbose_name = _("week pattern")
        verbose_name_plural = _("week patterns")
        constraints = [
            models.UniqueConstraint(fields=["school"], name="week_pattern_one"),
        ]

    def __str__(self) -> str:
        return "/".join(self.letters)

    def clean(self) -> None:
        if not self.letters or len(set(self.letters)) != len(self.letters):
            raise ValidationError({"letters": _("Give each week of the cycle its own letter.")})


class WeekMark(Imported):
    """What the school's own calendar says of one week: a letter of the pattern."""

    monday = models.DateField(_("week of Monday"))
    letter = models.CharField(_("letter"), max_length=8)

    class Meta:
        verbose_name = _("week mark")
        verbose_name_plural = _("week marks")
        ordering = ["monday"]
        constraints = [models.UniqueConstraint(fields=["school", "monday"], name="week_mark_unique")]

    def __str__(self) -> str:
        return f"{self.monday} {self.letter}"


class BellSchedule(SchoolOwned):
    """The day's periods, for some weekdays (empty: all) and one week letter (empty: all)."""

    name = models.CharField(_("name"), max_length=60)
    weekdays = models.JSONField(_("weekdays"), default=list, blank=True)
    week_letter = models.CharField(_("only in week"), max_length=8, blank=True)

    class Meta:
        verbose_name = _("bell schedule")
        verbose_name_plural = _("bell schedules")
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["school", "name"], name="bell_schedule_name_unique")]

    def __str__(self) -> str:
        return self.name


class BellPeriod(models.Model):
    schedule = models.ForeignKey(BellSchedule, on_delete=models.CASCADE, related_name="periods")
    name = models.CharField(_("name"), max_length=40)
    starts_at = models.TimeField(_("from"))
    ends_at = models.TimeField(_("until"))

    class Meta:
        verbose_name = _("period")
        verbose_name_plural = _("periods")
        ordering = ["starts_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["schedule", "name"], name="bell_period_name_unique"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="bell_period_ordered"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.starts_at:%H:%M}–{self.ends_at:%H:%M}"


class Lesson(Imported):
    """A group's lesson in the pattern. 0 is Monday; an empty letter means every week."""

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="lessons")
    subject = models.CharField(_("subject"), max_length=120)
    weekday = models.PositiveSmallIntegerField(_("weekday"))
    week_letter = models.CharField(_("week"), max_length=8, blank=True)
    starts_at = models.TimeField(_("from"))
    ends_at = models.TimeField(_("until"))
    period = models.CharField(_("period"), max_length=60, blank=True)
    room = models.CharField(_("room"), max_length=60, blank=True)

    class Meta:
        verbose_name = _("lesson")
        verbose_name_plural = _("lessons")
        ordering = ["weekday", "starts_at", "pk"]
        indexes = [models.Index(fields=["school", "group"], name="lesson_school_group")]
        constraints = [
            models.UniqueConstraint(fields=["group", "key"], condition=~Q(key=""), name="lesson_key_unique"),
            models.CheckConstraint(condition=Q(weekday__lte=6), name="lesson_weekday_valid"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="lesson_times_ordered"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.group}"


class ReleaseRule(SchoolOwned):
    """When students may be out: the rule of the whole school, of one year group or of one group, never of two."""

    year_group = models.ForeignKey(
        YearGroup, null=True, blank=True, on_delete=models.CASCADE, related_name="release_rules"
    )
    group = models.ForeignKey(Group, null=True, blank=True, on_delete=models.CASCADE, related_name="release_rules")
    weekdays = models.JSONField(_("may be out on"), default=list, blank=True)
    earliest = models.TimeField(_("not before"), null=True, blank=True)
    latest = models.TimeField(_("back by"), null=True, blank=True)
    periods = models.JSONField(_("may miss the periods"), default=list, blank=True)
    most_out_per_day = models.PositiveSmallIntegerField(_("most students out a day"), null=True, blank=True)
    most_times_a_term = models.PositiveSmallIntegerField(_("most times a term"), null=True, blank=True)
    notice_weeks = models.PositiveSmallIntegerField(_("notice in school weeks"), default=0)
    protected_subjects = models.JSONField(_("subjects not to be missed"), default=list, blank=True)
    most_missed_a_subject = models.PositiveSmallIntegerField(
        _("most lessons of one subject missed a term"), null=True, blank=True
    )

    class Meta:
        verbose_name = _("release rule")
        verbose_name_plural = _("release rules")
        constraints = [
            models.UniqueConstraint(
                fields=["school"],
                condition=Q(year_group__isnull=True, group__isnull=True),
                name="release_rule_one_school",
            ),
            models.UniqueConstraint(fields=["school", "year_group"], name="release_rule_one_year"),
            models.UniqueConstraint(fields=["school", "group"], name="release_rule_one_group"),
            models.CheckConstraint(
                condition=Q(year_group__isnull=True) | Q(group__isnull=True), name="release_rule_never_of_two"
            ),
        ]

    def __str__(self) -> str:
        return str(self.group or self.year_group or self.school)
