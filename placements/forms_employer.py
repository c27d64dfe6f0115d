"""Forms of the employer's placement pages and of the pages behind signed links.

They check input; rules are in the domain.
"""

from __future__ import annotations

from django import forms
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from employers.models import Document, Volunteer
from employers.preparing import STATES
from hubs.forms import PlainWords
from placements.domain.attendance import FLAGS_OF
from placements.domain.on_the_day import INCIDENTS

NO_REASONS = [
    ("date", _("The date does not work for us")),
    ("people", _("Nobody is free to look after them")),
    ("size", _("Too many students at once")),
    ("fit", _("It does not suit what we offer")),
    ("other", _("Something else")),
]
RELATIONS = [
    ("parent", _("Parent")),
    ("carer", _("Carer or guardian")),
    ("other", _("Somebody else responsible for the child")),
]
YES_NO = [("yes", _("Yes")), ("no", _("No"))]


def _words(label, *, required: bool = False, help_text="", rows: int = 2, most: int = 600) -> forms.CharField:
    area = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, required=required, help_text=help_text, max_length=most, widget=area)


def _yes_no(label) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=label, choices=YES_NO, widget=forms.RadioSelect, coerce=lambda value: value == "yes"
    )


class SupervisorForm(PlainWords, forms.Form):
    supervisor = forms.CharField(
        label=_("Who looks after the students?"),
        max_length=120,
        required=False,
        help_text=_("A name and how to ask for them. You can say it later."),
    )


class DeclineForm(PlainWords, forms.Form):
    why = forms.ChoiceField(label=_("Why not?"), choices=NO_REASONS, widget=forms.RadioSelect)
    words = _words(_("In your words"), help_text=_("The hub reads it, to ask better next time."))

    def clean(self) -> dict:
        cleaned = super().clean() or {}
        if cleaned.get("why") == "other" and not cleaned.get("words"):
            self.add_error("words", _("Say in a few words what it is."))
        return cleaned

    def reason(self) -> str:
        """What the log and the hub's mail say."""
        why, words = self.cleaned_data["why"], self.cleaned_data["words"]
        if why == "other":
            return words
        chosen = str(dict(NO_REASONS)[why])
        return f"{chosen}. {words}" if words else f"{chosen}."


class CancelForm(PlainWords, forms.Form):
    reason = _words(_("Why?"), required=True, help_text=_("The school reads it."), rows=3)


class HandOverForm(PlainWords, forms.Form):
    email = forms.EmailField(label=_("Your colleague’s e-mail address"), max_length=120)


class DeclareForm(PlainWords, forms.Form):
    confirmed = forms.BooleanField(label=_("I confirm this for our workplace"))
    words = _words(_("Anything to add"))


class DocumentChoiceForm(PlainWords, forms.Form):
    document = forms.ModelChoiceField(
        Document.objects.none(), label=_("Which document?"), widget=forms.RadioSelect, empty_label=None
    )

    def __init__(self, *args, documents, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["document"]
        field.queryset = documents  # type: ignore[attr-defined]  # its own sort of field
        field.label_from_instance = _document_words  # type: ignore[attr-defined]  # its own sort of field


class HostChoiceForm(PlainWords, forms.Form):
    """One of the employer's volunteers, each with where they stand (`employers.preparing.with_preparation`)."""

    volunteer = forms.ModelChoiceField(
        Volunteer.objects.none(), label=_("Who looks after the students?"), widget=forms.RadioSelect, empty_label=None
    )

    def __init__(self, *args, volunteers, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        words, field = dict(STATES), self.fields["volunteer"]
        field.queryset = volunteers  # type: ignore[attr-defined]  # its own sort of field
        field.label_from_instance = lambda one: f"{one.name} ({words[one.preparation]})"  # type: ignore[attr-defined]  # its own sort of field


def _document_words(document: Document) -> str:
    said = [str(document.get_kind_display()).capitalize(), document.reference or document.shown_name]
    if document.expires_on:
        said.append(str(_("until %(day)s")) % {"day": date_format(document.expires_on)})
    return ", ".join(part for part in said if part)


class Ticks(forms.TypedMultipleChoiceField):
    """Ticks of which none is an answer too: nobody came. Not "optional" all the same."""

    def validate(self, value: list[str]) -> None:
        for one in value:
            if not self.valid_value(one):
                raise forms.ValidationError(_("One of these students is not expected. Load the page again."))


class PresenceForm(PlainWords, forms.Form):
    """Ticks for one day. The button "Everybody is here" ticks them all."""

    day = forms.DateField(widget=forms.HiddenInput)
    present = Ticks(label=_("Who is here?"), coerce=int, widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args, students: list[tuple[int, str]], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["present"].choices = students  # type: ignore[attr-defined]  # its own sort of field

    def here(self) -> set[int]:
        """Ids of the students present."""
        if "everybody" in self.data:
            return {pk for pk, _name in self.fields["present"].choices}  # type: ignore[attr-defined]  # its own sort of field
        return set(self.cleaned_data["present"])


class FeedbackForm(PlainWords, forms.Form):
    """The quality flags an employer can judge, as plain questions."""

    two_way = _yes_no(_("Could the students ask questions and talk with your people?"))
    range_of_people = _yes_no(_("Did they meet people in different jobs or at different stages?"))
    task = _yes_no(_("Did they do something themselves, not only watch?"))
    feedback = _yes_no(_("Did somebody tell them how they did?"))
    again = _yes_no(_("Would you do it again?"))
    words = _words(_("What should the school or the hub know?"), help_text=_("Please name no student."), rows=3)

    def flags(self) -> dict[str, bool]:
        return {name: self.cleaned_data[name] for name in FLAGS_OF["employer"]}


class IncidentForm(PlainWords, forms.Form):
    what = forms.ChoiceField(label=_("What happened?"), choices=list(INCIDENTS.items()), widget=forms.RadioSelect)
    phone = forms.CharField(
        label=_("Where can the school ring you back?"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
    )


class EarlyEndForm(PlainWords, forms.Form):
    last_day = forms.DateField(label=_("Last day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    reason = _words(_("Why?"), required=True, help_text=_("The school reads it. Please name no student."))


class ConsentForm(PlainWords, forms.Form):
    name = forms.CharField(label=_("Your name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    relation = forms.ChoiceField(label=_("Who are you to the child?"), choices=RELATIONS, widget=forms.RadioSelect)
