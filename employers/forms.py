"""The forms of an employer's own pages. They check input; rules are in the domain."""

from __future__ import annotations

from django import forms
from django.db import models
from django.utils.translation import gettext_lazy as _

from employers.models import Contact, Document, Employer, Site, Volunteer
from employers.models.organisation import ACCESS
from hubs.forms import PlainWords, PointInput

DAY = {"type": "date"}


def _day(label, **kwargs) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput(attrs=DAY, format="%Y-%m-%d"), required=False, **kwargs)


def _with_https(field, **kwargs):
    """Addresses typed without a scheme are https."""
    if isinstance(field, models.URLField):
        kwargs["assume_scheme"] = "https"
    return field.formfield(**kwargs)


class ModelInput(PlainWords, forms.ModelForm):
    """A model form that only checks: the domain saves, so uniqueness is its business too."""

    def values(self) -> dict:
        return dict(self.cleaned_data)

    def _post_clean(self) -> None:
        """Leave the row alone: field validation has run, and the domain writes."""


class EmployerForm(ModelInput):
    class Meta:
        model = Employer
        fields = ("name", "size", "sectors", "website", "about", "number", "wants_asking_per_month")
        widgets = {
            "about": forms.Textarea(attrs={"rows": 3}),
            "sectors": forms.CheckboxSelectMultiple,
            "website": forms.URLInput(attrs={"placeholder": "https://"}),
        }
        formfield_callback = _with_https


class SiteForm(PointInput, ModelInput):
    class Meta:
        model = Site
        fields = ("name", "address", "town", "postcode", "access", *ACCESS, "latitude", "longitude")
        widgets = {"access": forms.Textarea(attrs={"rows": 3})}
        help_texts = {
            "name": _("What people call it: “Dock workshop”, “Head office”."),
            "latitude": _(
                "In degrees, such as 51.4545; both numbers at once will do. With it schools see how far it is."
            ),
            "access": _("Bus stop, gate, steps, lift, who to ring."),
        }


class ContactForm(ModelInput):
    class Meta:
        model = Contact
        fields = ("name", "job_title", "email", "phone", "is_main")

    def clean(self) -> dict:
        cleaned = super().clean() or {}
        if not cleaned.get("email") and not cleaned.get("phone") and "email" not in self.errors:
            self.add_error("email", _("Give an e-mail address or a telephone number."))
        return cleaned


class VolunteerForm(ModelInput):
    prepared_on = _day(_("Prepared on"))
    prepared_until = _day(_("Preparation valid until"))

    class Meta:
        model = Volunteer
        fields = ("name", "job_title", "email", "prepared_on", "prepared_until", "is_active")


class DocumentForm(PlainWords, forms.Form):
    kind = forms.ChoiceField(label=_("What is it?"), choices=Document.Kind.choices)
    file = forms.FileField(
        label=_("File"),
        required=False,
        help_text=_("PDF, JPEG or PNG, 5 MB at most."),
        max_length=200,
        widget=forms.ClearableFileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png"}),
    )
    reference = forms.CharField(
        label=_("Insurer and policy number"),
        max_length=160,
        required=False,
        help_text=_("Enough by itself when you would rather not send the file."),
    )
    issued_on = _day(_("Issued"))
    expires_on = _day(_("Valid until"), help_text=_("You are reminded 30 and 7 days before."))
    site = forms.ModelChoiceField(
        Site.objects.none(), label=_("Only for one site"), required=False, empty_label=_("For all of them")
    )

    def __init__(self, *args, sites, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["site"].queryset = sites  # type: ignore[attr-defined]  # its own sort of field

    def values(self) -> dict:
        values = dict(self.cleaned_data)
        values["upload"] = values.pop("file") or None
        return values
