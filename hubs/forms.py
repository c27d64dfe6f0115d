"""How every form of the portal is drawn: labels, hints and errors in one place."""

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.forms.renderers import TemplatesSetting
from django.utils.translation import gettext_lazy as _

# Said beside the field, so the field need not be named; the summary on top names it.
_WORDS = {
    "required": _("Fill this in."),
    "max_value": _("%(limit_value)s at most; you gave %(show_value)s."),
    "min_value": _("%(limit_value)s at least; you gave %(show_value)s."),
    "max_length": _("Shorten this to %(limit_value)s characters; it has %(show_value)s."),
}
_KINDS: tuple[tuple[type[forms.Field], dict[str, object]], ...] = (
    (forms.BooleanField, {"required": _("Tick this to go on.")}),
    (forms.MultipleChoiceField, {"required": _("Choose at least one.")}),
    (forms.ChoiceField, {"required": _("Choose one.")}),
    (forms.ModelMultipleChoiceField, {"required": _("Choose at least one.")}),
    (forms.ModelChoiceField, {"required": _("Choose one.")}),
    (forms.DateField, {"invalid": _("Write the day as 2026-06-09.")}),
    (forms.TimeField, {"invalid": _("Write the time as 09:30.")}),
    (forms.IntegerField, {"invalid": _("Write a whole number.")}),
    (forms.EmailField, {"invalid": _("Write an address such as name@school.example.")}),
    (forms.FileField, {"required": _("Choose a file."), "empty": _("This file is empty. Choose another.")}),
)


class PortalFormRenderer(TemplatesSetting):
    """Draws `{{ form }}` with an error summary on top and each error beside its field.

    Set as FORM_RENDERER. Widgets keep Django's own templates, so the Wagtail admin and the
    API's pages are drawn as before.
    """

    form_template_name = "portal/forms/form.html"
    field_template_name = "portal/forms/field.html"
    formset_template_name = "portal/forms/formset.html"


class PlainWords:
    """Mixin for forms: errors say how to mend them, in the portal's own words.

    Put it before the form class. Words given in a field's own `error_messages` stay.
    """

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.speak_plainly()

    def speak_plainly(self) -> None:
        """Again after a form has added fields of its own."""
        for field in self.fields.values():  # type: ignore[attr-defined]  # mixed into a form
            _speak_plainly(field)


def _speak_plainly(field: forms.Field) -> None:
    words = dict(_WORDS)
    for kind, special in _KINDS:
        if isinstance(field, kind):
            words |= special
            break
    for code, sentence in words.items():
        # The class's own default is replaced; a sentence given to the field is kept.
        defaults = (getattr(base, "default_error_messages", {}).get(code) for base in type(field).__mro__)
        if field.error_messages.get(code) in {None, *defaults}:
            field.error_messages[code] = sentence


class PointInput:
    """Mixin for forms with `latitude` and `longitude` in degrees: both or neither. Put it before the form class.

    Maps give both numbers at once ("51.4545, -2.5879"): pasted into the first field, they are taken apart.
    """

    def __init__(self, data=None, *args, **kwargs) -> None:
        super().__init__(_apart(data), *args, **kwargs)
        for name, most in (("latitude", 90), ("longitude", 180)):
            field = self.fields[name]  # type: ignore[attr-defined]  # mixed into a form
            field.error_messages["invalid"] = _("Write degrees as a number, such as 51.4545.")
            # Those of the model are asked only by forms that check the whole row.
            field.validators = [*field.validators, MinValueValidator(-most), MaxValueValidator(most)]

    def clean(self) -> dict:
        cleaned = super().clean() or {}  # type: ignore[misc]  # of the form it is mixed into
        if (cleaned.get("latitude") is None) != (cleaned.get("longitude") is None):
            missing = "latitude" if cleaned.get("latitude") is None else "longitude"
            if missing not in self.errors:  # type: ignore[attr-defined]  # mixed into a form
                said = _("A point needs both numbers. Fill in both, or neither.")
                self.add_error(missing, said)  # type: ignore[attr-defined]  # mixed into a form
        return cleaned


def _apart(data):
    """What was sent, with a pair of numbers in the first field as one in each."""
    pair = [part.strip() for part in data.get("latitude", "").split(",")] if data else []
    if len(pair) != 2 or data.get("longitude", "").strip():
        return data
    data = data.copy()
    data["latitude"], data["longitude"] = pair
    return data
