"""Forms of the calendar page that are no row of the calendar."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from hubs.forms import PlainWords
from schools.models import CalendarSubscription


class SubscriptionForm(PlainWords, forms.Form):
    url = forms.CharField(
        label=_("Address of the calendar"),
        max_length=500,
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off", "spellcheck": "false"}),
        help_text=_("Your calendar program calls it the iCal or ICS link. It begins with https:// or webcal://."),
    )
    name = forms.CharField(label=_("What is it?"), max_length=80, required=False, help_text=_("Council term dates"))
    applies_itself = forms.BooleanField(
        label=_("Take new and moved dates over without asking"),
        required=False,
        help_text=_("What goes away, and what meets something you changed by hand, waits for you in any case."),
    )

    def __init__(self, *args: Any, known: CalendarSubscription | None = None, **kwargs: Any) -> None:
        names = ("url", "name", "applies_itself")
        start = {name: getattr(known, name) for name in names} if known else {}
        super().__init__(*args, initial=start, **kwargs)
