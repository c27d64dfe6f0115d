"""What people type about a school's calendar, timetable and groups. Rules are in the domain."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from hubs.forms import PlainWords
from schools.domain.diff import ALL
from schools.domain.groups import HIGHEST_YEAR, LARGEST_GROUP
from schools.domain.pending import LARGEST_UPLOAD
from schools.models import Closure, Group, ProtectedPeriod, School, Term, WeekPattern, YearGroup

WEEKDAY_CHOICES = [(number, name) for number, name in WEEKDAYS.items()]


def day_input() -> forms.DateInput:
    # The browser's own date input wants ISO dates whatever the language.
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


def time_input() -> forms.TimeInput:
    return forms.TimeInput(attrs={"type": "time"}, format="%H:%M")


def weekdays_field(**options: Any) -> forms.TypedMultipleChoiceField:
    return forms.TypedMultipleChoiceField(
        choices=WEEKDAY_CHOICES, coerce=int, widget=forms.CheckboxSelectMultiple, required=False, **options
    )


class UploadForm(PlainWords, forms.Form):
    """A file, or its text pasted. Gives `data` and `file_name`."""

    file = forms.FileField(label=_("File"), required=False, help_text=_("At most 2 MB."))
    text = forms.CharField(
        label=_("Or paste its text"), required=False, strip=False, widget=forms.Textarea(attrs={"rows": 4})
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        upload, text = given.get("file"), given.get("text") or ""
        if not upload and not text.strip() and not self.errors:
            self.add_error("file", _("Choose a file, or paste its text below."))
        elif upload and upload.size > LARGEST_UPLOAD:
            self.add_error("file", _("This file is larger than 2 MB. Export less of it."))
        elif upload:
            given["data"], given["file_name"] = upload.read(), upload.name
        else:
            given["data"], given["file_name"] = text.encode(), ""
        return given


class SpanForm(PlainWords, forms.ModelForm):
    """First and last day. The domain checks the rest and writes."""

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        first, last = given.get("starts_on"), given.get("ends_on")
        if first and last and last < first:
            self.add_error("ends_on", _("This is before the first day."))
        return given

    def validate_constraints(self) -> None:
        """Said above in words that help."""


class TermForm(SpanForm):
    class Meta:
        model = Term
        fields = ["name", "starts_on", "ends_on"]
        widgets = {"starts_on": day_input(), "ends_on": day_input()}


class ClosureForm(SpanForm):
    class Meta:
        model = Closure
        fields = ["kind", "name", "starts_on", "ends_on", "begins_at", "ends_at"]
        widgets = {
            "starts_on": day_input(), "ends_on": day_input(), "kind": forms.RadioSelect,
            "begins_at": time_input(), "ends_at": time_input(),
        }  # fmt: skip
        help_texts = {"ends_at": _("Both times are for a short day; one of them is enough.")}


class ProtectedForm(SpanForm):
    hardness = forms.ChoiceField(
        label=_("How firm?"),
        widget=forms.RadioSelect,
        choices=[("blocked", _("Blocked: nobody goes out")), ("avoid", _("Avoid: only when it is worth it"))],
    )
    weekdays = weekdays_field(label=_("Only on these weekdays"), help_text=_("None ticked: every day."))
    week_letter = forms.ChoiceField(label=_("Only in this week"), required=False)

    class Meta:
        model = ProtectedPeriod
        fields = [
            "name", "hardness", "starts_on", "ends_on", "starts_at", "ends_at", "weekdays", "week_letter",
            "year_groups", "groups",
        ]  # fmt: skip
        widgets = {
            "starts_on": day_input(),
            "ends_on": day_input(),
            "starts_at": time_input(),
            "ends_at": time_input(),
            "year_groups": forms.CheckboxSelectMultiple,
            "groups": forms.CheckboxSelectMultiple,
        }
        help_texts = {"year_groups": _("None ticked here and below: the whole school.")}

    def __init__(self, *args: Any, school: School, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        letters = WeekPattern.objects.filter(school=school).values_list("letters", flat=True).first() or []
        self.fields["week_letter"].choices = [("", _("Every week")), *((letter, letter) for letter in letters)]
        if len(letters) < 2:
            del self.fields["week_letter"]
        self.fields["year_groups"].queryset = YearGroup.objects.filter(school=school)
        self.fields["groups"].queryset = Group.objects.filter(school=school, is_active=True)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        starts, ends = given.get("starts_at"), given.get("ends_at")
        if bool(starts) != bool(ends):
            self.add_error("ends_at" if starts else "starts_at", _("Give both times, or neither."))
        elif starts and ends and ends <= starts:
            self.add_error("ends_at", _("This is not after the beginning."))
        return given


class WeekPatternForm(PlainWords, forms.ModelForm):
    letters = forms.CharField(
        label=_("Weeks of the cycle"),
        max_length=40,
        help_text=_("“A B” for two weeks that take turns, “A” when every week is alike."),
    )

    class Meta:
        model = WeekPattern
        fields = ["letters", "anchor_on", "holidays_advance"]
        widgets = {"anchor_on": day_input()}
        labels = {"anchor_on": _("A day in the first of these weeks"), "holidays_advance": _("Holiday weeks count too")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.letters:
            self.initial["letters"] = " ".join(self.instance.letters)

    def clean_letters(self) -> list[str]:
        return self.cleaned_data["letters"].replace(",", " ").replace("/", " ").split()

    def _post_clean(self) -> None:
        """The domain writes; nothing is to be put on the row here."""


class BellForm(PlainWords, forms.Form):
    name = forms.CharField(label=_("Name"), max_length=60)
    weekdays = weekdays_field(label=_("On these weekdays"), help_text=_("None ticked: every day without its own."))
    week_letter = forms.ChoiceField(label=_("In this week"), required=False)

    def __init__(self, *args: Any, letters: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["week_letter"].choices = [("", _("Every week")), *((letter, letter) for letter in letters)]
        if len(letters) < 2:
            del self.fields["week_letter"]


class PeriodForm(PlainWords, forms.Form):
    name = forms.CharField(label=_("Period"), max_length=40, required=False, widget=forms.TextInput(attrs={"size": 8}))
    starts_at = forms.TimeField(label=_("From"), required=False, widget=time_input())
    ends_at = forms.TimeField(label=_("Until"), required=False, widget=time_input())

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        filled = [bool(given.get(name)) for name in ("name", "starts_at", "ends_at")]
        if any(filled) and not all(filled) and not self.errors:
            self.add_error(None, _("Fill in the name and both times, or empty all three."))
        return given

    @property
    def period(self) -> tuple[str, dt.time, dt.time] | None:
        given = self.cleaned_data
        return (given["name"], given["starts_at"], given["ends_at"]) if given.get("name") else None


PeriodFormSet = forms.formset_factory(PeriodForm, extra=4, max_num=24, absolute_max=24)


#: What is left empty in the rule of a year group or group is not free: another rule says it.
HELP_OF_A_PART = {
    "weekdays": _("None ticked: as said above."),
    "notice_weeks": _("Holidays are not counted. 0: as said above."),
    "most_missed_a_subject": _("From the third on it is said all the same."),
    "periods": _("None ticked: as said above."),
}


class ReleaseForm(PlainWords, forms.Form):
    weekdays = weekdays_field(label=_("May be out on"), help_text=_("None ticked: any school day."))
    earliest = forms.TimeField(label=_("Not before"), required=False, widget=time_input())
    latest = forms.TimeField(label=_("Back by"), required=False, widget=time_input())
    notice_weeks = forms.IntegerField(
        label=_("Notice, in school weeks"), min_value=0, max_value=40, help_text=_("Holidays are not counted.")
    )
    most_out_per_day = forms.IntegerField(
        label=_("Most students out a day"), min_value=1, max_value=9999, required=False
    )
    most_times_a_term = forms.IntegerField(
        label=_("Most times a term"), min_value=1, max_value=99, required=False,
        help_text=_("A term as your calendar has it: often what is called a half-term."),
    )  # fmt: skip
    most_missed_a_subject = forms.IntegerField(
        label=_("Most lessons of one subject missed a term"), min_value=1, max_value=99, required=False,
        help_text=_("Empty: no limit. From the third on it is said all the same."),
    )  # fmt: skip
    periods = forms.MultipleChoiceField(
        label=_("May miss these periods"), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("None ticked: any."),
    )  # fmt: skip
    protected_subjects = forms.CharField(
        label=_("Subjects not to be missed"), required=False, max_length=400, help_text=_("With commas: Maths, English")
    )

    def __init__(self, *args: Any, periods: Iterable[str] = (), is_school: bool = True, **kwargs: Any) -> None:
        """A year group's or a group's rule has no number of students out a day: that is the school's."""
        super().__init__(*args, **kwargs)
        if not is_school:
            del self.fields["most_out_per_day"]
            for name, words in HELP_OF_A_PART.items():
                self.fields[name].help_text = words
        self.fields["periods"].choices = [(name, name) for name in dict.fromkeys(periods)]
        if not self.fields["periods"].choices:
            del self.fields["periods"]

    def clean_protected_subjects(self) -> list[str]:
        return [name.strip() for name in self.cleaned_data["protected_subjects"].split(",") if name.strip()]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        earliest, latest = given.get("earliest"), given.get("latest")
        if earliest and latest and latest <= earliest:
            self.add_error("latest", _("This is not after “Not before”."))
        return given


class ConfirmForm(PlainWords, forms.Form):
    """What must be said before a file is loaded: about lines that cannot be read, and about rows changed by hand."""

    overwrite = forms.MultipleChoiceField(
        label=_("Changed by hand: let the file change these too?"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Those without a tick stay as you made them."),
    )
    without_problems = forms.BooleanField(label=_("Load the rest without what cannot be read"))

    def __init__(self, *args: Any, by_hand: Sequence[tuple[str, str]], problems: int, **kwargs: Any) -> None:
        """`by_hand`: (token, words) of each row."""
        super().__init__(*args, **kwargs)
        everyone = [(ALL, _("All of them"))] if len(by_hand) > 1 else []
        self.fields["overwrite"].choices = [*everyone, *by_hand]
        if not by_hand:
            del self.fields["overwrite"]
        if not problems:
            del self.fields["without_problems"]


class CycleForm(ConfirmForm):
    """Before a calendar is imported."""

    cycle = forms.TypedChoiceField(
        label=_("How many weeks does your timetable's cycle have?"),
        coerce=int,
        widget=forms.RadioSelect,
        choices=[(1, _("One: every week is alike")), (2, _("Two: A and B")), (3, _("Three")), (4, _("Four"))],
    )
    field_order = ("cycle", "overwrite", "without_problems")

    def __init__(self, *args: Any, asks_cycle: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not asks_cycle:
            del self.fields["cycle"]


class ColumnsForm(PlainWords, forms.Form):
    """Which column of a table holds what."""

    NAMES = (
        ("group", _("Group or class"), True),
        ("day", _("Day"), True),
        ("hour", _("Hour or period"), True),
        ("subject", _("Subject"), False),
        ("week", _("Week (A/B)"), False),
        ("room", _("Room"), False),
    )

    def __init__(self, *args: Any, columns: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", _("Not in the file")), *((name, name) for name in dict.fromkeys(columns) if name)]
        for name, label, required in self.NAMES:
            self.fields[name] = forms.ChoiceField(label=label, choices=choices, required=required)
        self.speak_plainly()

    @property
    def chosen(self) -> dict[str, str]:
        return {name: value for name, value in self.cleaned_data.items() if value}


class GroupForm(PlainWords, forms.Form):
    name = forms.CharField(label=_("Name"), max_length=60)
    year = forms.IntegerField(label=_("Year group"), min_value=1, max_value=HIGHEST_YEAR, required=False)
    size = forms.IntegerField(label=_("Students"), min_value=0, max_value=LARGEST_GROUP)


def row_number(label: str, most: int, least: int = 0) -> forms.IntegerField:
    """A number in a table's cell: named for readers, since the column's head is far away."""
    return forms.IntegerField(
        label=label, required=False, min_value=least, max_value=most,
        widget=forms.NumberInput(attrs={"aria-label": label}),
    )  # fmt: skip
