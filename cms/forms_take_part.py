"""The public form of an employer who would like to take part, and what keeps machines from filling it in."""

from __future__ import annotations

import datetime as dt

from django import forms
from django.core import signing
from django.utils.translation import gettext_lazy as _

from employers.models import Employer
from hubs.forms import PlainWords

SALT = "cms.take-part"
#: Nobody reads the page and fills it in faster; a page left open longer is loaded anew.
SOONEST, LATEST = dt.timedelta(seconds=3), dt.timedelta(hours=24)
MOST_LINKS = 2


class TakePartForm(PlainWords, forms.Form):
    name = forms.CharField(label=_("Organisation"), max_length=120)
    size = forms.ChoiceField(
        label=_("How many people work there?"), choices=[("", _("Choose one")), *Employer.Size.choices]
    )
    town = forms.CharField(label=_("Town"), max_length=80, required=False)
    person = forms.CharField(label=_("Your name"), max_length=120)
    email = forms.EmailField(label=_("E-mail address"))
    phone = forms.CharField(label=_("Telephone"), max_length=40, required=False)
    words = forms.CharField(
        label=_("What could you imagine?"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("An hour for a class, a day, a week: a few words are enough."),
    )  # fmt: skip
    # Nobody sees it, so whoever fills it in is no person.
    website = forms.CharField(
        label=_("Leave this empty"), required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": -1}),
    )  # fmt: skip
    seal = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, now: dt.datetime, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.now = now
        self.initial["seal"] = signing.dumps(int(now.timestamp()), salt=SALT)

    def clean(self) -> dict:
        cleaned = super().clean() or {}
        if untimely := self._untimely(cleaned.get("seal", "")):
            # The page is shown again with everything typed and a new seal; a person presses once more.
            self.data = self.data.copy()
            self.data["seal"] = self.initial["seal"]
            self.add_error(None, untimely)
        if cleaned.get("words", "").count("://") > MOST_LINKS:
            self.add_error("words", _("Leave the addresses of web pages out, please."))
        return cleaned

    def _untimely(self, seal: str) -> str:
        """What to say when nobody fills the page in that fast, or it was open too long; "" when it is in time."""
        try:
            age = self.now - dt.datetime.fromtimestamp(signing.loads(seal, salt=SALT), dt.UTC)
        except (signing.BadSignature, TypeError, ValueError, OverflowError):
            age = LATEST * 2
        if age < SOONEST:
            return _("That was very quick, so nothing is sent yet. Look it over, then press “Send” once more.")
        if age > LATEST:
            return _("This page was open too long, so nothing is sent yet. Look it over, then press “Send” once more.")
        return ""

    @property
    def is_a_machines(self) -> bool:
        """Whether the field nobody sees was filled in."""
        return bool(self.cleaned_data.get("website"))

    def values(self) -> dict:
        return {name: value for name, value in self.cleaned_data.items() if name not in ("website", "seal")}
