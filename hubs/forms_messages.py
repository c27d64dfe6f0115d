"""Forms about messages: they validate what was chosen; hubs.preferences holds the rules."""

from __future__ import annotations

from collections.abc import Iterator

from django import forms
from django.utils.text import capfirst

from hubs.forms import PlainWords
from hubs.models import MessagePreference
from hubs.preferences import Open

LABELS = dict(MessagePreference.Choice.choices)


class PreferencesForm(PlainWords, forms.Form):
    """One choice for each kind and organisation in `open_ones`."""

    def __init__(self, *args, open_ones: list[Open], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.open_ones = {_name(one): one for one in open_ones}
        for name, one in self.open_ones.items():
            place = f" ({one.organisation})" if one.organisation else ""
            self.fields[name] = forms.ChoiceField(
                label=f"{capfirst(str(one.kind.about))}{place}",
                help_text=one.kind.when,
                choices=[(choice, capfirst(str(LABELS[choice]))) for choice in one.choices],
                initial=one.chosen,
                widget=forms.RadioSelect,
            )

    def changed(self) -> Iterator[tuple[Open, str]]:
        for name, one in self.open_ones.items():
            if self.cleaned_data[name] != one.chosen:
                yield one, self.cleaned_data[name]


def _name(one: Open) -> str:
    return f"{one.kind.name}-{one.organisation.pk if one.organisation else 'hub'}"
