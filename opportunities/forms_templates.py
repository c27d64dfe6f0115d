"""The form of an action-plan template in the back office."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from employers import framing
from employers.models import Employer
from hubs.narrowing import each_form
from hubs.views_admin import HubForm


class TemplateForm(HubForm):
    sizes = forms.MultipleChoiceField(
        label=_("Suits sizes"), choices=Employer.Size.choices, widget=forms.CheckboxSelectMultiple, required=False
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.version > 1:  # the versions of a template find each other by it
            self.fields["name"].disabled = True
            self.fields["name"].help_text = _("The same in every version: plans find their newer version by it.")
        named = framing.standards_named(self.instance.hub_id)
        self.standards = [(key, standard.name) for key, standard in named.items()]
        each_form(self.formsets["steps"], self._ask_standard)

    def _ask_standard(self, step: forms.ModelForm) -> None:
        """By name, of those in use; one that is in use no more stays until another is chosen."""
        kept, field = step.instance.standard, step.fields["standard"]
        gone = [(kept, kept)] if kept and kept not in dict(self.standards) else []
        step.fields["standard"] = forms.ChoiceField(
            label=field.label, help_text=field.help_text, required=False, initial=kept,
            choices=[("", _("none in particular")), *self.standards, *gone],
        )  # fmt: skip
