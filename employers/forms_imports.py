"""A list of employers: the file, and which column is which."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from employers.import_words import field_names
from employers.models import EmployerImport

#: Lines shown below each heading, so that nobody guesses.
SAMPLES = 3


class ListForm(forms.Form):
    file = forms.FileField(
        label=_("File"),
        help_text=_("CSV or Excel (.xlsx), 2 MB and 1,000 lines at most; a line of headings first."),
    )


class ColumnsForm(forms.Form):
    """One choice for each heading, with what stands below it."""

    def __init__(self, *args, kept: EmployerImport, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.kept = kept
        choices = [("", _("leave out")), *field_names().items()]
        for number, heading in enumerate(kept.header):
            cells = [cells[number] for _line, cells in kept.lines if len(cells) > number and cells[number]]
            self.fields[f"column-{number}"] = forms.ChoiceField(
                label=heading or _("Column %(number)s") % {"number": number + 1}, choices=choices, required=False,
                initial=kept.columns[number], help_text=" · ".join(cell[:60] for cell in cells[:SAMPLES]),
            )  # fmt: skip

    def columns(self) -> list[str]:
        return [self.cleaned_data[f"column-{number}"] for number in range(len(self.kept.header))]
