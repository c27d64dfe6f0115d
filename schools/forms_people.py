"""What people type about class lists and students. Rules are in the domain."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hubs.forms import PlainWords
from schools.domain.roster import RosterPlan
from schools.domain.roster_rows import ALL, RosterChoices
from schools.oneroster_types import DAY_FIRST, MONTH_FIRST, read_date
from schools.oneroster_zip import LARGEST_ARCHIVE

MEGABYTE = 1024 * 1024


class RosterUploadForm(PlainWords, forms.Form):
    file = forms.FileField(
        label=gettext_lazy("The zip file"),
        help_text=gettext_lazy("As your school's system exported it; at most 20 MB. You need not unpack it."),
    )
    names = forms.BooleanField(
        label=gettext_lazy("Also keep first and family names"),
        required=False,
        help_text=gettext_lazy(
            "Only your school and the hub see them, and an employer once it has accepted a placement. "
            "Without names, students are known as S-0001 and so on."
        ),
    )

    def clean_file(self):
        upload = self.cleaned_data["file"]
        if upload.size > LARGEST_ARCHIVE:
            raise forms.ValidationError(_("This file is larger than 20 MB. Export one school at a time."))
        return upload


class RosterForm(PlainWords, forms.Form):
    """What only a person can say about an archive."""

    school = forms.ChoiceField(label=gettext_lazy("Which of these is your school?"), widget=forms.RadioSelect)
    order = forms.ChoiceField(label="", widget=forms.RadioSelect)
    leavers = forms.BooleanField(required=False)
    overwrite = forms.MultipleChoiceField(
        label=gettext_lazy("Changed by hand: let the file change them too?"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Those without a tick stay as you made them."),
    )
    without_problems = forms.BooleanField(label=gettext_lazy("Load the rest without the rows that cannot be read"))

    def __init__(self, *args: Any, plan: RosterPlan, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.known = plan.choices
        asks = {
            "school": plan.asks_school, "order": plan.asks_order, "leavers": bool(plan.people.leavers),
            "overwrite": bool(plan.people.kept), "without_problems": plan.asks_problems,
        }  # fmt: skip
        for name, wanted in asks.items():
            if not wanted:
                del self.fields[name]
        if "school" in self.fields:
            self.fields["school"].choices = [(one.key, one.name) for one in plan.parsed.schools]
        if "order" in self.fields:
            self.fields["order"].label = _("What day is %(example)s?") % {"example": plan.parsed.date_example}
            self.fields["order"].choices = _orders(plan.parsed.date_example)
        if "leavers" in self.fields:
            count = len(plan.people.leavers)
            words = _("%(n)s who are not in the file have left") % {"n": count}
            self.fields["leavers"].label = words
            self.fields["leavers"].help_text = _("Their record stays; nothing they are named for is called off.")
        if "overwrite" in self.fields:
            one_by_one = [(row.key, str(row)) for row in plan.people.kept[:60]]
            everyone = [(ALL, _("All of them"))] if len(plan.people.kept) > 1 else []
            self.fields["overwrite"].choices = [*everyone, *one_by_one]
        self.speak_plainly()

    @property
    def choices(self) -> RosterChoices:
        given = self.cleaned_data
        return RosterChoices(
            school=given.get("school") or self.known.school,
            order=given.get("order") or self.known.order,
            leavers=given.get("leavers", self.known.leavers),
            overwrite=tuple(given.get("overwrite", self.known.overwrite)),
            without_problems=given.get("without_problems", self.known.without_problems),
        )


def _orders(example: str) -> list[tuple[str, str]]:
    read = ((order, read_date(example, order)) for order in (DAY_FIRST, MONTH_FIRST))
    return [(order, date_format(day, "j F Y")) for order, day in read if day]
