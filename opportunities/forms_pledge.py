"""The form of what an employer can give. It checks input; rules are in the domain."""

from __future__ import annotations

import datetime as dt

from django import forms
from django.utils.dates import MONTHS
from django.utils.translation import gettext_lazy as _

from employers.models import Employer, Site
from hubs.forms import PlainWords
from opportunities.domain import pledges
from opportunities.forms import day_input, few_lines
from opportunities.models import EncounterType, Pledge


def months_from(first: int) -> list[tuple[int, str]]:
    return [(month, MONTHS[month]) for month in ((first - 1 + after) % 12 + 1 for after in range(12))]


class PledgeForm(PlainWords, forms.Form):
    seen_at = forms.CharField(widget=forms.HiddenInput, required=False, max_length=40)
    answer = forms.ChoiceField(
        label=_("Will you work with schools this year?"), choices=Pledge.Answer.choices, widget=forms.RadioSelect
    )
    encounter_types = forms.ModelMultipleChoiceField(
        EncounterType.objects.none(), label=_("In which formats?"), required=False, widget=forms.CheckboxSelectMultiple
    )
    hours = forms.IntegerField(
        label=_("Hours of your people, in the whole year"), min_value=0, max_value=pledges.MOST_HOURS, required=False
    )
    places = forms.IntegerField(
        label=_("Places for students, in the whole year"), min_value=0, max_value=pledges.MOST_PLACES, required=False
    )
    min_age = forms.IntegerField(label=_("From age"), min_value=5, max_value=25, required=False)
    max_age = forms.IntegerField(label=_("To age"), min_value=5, max_value=25, required=False)
    months = forms.TypedMultipleChoiceField(
        label=_("In which months?"), coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )
    sites = forms.ModelMultipleChoiceField(
        Site.objects.none(), label=_("At which sites?"), required=False, widget=forms.CheckboxSelectMultiple
    )
    reasons = forms.MultipleChoiceField(
        label=_("If maybe or not this year: what keeps you?"),
        choices=Pledge.Reason.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    reason = forms.CharField(label=_("In your words"), max_length=1000, required=False, widget=few_lines())
    ask_again_on = forms.DateField(
        label=_("Ask us again on"),
        required=False,
        widget=day_input(),
        help_text=_("Empty: a maybe in four weeks, otherwise when the next year is planned."),
    )

    def __init__(self, data=None, *, employer: Employer, row: Pledge | None, year: dt.date, today: dt.date) -> None:
        super().__init__(data, initial=_said(row, today))
        fields = self.fields
        fields["encounter_types"].queryset = pledges.kinds_to_choose(employer.hub)  # type: ignore[attr-defined]  # its own sort of field
        fields["months"].choices = months_from(year.month)  # type: ignore[attr-defined]  # its own sort of field
        fields["sites"].queryset = Site.objects.filter(employer=employer)  # type: ignore[attr-defined]  # its own sort of field
        if not fields["sites"].queryset.exists():  # type: ignore[attr-defined]  # its own sort of field
            del fields["sites"]

    def values(self) -> dict:
        """What was said, under the names the domain knows."""
        return {name: value for name, value in self.cleaned_data.items() if name != "seen_at"}

    def seen(self) -> str:
        return self.cleaned_data["seen_at"]


def _said(row: Pledge | None, today: dt.date) -> dict:
    """As it was said; of the day to be asked again on only one that was named and still lies ahead."""
    if row is None:
        return {}
    plain = pledges.FIELDS - {"encounter_types", "sites"}
    said = {name: getattr(row, name) for name in plain}
    kinds, sites = row.encounter_types.all(), row.sites.all()
    if not (row.ask_again_on and today < row.ask_again_on != pledges.usual_day(row)):
        said["ask_again_on"] = None
    return {**said, "encounter_types": kinds, "sites": sites, "seen_at": pledges.as_read(row)}
