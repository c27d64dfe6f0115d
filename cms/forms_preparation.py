"""The check at the end of a preparation module."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext as _

from hubs.forms import PlainWords


class CheckForm(PlainWords, forms.Form):
    """A question each, with its answers in the order of the page. An answer that is wrong is an error that says why."""

    def __init__(self, *args, questions, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.right: dict[str, tuple[str, str]] = {}
        for number, block in enumerate(questions):
            value, name = block.value, f"q{number}"
            answers = list(enumerate(value["answers"]))
            self.fields[name] = forms.ChoiceField(
                label=value["question"],
                choices=[(str(at), answer["text"]) for at, answer in answers],
                widget=forms.RadioSelect,
            )
            right = next((str(at) for at, answer in answers if answer["is_right"]), "")
            self.right[name] = (right, value["why"])
        self.speak_plainly()

    def clean(self) -> dict:
        cleaned = super().clean() or {}
        for name, (right, why) in self.right.items():
            if name in cleaned and cleaned[name] != right:
                self.add_error(name, _("Not quite. %(why)s") % {"why": why})
        return cleaned
