"""What students and teachers are asked afterwards: short, and in a young person's words."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from hubs.forms import PlainWords

YES_NO = [("yes", _("Yes")), ("no", _("No"))]
LIKED = [("5", _("Great")), ("4", _("Good")), ("3", _("OK")), ("2", _("Not so good")), ("1", _("Bad"))]


def _choice(label, choices) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=choices, widget=forms.RadioSelect)


class ReflectionForm(PlainWords, forms.Form):
    """Six questions, three minutes."""

    liked = _choice(_("How was it?"), LIKED)
    talked = _choice(_("Could you ask people things?"), YES_NO)
    did = _choice(_("Did you do something yourself?"), YES_NO)
    learnt = forms.CharField(
        label=_("What is one thing you know now that you did not know before?"),
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    next = forms.CharField(
        label=_("What would you like to find out next?"),
        max_length=400,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    again = _choice(_("Would you tell a friend to go there?"), YES_NO)

    def answers(self) -> dict:
        given = self.cleaned_data
        return {
            "liked": given["liked"],
            "talked": given["talked"] == "yes",
            "did": given["did"] == "yes",
            "words": "\n".join(part for part in (given["learnt"], given["next"]) if part),
            "again": given["again"] == "yes",
        }


class TeacherForm(PlainWords, forms.Form):
    again = _choice(_("Would you send students there again?"), YES_NO)
    words = forms.CharField(
        label=_("What should the hub know?"),
        max_length=1000,
        required=False,
        help_text=_("Please name no student."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
