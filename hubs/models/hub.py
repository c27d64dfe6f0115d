"""The tenant."""

from __future__ import annotations

import datetime as dt
import zoneinfo

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _


def validate_zone(value: str) -> None:
    if value not in zoneinfo.available_timezones():
        raise ValidationError(
            _("“%(zone)s” is not a time zone. Use a name such as Europe/London."),
            params={"zone": value},
        )


class Hub(models.Model):
    """The intermediary of one area. Every tenant row belongs to exactly one hub.

    `hostname` is the address its people type; its Wagtail site has the same one.
    `jurisdiction` picks the requirement pack ("GB-ENG", "FR", "DE-BE").
    """

    name = models.CharField(_("name"), max_length=120)
    slug = models.SlugField(_("short name"), unique=True)
    hostname = models.CharField(
        _("hostname"),
        max_length=253,
        validators=[RegexValidator(r"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$")],
    )
    language = models.CharField(_("language"), max_length=12, default="en-gb")
    time_zone = models.CharField(_("time zone"), max_length=64, default="Europe/London", validators=[validate_zone])
    country = models.CharField(_("country"), max_length=2, default="GB")
    jurisdiction = models.CharField(_("jurisdiction"), max_length=12, default="GB-ENG")
    year_starts_month = models.PositiveSmallIntegerField(_("academic year begins in month"), default=9)
    year_starts_day = models.PositiveSmallIntegerField(_("academic year begins on day"), default=1)
    colour = models.CharField(
        _("colour"),
        max_length=7,
        default="#1f5f8b",
        validators=[RegexValidator(r"^#[0-9a-fA-F]{6}$", _("Use a colour such as #1f5f8b."))],
    )
    logo = models.ForeignKey(
        "wagtailimages.Image",
        verbose_name=_("logo"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    contact_email = models.EmailField(_("contact e-mail"), blank=True)
    contact_phone = models.CharField(_("contact telephone"), max_length=40, blank=True)
    texts_by_sms = models.BooleanField(_("urgent messages as text messages"), default=False)
    texts_by_whatsapp = models.BooleanField(_("urgent messages by WhatsApp"), default=False)
    site = models.OneToOneField(
        "wagtailcore.Site",
        verbose_name=_("site"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="hub",
    )
    collection = models.OneToOneField(
        "wagtailcore.Collection",
        verbose_name=_("collection of images and documents"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="hub",
    )
    is_active = models.BooleanField(_("in use"), default=True)

    named_with = ()

    class Meta:
        verbose_name = _("hub")
        verbose_name_plural = _("hubs")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(Lower("hostname"), name="hub_hostname_unique"),
            models.CheckConstraint(
                condition=models.Q(year_starts_month__range=(1, 12), year_starts_day__range=(1, 28)),
                name="hub_year_start_valid",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def hub_id(self) -> int:
        """A hub is of itself, so that the log and `Actor.may` take it like any hub-owned row."""
        return self.pk

    def clean(self) -> None:
        """Raises ValidationError beside the language when no mail could be written in it."""
        if self.language not in dict(settings.MAIL_LANGUAGES):
            known = ", ".join(code for code, _name in settings.MAIL_LANGUAGES)
            sentence = _("No mail can be written in “%(language)s”. There are: %(known)s.")
            raise ValidationError(
                {"language": ValidationError(sentence, params={"language": self.language, "known": known})}
            )

    def parties(self) -> dict[str, int | None]:
        return {}

    @cached_property
    def zone(self) -> zoneinfo.ZoneInfo:
        return zoneinfo.ZoneInfo(self.time_zone)

    def url(self, path: str = "/") -> str:
        """The absolute address of `path` on this hub, for mails and feeds."""
        default_port = {"http": 80, "https": 443}[settings.PUBLIC_SCHEME]
        port = "" if default_port == settings.PUBLIC_PORT else f":{settings.PUBLIC_PORT}"
        return f"{settings.PUBLIC_SCHEME}://{self.hostname}{port}{path}"

    def today(self, now: dt.datetime) -> dt.date:
        """The date on the hub's wall at the instant `now`."""
        return now.astimezone(self.zone).date()

    def academic_year_of(self, day: dt.date) -> tuple[dt.date, dt.date]:
        """First and last day of the academic year that holds `day`."""
        start = dt.date(day.year, self.year_starts_month, self.year_starts_day)
        if day < start:
            start = start.replace(year=start.year - 1)
        return start, start.replace(year=start.year + 1) - dt.timedelta(days=1)
