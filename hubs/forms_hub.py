"""The hub's settings as its lead changes them."""

from __future__ import annotations

import zoneinfo

from django import forms
from django.conf import settings
from django.utils.dates import MONTHS
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel

from hubs.domain.settings import jurisdictions
from hubs.views_admin import HubForm
from hubs.wallclock import regions


class HubSettingsForm(HubForm):
    """Choices where only some values mean anything. `instance` is the hub."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._offer("language", settings.MAIL_LANGUAGES)
        self._offer("year_starts_month", MONTHS.items(), coerce=int)
        self._offer("year_starts_day", [(day, day) for day in range(1, 29)], coerce=int)
        self._offer(
            "time_zone",
            sorted(((zone, zone_words(zone)) for zone in zones(self.instance.time_zone)), key=lambda one: one[1]),
        )
        self._offer(
            "jurisdiction",
            sorted(((place, place_words(place)) for place in jurisdictions(self.instance)), key=lambda one: one[1]),
        )

    def _offer(self, name: str, choices, coerce=str) -> None:
        known = self.fields[name]
        self.fields[name] = forms.TypedChoiceField(
            label=known.label, choices=list(choices), coerce=coerce, help_text=known.help_text
        )


#: Countries that rules ship for, as people look for them.
COUNTRIES = {
    "GB-ENG": _("England"), "FR": _("France"), "DE": _("Germany"), "ES": _("Spain"), "BR": _("Brazil"),
    "IN": _("India"),
}  # fmt: skip


def place_words(jurisdiction: str) -> str:
    """A country, or a region after its country: "Germany", "Germany: Berlin"; else its code."""
    if jurisdiction in COUNTRIES:
        return str(COUNTRIES[jurisdiction])
    country, _dash, code = jurisdiction.partition("-")
    return f"{COUNTRIES.get(country, country)}: {regions(country).get(code, code)}" if code else jurisdiction


def zones(own: str) -> list[str]:
    """Those named after places, and the hub's own."""
    return sorted({own, *(one for one in zoneinfo.available_timezones() if "/" in one and not one.startswith("Etc"))})


def zone_words(zone: str) -> str:
    """A zone as people look for it, by its town: "London (Europe)", "Buenos Aires (Argentina, America)"."""
    *around, town = zone.replace("_", " ").split("/")
    return f"{town} ({', '.join(reversed(around))})" if around else town


PANELS = [
    FieldPanel("name"),
    MultiFieldPanel([FieldPanel("colour"), FieldPanel("logo")], heading=_("Look")),
    FieldPanel("language", help_text=_("Of mails to whoever chose none. Pages stay in English.")),
    MultiFieldPanel([FieldPanel("contact_email"), FieldPanel("contact_phone")], heading=_("How to reach us")),
    MultiFieldPanel(
        [FieldPanel("texts_by_sms"), FieldPanel("texts_by_whatsapp")],
        heading=_("To telephones"),
        help_text=_(
            "Whoever has an account may then have what is urgent sent to a telephone. Only where this install has an "
            "account with the provider; each message may cost money."
        ),
    ),
    MultiFieldPanel(
        [FieldRowPanel([FieldPanel("year_starts_month"), FieldPanel("year_starts_day")])],
        heading=_("Academic year"),
        help_text=_(
            "From the day you save, years are counted from here. Plans keep the year they were adopted for; figures "
            "by year are counted anew."
        ),
    ),
    FieldPanel(
        "time_zone",
        help_text=_(
            "Sessions keep the zone they were planned in, and schools with a zone of their own keep it. It cannot be "
            "changed while a session is still to come."
        ),
    ),
    FieldPanel(
        "jurisdiction",
        heading=_("Country or region"),
        help_text=_(
            "Whose rules, public holidays and form of agreement hold. What was settled keeps the rules of its day. It "
            "cannot be changed while a placement is open."
        ),
    ),
]
