"""The form of who may ask first. It checks input; the rule is in `release.py`."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from employers.models import Employer
from opportunities.forms import SeenForm, day_input
from schools.models import School


class ReleaseForm(SeenForm):
    first_schools = forms.ModelMultipleChoiceField(
        School.objects.none(),
        label=_("Schools that may ask first"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("They see it as soon as it is published. None: nobody in particular."),
    )
    priority_from = forms.DateField(
        label=_("Priority schools from"),
        required=False,
        widget=day_input(),
        help_text=_("Schools whose students meet employers least; the hub knows which. Empty: with all others."),
    )
    all_from = forms.DateField(
        label=_("All schools from"),
        required=False,
        widget=day_input(),
        help_text=_("Empty: as soon as it is published."),
    )

    def __init__(self, *args, employer: Employer, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        schools = School.objects.of_hub(employer.hub).filter(is_active=True).order_by("name", "pk")
        self.fields["first_schools"].queryset = schools  # type: ignore[attr-defined]  # its own sort of field
