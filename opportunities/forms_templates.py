"""The form of an action-plan template in the back office."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.utils.html import strip_tags
from django.utils.translation import gettext_lazy as _

from employers import framing
from employers.forms_standards import TranslationForm
from employers.models import Employer
from employers.translating import Words
from hubs.narrowing import each_form
from hubs.views_admin import HubForm
from opportunities.models import TemplateStep
from opportunities.timing import LAST_WEEK, Circle, weeks
from opportunities.translating import LONGEST


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
        saved = self.instance.steps.all() if self.instance.pk else []
        self.steps = [(str(step.key), step.title) for step in saved]
        each_form(self.formsets["steps"], self._ask_standard)
        each_form(self.formsets["steps"], self._ask_after)

    def _ask_standard(self, step: forms.ModelForm) -> None:
        """By name, of those in use; one that is in use no more stays until another is chosen."""
        kept, field = step.instance.standard, step.fields["standard"]
        gone = [(kept, kept)] if kept and kept not in dict(self.standards) else []
        step.fields["standard"] = forms.ChoiceField(
            label=field.label, help_text=field.help_text, required=False, initial=kept,
            choices=[("", _("none in particular")), *self.standards, *gone],
        )  # fmt: skip

    def _ask_after(self, step: forms.ModelForm) -> None:
        """From the academic year, or from another step that is saved already."""
        step.initial["after"] = str(step.instance.after or "")
        others = [(key, title) for key, title in self.steps if key != str(step.instance.key)]
        step.fields["after"] = forms.TypedChoiceField(
            label=step.fields["after"].label, required=False, coerce=UUID, empty_value=None,
            help_text=_("A step you have just added can be chosen once the draft is saved."),
            choices=[("", _("the academic year")), *others],
        )  # fmt: skip

    def is_valid(self) -> bool:
        return super().is_valid() and self._check_timing()

    def _check_timing(self) -> bool:
        """No step counts from one that goes, from itself by others, or beyond the year."""
        steps = self.formsets["steps"]
        kept = {form.instance.key: form for form in steps.forms if form not in steps.deleted_forms}
        timed = [form.instance.timed for form in kept.values()]
        for one in timed:
            if one.after and one.after not in kept:
                kept[one.key].add_error("after", _("That step is taken out. Choose another."))
        try:
            found = weeks(timed)
        except Circle as circle:
            for key in circle.keys:
                kept[key].add_error("after", _("These steps count from one another. Let one count from the year."))
            return False
        for key, week in found.items():
            if week > LAST_WEEK:
                kept[key].add_error(
                    "week", _("That is week %(week)s, after the academic year. Give a smaller number.") % {"week": week}
                )
        return not any(form.errors for form in kept.values())


class TemplateTranslationForm(TranslationForm):
    """What is rich text in the original is written as such."""

    longest = LONGEST

    def field_of(self, one: Words, language: str) -> forms.Field:
        field = super().field_of(one, language)
        if one.place.endswith(".details"):
            field.label = strip_tags(one.original)
            field.widget = TemplateStep._meta.get_field("details").formfield().widget
            field.widget.attrs["lang"] = language
        return field
