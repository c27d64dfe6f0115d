"""Signing an agreement, asking for signatures, and recording paper. They check input; rules are in the domain."""

from __future__ import annotations

import json

from django import forms
from django.utils.translation import gettext_lazy as _

from hubs.forms import PlainWords

MOST_DRAWN = 60_000  # characters of JSON


class SignForm(PlainWords, forms.Form):
    """`drawing` is filled by the box one draws in; without it the typed name is the signature."""

    name = forms.CharField(label=_("Your name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    capacity = forms.CharField(
        label=_("As what do you sign?"),
        max_length=80,
        required=False,
        help_text=_("For example: head of school, mother."),
    )
    drawing = forms.CharField(required=False, max_length=MOST_DRAWN, widget=forms.HiddenInput(attrs={"data-drawn": ""}))
    read = forms.BooleanField(label=_("I have read the agreement and agree to it"))

    def clean_drawing(self) -> list:
        try:
            return json.loads(self.cleaned_data["drawing"] or "[]")
        except ValueError as error:
            raise forms.ValidationError(
                _("The drawing could not be read. Draw again, or write your name only.")
            ) from error

    def values(self) -> dict:
        return {name: self.cleaned_data[name] for name in ("name", "capacity", "drawing")}


class AskForm(PlainWords, forms.Form):
    email = forms.EmailField(label=_("E-mail address"), max_length=120)


class PaperForm(PlainWords, forms.Form):
    name = forms.CharField(label=_("Who signed"), max_length=120)
    capacity = forms.CharField(label=_("As what"), max_length=80, required=False)
    signed_on = forms.DateField(label=_("Signed on"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    scan = forms.FileField(
        label=_("Scan or photo"),
        required=False,
        max_length=200,
        help_text=_("PDF, JPEG or PNG, 5 MB at most. The paper itself stays with you."),
        widget=forms.ClearableFileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png"}),
    )

    def values(self) -> dict:
        values = dict(self.cleaned_data)
        values["upload"] = values.pop("scan") or None
        return values


class WithdrawForm(PlainWords, forms.Form):
    reason = forms.CharField(
        label=_("Why?"), max_length=600, required=False, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("You need not say. The school reads it."),
    )  # fmt: skip
