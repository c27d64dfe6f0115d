"""The school, its groups and the least that must be known of a student."""

from __future__ import annotations

import zoneinfo

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hubs.models import Organisation
from hubs.models.hub import validate_zone
from hubs.models.people import OrganisationQuerySet
from hubs.scoping import HubOwned


class School(Organisation):
    class Phase(models.TextChoices):
        SECONDARY = "secondary", _("secondary")
        SECONDARY_SIXTH = "through", _("secondary with sixth form")
        COLLEGE = "college", _("college")
        SPECIAL = "special", _("special school")
        ALTERNATIVE = "alternative", _("alternative provision")
        TECHNICAL = "technical", _("technical college")

    number = models.CharField(_("school number"), max_length=20, blank=True)
    phase = models.CharField(_("kind of school"), max_length=12, choices=Phase, default=Phase.SECONDARY)
    address = models.CharField(_("address"), max_length=200, blank=True)
    town = models.CharField(_("town"), max_length=80, blank=True)
    postcode = models.CharField(_("postcode"), max_length=12, blank=True)
    latitude = models.FloatField(
        _("latitude"), null=True, blank=True, validators=[MinValueValidator(-90), MaxValueValidator(90)]
    )
    longitude = models.FloatField(
        _("longitude"), null=True, blank=True, validators=[MinValueValidator(-180), MaxValueValidator(180)]
    )
    time_zone = models.CharField(
        _("time zone"),
        max_length=64,
        blank=True,
        validators=[validate_zone],
        help_text=_("Empty: the hub's."),
    )
    is_priority = models.BooleanField(_("priority school"), default=False)
    safeguarding_contact = models.CharField(_("safeguarding contact"), max_length=160, blank=True)
    emergency_phone = models.CharField(_("telephone on the day"), max_length=40, blank=True)
    region = models.CharField(
        _("region"),
        max_length=8,
        blank=True,
        help_text=_("Where regional public holidays differ: SCT, BY. Empty: the hub's."),
    )
    # Another one after every change of the calendar, timetable or groups. Compare it for equality
    # only: a counter would give a number again after a transaction was taken back.
    calendar_revision = models.CharField(max_length=16, blank=True, editable=False)
    calendar_checked_at = models.DateTimeField(_("calendar last confirmed"), null=True, blank=True)

    objects = OrganisationQuerySet.as_manager()

    named_with = ()

    class Meta:
        verbose_name = _("school")
        verbose_name_plural = _("schools")
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    phase__in=[
                        "secondary",
                        "through",
                        "college",
                        "special",
                        "alternative",
                        "technical",
                    ]
                ),
                name="school_phase_valid",
            )
        ]

    def save(self, *args, **kwargs):
        self.kind = Organisation.Kind.SCHOOL
        if not self._state.adding and kwargs.get("update_fields") is None:
            # A row read a while ago must not bring an old revision back.
            fields = (field for field in self._meta.concrete_fields if not field.primary_key)
            kwargs["update_fields"] = [field.name for field in fields if field.name != "calendar_revision"]
        super().save(*args, **kwargs)

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        return zoneinfo.ZoneInfo(self.time_zone) if self.time_zone else self.hub.zone


class SchoolOwned(HubOwned):
    """A row of one school, seen by its members and by the hub."""

    school = models.ForeignKey(School, on_delete=models.CASCADE, verbose_name=_("school"))

    seen_by = ("school_id",)

    class Meta:
        abstract = True

    def parties(self) -> dict[str, int | None]:
        return {"school": self.school_id}


class YearGroup(SchoolOwned):
    """`number` is the school's own (Year 10 → 10); `age` is how old most turn in the year."""

    name = models.CharField(_("name"), max_length=40)
    number = models.PositiveSmallIntegerField(_("number"))
    age = models.PositiveSmallIntegerField(_("age most turn this year"))

    class Meta:
        verbose_name = _("year group")
        verbose_name_plural = _("year groups")
        ordering = ["number", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["school", "number"], name="year_group_number_unique"),
            models.CheckConstraint(condition=Q(age__range=(5, 25)), name="year_group_age_valid"),
        ]

    def __str__(self) -> str:
        return self.name


class Group(SchoolOwned):
    """A class or option set. `key` is its name in the timetable it came from, `roster_key` its sourcedId in the
    class lists of the school's system."""

    class Kind(models.TextChoices):
        CLASS = "class", _("class")
        SET = "set", _("option set")

    name = models.CharField(_("name"), max_length=60)
    key = models.CharField(_("name in the timetable"), max_length=120)
    roster_key = models.CharField(_("key in the school's system"), max_length=120, blank=True)
    kind = models.CharField(_("kind"), max_length=6, choices=Kind, default=Kind.CLASS)
    year_group = models.ForeignKey(
        YearGroup,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="groups",
        verbose_name=_("year group"),
    )
    size = models.PositiveSmallIntegerField(_("students"), default=0)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("group")
        verbose_name_plural = _("groups")
        ordering = ["year_group__number", "name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["school", "key"], name="group_key_unique"),
            models.UniqueConstraint(
                fields=["school", "roster_key"], condition=~Q(roster_key=""), name="group_roster_key_unique"
            ),
            models.CheckConstraint(condition=Q(kind__in=["class", "set"]), name="group_kind_valid"),
            models.CheckConstraint(condition=Q(size__lte=400), name="group_size_sane"),
        ]

    def __str__(self) -> str:
        return self.name


class Student(SchoolOwned):
    """Known by an alias. The name is the school's own and shown outside it only from
    acceptance of a placement to the retention date; flags and needs never leave the school
    except as it words them for sharing. `edited`: changed by hand, so a file asks before it overwrites."""

    alias = models.CharField(_("alias"), max_length=40)
    name = models.CharField(_("name"), max_length=120, blank=True)
    key = models.CharField(_("key in the school's system"), max_length=120, blank=True)
    edited = models.BooleanField(_("edited by hand"), default=False)
    year_group = models.ForeignKey(YearGroup, null=True, blank=True, on_delete=models.PROTECT, related_name="students")
    groups = models.ManyToManyField(Group, through="Enrolment", related_name="students")
    is_priority = models.BooleanField(_("priority"), default=False)
    shared_needs = models.TextField(_("access needs, as you word them for the employer"), blank=True)
    left_on = models.DateField(_("left"), null=True, blank=True)

    class Meta:
        verbose_name = _("student")
        verbose_name_plural = _("students")
        ordering = ["alias", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["school", "alias"], name="student_alias_unique"),
            models.UniqueConstraint(fields=["school", "key"], condition=~Q(key=""), name="student_key_unique"),
        ]

    def __str__(self) -> str:
        return self.alias


class Enrolment(models.Model):
    """A student in a group."""

    student = models.ForeignKey(Student, on_delete=models.CASCADE, related_name="enrolments")
    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="enrolments")

    class Meta:
        verbose_name = _("enrolment")
        verbose_name_plural = _("enrolments")
        constraints = [models.UniqueConstraint(fields=["student", "group"], name="enrolment_unique")]

    def __str__(self) -> str:
        return f"{self.student_id} in {self.group_id}"
