"""Two records of one employer: which value of each field is kept."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _

from placements.domain.merging import FIELDS, usual_choice
from placements.domain.merging_things import Pair

STAYS, GOES = "stays", "goes"


class MergeForm(forms.Form):
    """A choice for each field in which the two differ."""

    def __init__(self, *args, pair: Pair, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        usual = usual_choice(pair)
        for name in FIELDS:
            said = [_said(row, name) for row in (pair.stays, pair.goes)]
            if said[0] != said[1]:
                label = type(pair.stays)._meta.get_field(name).verbose_name
                self.fields[name] = forms.ChoiceField(
                    label=str(label).capitalize(), choices=list(zip((STAYS, GOES), said, strict=True)),
                    widget=forms.RadioSelect, initial=GOES if name in usual else STAYS,
                )  # fmt: skip

    def taken(self) -> frozenset[str]:
        """Names of fields whose value comes from the record that goes."""
        return frozenset(name for name, choice in self.cleaned_data.items() if choice == GOES)


def _said(row: Any, name: str) -> str:
    words = getattr(row, f"get_{name}_display", None)
    value = words() if words else getattr(row, name)
    return str(value) if value not in ("", None) else _("nothing")
