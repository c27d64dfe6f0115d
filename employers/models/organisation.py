"""The firm, its workplaces, people and papers."""

from __future__ import annotations

import datetime as dt
import secrets

from django.conf import settings
from django.core.files.storage import storages
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as said
from django.utils.translation import gettext_lazy as _

from hubs.models import HUB_STAFF, Organisation, Role
from hubs.models.people import OrganisationQuerySet
from hubs.scoping import HubOwned


class Sector(models.Model):
    """A field as young people would call it, mapped to an ISIC section letter (A to U)."""

    code = models.SlugField(_("code"), unique=True)
    name = models.CharField(_("name"), max_length=80)
    isic_section = models.CharField(_("ISIC section"), max_length=1)

    class Meta:
        verbose_name = _("sector")
        verbose_name_plural = _("sectors")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Employer(Organisation):
    """An employer in one hub. Active in two hubs, it is two rows that share a number."""

    class Size(models.TextChoices):
        SOLE = "sole", _("sole trader")
        MICRO = "micro", _("1–9 staff")
        SMALL = "small", _("10–49 staff")
        MEDIUM = "medium", _("50–249 staff")
        LARGE = "large", _("250 staff or more")

    number = models.CharField(_("organisation number"), max_length=40, blank=True)
    size = models.CharField(_("size"), max_length=8, choices=Size, default=Size.SMALL)
    sectors = models.ManyToManyField(Sector, verbose_name=_("sectors"), blank=True)
    website = models.URLField(_("website"), blank=True)
    about = models.TextField(_("about"), blank=True)
    wants_asking_per_month = models.PositiveSmallIntegerField(
        _("most requests a month"), default=4, help_text=_("Hub staff see when this is reached.")
    )

    #: Of a record that turned out to be the same employer as another: the one that stayed, never one put away itself.
    merged_into = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="merged", editable=False,
        verbose_name=_("put together with"),
    )  # fmt: skip
    merged_at = models.DateTimeField(_("put together on"), null=True, blank=True, editable=False)

    objects = OrganisationQuerySet.as_manager()

    named_with = ()

    class Meta:
        verbose_name = _("employer")
        verbose_name_plural = _("employers")
        constraints = [
            models.CheckConstraint(
                condition=Q(merged_into=None, merged_at=None)
                | Q(merged_into__isnull=False, merged_at__isnull=False) & ~Q(merged_into=models.F("organisation_ptr")),
                name="employer_merged_whole",
            ),
            models.CheckConstraint(
                condition=Q(size__in=["sole", "micro", "small", "medium", "large"]),
                name="employer_size_valid",
            ),
        ]

    def save(self, *args, **kwargs):
        self.kind = Organisation.Kind.EMPLOYER
        super().save(*args, **kwargs)


class EmployerOwned(HubOwned):
    """A row of one employer, seen by its members and by the hub."""

    employer = models.ForeignKey(Employer, on_delete=models.CASCADE, verbose_name=_("employer"))

    seen_by = ("employer_id",)

    class Meta:
        abstract = True

    def parties(self) -> dict[str, int | None]:
        return {"employer": self.employer_id}


#: What a site can say of itself, and people look for; fields of `Site`.
ACCESS = ("step_free", "accessible_toilet", "hearing_loop", "quiet_place")


class Site(EmployerOwned):
    """A workplace. Coordinates are degrees (WGS 84)."""

    name = models.CharField(_("name"), max_length=120)
    address = models.CharField(_("address"), max_length=200, blank=True)
    town = models.CharField(_("town"), max_length=80, blank=True)
    postcode = models.CharField(_("postcode"), max_length=12, blank=True)
    latitude = models.FloatField(
        _("latitude"), null=True, blank=True, validators=[MinValueValidator(-90), MaxValueValidator(90)]
    )
    longitude = models.FloatField(
        _("longitude"), null=True, blank=True, validators=[MinValueValidator(-180), MaxValueValidator(180)]
    )
    access = models.TextField(_("getting in and around"), blank=True)
    step_free = models.BooleanField(_("no steps on the way"), default=False)
    accessible_toilet = models.BooleanField(_("accessible toilet"), default=False)
    hearing_loop = models.BooleanField(_("hearing loop"), default=False)
    quiet_place = models.BooleanField(_("a quiet place"), default=False)
    # Asked for no more, because nothing kept to it: what a site takes on a day is limited by a `Cap`.
    per_day = models.PositiveSmallIntegerField(_("most students a day"), null=True, blank=True)

    class Meta:
        verbose_name = _("site")
        verbose_name_plural = _("sites")
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["employer", "name"], name="site_name_unique"),
            models.CheckConstraint(
                condition=Q(latitude__isnull=True, longitude__isnull=True)
                | Q(latitude__range=(-90, 90), longitude__range=(-180, 180)),
                name="site_point_whole",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Contact(EmployerOwned):
    """A person at the employer whom the hub may reach; never shown publicly."""

    name = models.CharField(_("name"), max_length=120)
    job_title = models.CharField(_("job title"), max_length=120, blank=True)
    email = models.EmailField(_("e-mail address"), blank=True)
    phone = models.CharField(_("telephone"), max_length=40, blank=True)
    language = models.CharField(_("language"), max_length=12, blank=True)
    is_main = models.BooleanField(_("main contact"), default=False)
    user = models.ForeignKey("hubs.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        ordering = ["-is_main", "name", "pk"]
        constraints = [models.UniqueConstraint(fields=["employer"], condition=Q(is_main=True), name="contact_one_main")]

    def __str__(self) -> str:
        return self.name


class Volunteer(EmployerOwned):
    """Somebody who meets young people; prepared once, valid for a time."""

    name = models.CharField(_("name"), max_length=120)
    email = models.EmailField(_("e-mail address"), blank=True)
    job_title = models.CharField(_("job title"), max_length=120, blank=True)
    prepared_on = models.DateField(_("prepared on"), null=True, blank=True)
    prepared_until = models.DateField(_("preparation valid until"), null=True, blank=True)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("volunteer")
        verbose_name_plural = _("volunteers")
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name


def private_key(instance, filename: str) -> str:
    """A random key: nothing of the uploaded name reaches the disk."""
    return f"documents/{secrets.token_hex(2)}/{secrets.token_hex(16)}"


def private_storage():
    return storages["private"]


def not_scanned(document: Document, now: dt.datetime) -> str | None:
    """Guard: a file that still waits for the scanner counts for nothing, or None."""
    if document.is_waiting_for_scan:
        return said("This file is still being scanned for viruses. Try again in a few minutes.")
    return None


class Document(EmployerOwned):
    """A paper held once and reused: insurance, risk assessment, policy."""

    class Kind(models.TextChoices):
        LIABILITY = "liability", _("employers' liability insurance")
        PUBLIC_LIABILITY = "public", _("public liability insurance")
        RISK = "risk", _("risk assessment covering young people")
        POLICY = "policy", _("safeguarding policy")
        OTHER = "other", _("other document")

    class State(models.TextChoices):
        QUARANTINED = "quarantined", _("waiting to be checked")
        HELD = "held", _("held")
        REFUSED = "refused", _("refused")
        WITHDRAWN = "withdrawn", _("withdrawn")

    MOVES = (
        ("quarantined", "held", HUB_STAFF | {"system"}, not_scanned),
        ("quarantined", "refused", HUB_STAFF | {"system"}),
        ("held", "withdrawn", HUB_STAFF | {Role.EMPLOYER_LEAD, "system"}),
    )

    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    site = models.ForeignKey(
        Site,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="documents",
        verbose_name=_("only for site"),
    )
    file = models.FileField(_("file"), upload_to=private_key, storage=private_storage, blank=True, max_length=120)
    shown_name = models.CharField(_("file name"), max_length=160, blank=True)
    mimetype = models.CharField(max_length=60, blank=True)
    scanned_at = models.DateTimeField(_("scanned"), null=True, blank=True, editable=False)
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.QUARANTINED)
    reference = models.CharField(_("insurer and policy number"), max_length=160, blank=True)
    issued_on = models.DateField(_("issued"), null=True, blank=True)
    expires_on = models.DateField(_("valid until"), null=True, blank=True)
    added_by = models.ForeignKey("hubs.User", null=True, on_delete=models.SET_NULL, related_name="+")
    added_at = models.DateTimeField(_("added"))
    withdrawn_at = models.DateTimeField(_("withdrawn on"), null=True, blank=True, editable=False)

    named_with = ("employer",)

    class Meta:
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        ordering = ["kind", "-expires_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["liability", "public", "risk", "policy", "other"]),
                name="document_kind_valid",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["quarantined", "held", "refused", "withdrawn"]),
                name="document_state_valid",
            ),
            models.CheckConstraint(
                condition=Q(issued_on__isnull=True)
                | Q(expires_on__isnull=True)
                | Q(expires_on__gte=models.F("issued_on")),
                name="document_dates_ordered",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} ({self.employer})"

    @property
    def is_waiting_for_scan(self) -> bool:
        """Whether there is a scanner that has not seen the file yet: until then nobody opens it."""
        return bool(self.file and not self.scanned_at and settings.CLAMD_ADDRESS)

    def covers(self, day, site_id: int | None = None) -> bool:
        """Whether the document is held, valid on `day`, and good for the site: one for a single site says nothing
        of another, nor of what is done online or outside."""
        lasts = self.expires_on is None or self.expires_on >= day
        return self.state == self.State.HELD and lasts and self.site_id in (None, site_id)
