"""The form of an employer's pathway: its rules, and a row for each step."""

from __future__ import annotations

import math

from django import forms
from django.db.models import Q
from django.forms.formsets import ORDERING_FIELD_NAME
from django.utils.translation import gettext_lazy as _

from employers.models import Sector
from hubs.forms import PlainWords
from opportunities.domain.pathways import STEP_FIELDS, mark_of
from opportunities.forms import TypeChoice, few_lines
from opportunities.models import EncounterType, Pathway

#: Empty rows to write further steps into.
SPARE = 3
#: What a step has beside the fields of its row: only the hub writes it, and it stays with the row.
KEPT = ("needs_type", "opportunity")


class PathwayForm(PlainWords, forms.Form):
    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    name = forms.CharField(label=_("Name"), max_length=120)
    about = forms.CharField(label=_("Who it is for"), max_length=1000, required=False, widget=few_lines(2))
    shorter_first = forms.IntegerField(
        label=_("Shorter encounters before days without school staff"), min_value=0, max_value=9, initial=2,
        help_text=_("0: none are needed."),
    )  # fmt: skip
    other_sector = forms.IntegerField(
        label=_("Another sector than in the last"), min_value=0, max_value=9, initial=0,
        help_text=_("How many encounters to look back. 0: the sector does not matter."),
    )  # fmt: skip
    small_by = forms.IntegerField(
        label=_("A small employer by the end of year"), min_value=1, max_value=14, required=False,
        help_text=_("Fewer than 50 staff. Empty: the size does not matter."),
    )  # fmt: skip

    def values(self) -> dict:
        """What was typed, under the names the domain knows."""
        return {name: value for name, value in self.cleaned_data.items() if name != "seen"}


class StepRow(PlainWords, forms.Form):
    pk = forms.IntegerField(widget=forms.HiddenInput, required=False)
    encounter_type = TypeChoice(
        EncounterType.objects.none(), label=_("Encounter"), required=False, empty_label=_("No step")
    )
    sector = forms.ModelChoiceField(
        Sector.objects.all(), label=_("Sector"), required=False, empty_label=_("Any sector")
    )
    year_number = forms.IntegerField(label=_("By the end of year"), min_value=1, max_value=14, required=False)
    gap_weeks = forms.IntegerField(label=_("Weeks after the step before"), min_value=0, max_value=104, required=False)

    def __init__(self, *args, hub_id: int, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        # The row's own type stays on offer, in use or not: else the step would be lost with the next save.
        own = getattr(self.initial.get("encounter_type"), "pk", None)
        types = EncounterType.objects.filter(Q(is_active=True) | Q(pk=own), hub=hub_id)
        self.fields["encounter_type"].queryset = types  # type: ignore[attr-defined]  # its own sort of field

    def clean_gap_weeks(self) -> int:
        return self.cleaned_data["gap_weeks"] or 0

    def values(self) -> dict:
        """The step as the domain knows it; a row of another type is another step, of no certain opportunity."""
        kept = {name: self.initial.get(name) for name in KEPT}
        if self.cleaned_data["encounter_type"] != self.initial.get("encounter_type"):
            kept["opportunity"] = None
        return {name: value for name, value in self.cleaned_data.items() if name != ORDERING_FIELD_NAME} | kept


class _InOrder(forms.BaseFormSet):
    def add_fields(self, form, index) -> None:
        super().add_fields(form, index)
        place = form.fields[ORDERING_FIELD_NAME]
        place.label, place.min_value = _("Place in the order"), 1
        place.widget.attrs["min"] = 1


StepRows = forms.formset_factory(
    StepRow, formset=_InOrder, extra=SPARE, max_num=20, absolute_max=20, validate_max=True, can_order=True
)


def steps_given(rows) -> list[dict]:
    """The steps that were filled in, by their places; those without one come last, as they stand on the page."""
    filled = [form for form in rows if form.cleaned_data.get("encounter_type")]
    filled.sort(key=lambda form: form.cleaned_data.get(ORDERING_FIELD_NAME) or math.inf)
    return [form.values() for form in filled]


def start_of(pathway: Pathway | None) -> tuple[dict | None, list[dict]]:
    """What the form and its rows begin with."""
    if pathway is None:
        return None, []
    fields = {name: getattr(pathway, name) for name in PathwayForm.base_fields if name != "seen"}
    steps = [{name: getattr(one, name) for name in ("pk", *STEP_FIELDS)} for one in pathway.steps.all()]
    return fields | {"seen": mark_of(pathway)}, steps
