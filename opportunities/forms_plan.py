"""The forms of the plan pages."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from employers.models import Employer
from hubs.forms import PlainWords
from hubs.models import User
from opportunities.forms import TypeChoice, day_input, few_lines
from opportunities.models import EncounterType, PlanStep


class MoveStepForm(PlainWords, forms.Form):
    due_on = forms.DateField(label=_("By"), widget=day_input())
    owner = forms.ModelChoiceField(
        User.objects.none(), label=_("Who does it"), required=False, empty_label=_("Nobody yet")
    )

    along = forms.BooleanField(required=False, initial=True)

    def __init__(self, *args, employer: Employer, following: list[PlanStep], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if following:
            titles = ", ".join(step.title for step in following)
            self.fields["along"].label = _("Move what follows it as well: %(steps)s") % {"steps": titles}
        else:
            del self.fields["along"]
        members = User.objects.filter(memberships__organisation=employer.pk, is_active=True)
        self.fields["owner"].queryset = members  # type: ignore[attr-defined]  # its own sort of field


class StepForm(PlainWords, forms.Form):
    title = forms.CharField(label=_("What will you do?"), max_length=120)
    due_on = forms.DateField(label=_("By"), widget=day_input())
    encounter_type = TypeChoice(
        EncounterType.objects.none(),
        label=_("With young people?"),
        required=False,
        empty_label=_("No, only among ourselves"),
    )
    places = forms.IntegerField(label=_("Places you expect"), min_value=0, max_value=999, required=False)
    guidance = forms.CharField(label=_("Notes"), max_length=2000, required=False, widget=few_lines())

    def __init__(self, *args, employer: Employer, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        types = EncounterType.objects.filter(hub=employer.hub_id, is_active=True)
        self.fields["encounter_type"].queryset = types  # type: ignore[attr-defined]  # its own sort of field

    def clean_places(self) -> int:
        return self.cleaned_data["places"] or 0


class QuickForm(PlainWords, forms.Form):
    """An opportunity from a plan step, in three fields; the rest is asked on the review page."""

    title = forms.CharField(label=_("Title"), max_length=120)
    on = forms.DateField(label=_("Day"), widget=day_input())
    places = forms.IntegerField(label=_("Places"), min_value=1, max_value=999)
