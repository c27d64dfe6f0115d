"""What coordinators type. Forms check the input; the domain holds the rules."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from employers.models import Sector, Site
from hubs.forms import PlainWords
from hubs.models import Requirement
from opportunities.models import EncounterType
from opportunities.models.types import FLAGS, Stage
from placements.domain.attendance import FLAGS_OF
from schools.models import Group, Student

WINDOW = dt.timedelta(weeks=12)
#: Student id → what the session would cost them once more, in sentences.
Costs = Mapping[int, Sequence[str]]
NONE: Costs = MappingProxyType({})


def day_input() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class SessionFilter(PlainWords, forms.Form):
    """The sentence over the list of sessions; everything in it lives in the address."""

    group = forms.ChoiceField(label=_("Group"))
    start = forms.DateField(label=_("From"), widget=day_input(), required=False)
    end = forms.DateField(label=_("Until"), widget=day_input(), required=False)
    type = forms.ChoiceField(label=_("Kind"), required=False)
    sector = forms.ChoiceField(label=_("Sector"), required=False)
    stage = forms.ChoiceField(label=_("Stage"), required=False, choices=[("", _("any stage")), *Stage.choices])
    cost = forms.ChoiceField(
        label=_("Cost"),
        required=False,
        choices=[("", _("some lessons, or none")), ("none", _("no lesson at all"))],
    )

    def __init__(self, data, *, groups: Sequence[Group], hub, today: dt.date) -> None:
        given = {name: data[name] for name in self.base_fields if name in data}
        defaults = {"group": groups[0].pk, "start": today.isoformat(), "end": (today + WINDOW).isoformat()}
        super().__init__({**defaults, **given})
        self.groups = {str(group.pk): group for group in groups}
        self.fields["group"].choices = [(group.pk, group.name) for group in groups]
        types = EncounterType.objects.filter(hub=hub, is_active=True).values_list("code", "name")
        self.fields["type"].choices = [("", _("any kind")), *types]
        self.fields["sector"].choices = [("", _("any sector")), *Sector.objects.values_list("code", "name")]

    def clean(self):
        cleaned = super().clean()
        start, end = cleaned.get("start"), cleaned.get("end")
        if start and end and end < start:
            self.add_error("end", _("This is before the first day. Choose a later one."))
        return cleaned

    @property
    def chosen_group(self) -> Group:
        """The group asked about; the first one while the address names none of the school's."""
        return self.groups.get(str(self.data["group"])) or next(iter(self.groups.values()))

    def narrow(self, sessions):
        """The sessions of the sentence, fit apart."""
        chosen = self.cleaned_data
        if chosen.get("type"):
            sessions = sessions.filter(opportunity__encounter_type__code=chosen["type"])
        if chosen.get("stage"):
            sessions = sessions.filter(opportunity__encounter_type__stage=chosen["stage"])
        if chosen.get("sector"):
            sessions = sessions.filter(opportunity__sectors__code=chosen["sector"])
        return sessions


#: What can be asked of the list of requests, in the words its lines use.
STANDING: Mapping[str, tuple[object, Q]] = {
    "draft": (_("kept as drafts"), Q(state="draft")),
    "submitted": (_("with the hub"), Q(state="submitted")),
    "agreed": (_("agreed"), Q(placements__state__in=["accepted", "ready", "under_way"])),
    "over": (_("over"), Q(placements__state__in=["completed", "not_attended"])),
    "refused": (_("not placed"), Q(state="refused")),
    "withdrawn": (_("taken back"), Q(state="withdrawn")),
}


class RequestFilter(forms.Form):
    """The sentence over the list of requests."""

    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[("", _("in any state")), *((key, words) for key, (words, _rows) in STANDING.items())],
    )
    group = forms.ChoiceField(label=_("Group"), required=False)

    def __init__(self, data, *, groups: Sequence[Group]) -> None:
        super().__init__(data)
        self.fields["group"].choices = [("", _("any group")), *((group.pk, group.name) for group in groups)]

    def narrow(self, rows):
        self.is_valid()
        if self.cleaned_data.get("state"):
            _words, asked = STANDING[self.cleaned_data["state"]]
            rows = rows.filter(asked).distinct()
        if self.cleaned_data.get("group"):
            rows = rows.filter(group_id=self.cleaned_data["group"])
        return rows


class StudentsForm(PlainWords, forms.Form):
    students = forms.ModelMultipleChoiceField(
        label=_("Students"), queryset=Student.objects.none(), widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, data=None, *, students, most: int, initial=(), costs: Costs = NONE) -> None:
        super().__init__(data, initial={"students": list(initial)})
        self.fields["students"].queryset = students
        self.fields["students"].label_from_instance = lambda one: student_label(one, costs.get(one.pk, ()))
        self.fields["students"].help_text = _("Up to %(n)s. Who had nothing yet this year is marked.") % {"n": most}


class SomeOrNobody(forms.TypedMultipleChoiceField):
    """Asked for, so not called optional; but nobody at all is an answer too."""

    def validate(self, value) -> None:
        if value:
            super().validate(value)


class PresentForm(forms.Form):
    """Who was there on one day."""

    day = forms.DateField(widget=forms.HiddenInput)
    present = SomeOrNobody(label=_("Who was there"), coerce=int, widget=forms.CheckboxSelectMultiple)

    def __init__(self, data=None, *, on: dt.date, rows) -> None:
        marked = [row.student_id for row in rows if row.present]
        # Everybody is ticked at first: absences are the exception.
        known = marked if any(row.marked_at for row in rows) else [row.student_id for row in rows]
        super().__init__(data, initial={"day": on, "present": known}, prefix=f"{on:%Y%m%d}")
        self.fields["present"].choices = [(row.student_id, student_name(row.student)) for row in rows]
        self.on, self.marked = on, all(row.present is not None for row in rows)
        self.here, self.expected = len(marked), len(rows)
        if not self.marked:
            self.fields["present"].help_text = _("Everybody is ticked. Take out whoever was missing.")


class CloseForm(PlainWords, forms.Form):
    """What the school can say of the quality."""

    ANSWERS = (("yes", _("Yes")), ("no", _("No")), ("", _("I do not know")))
    QUESTIONS = {
        "purpose": _("Did the students know beforehand what it was for?"),
        "outcomes": _("Did what they learnt suit them?"),
        "two_way": _("Did they talk with people, not only listen?"),
        "reflection": _("Was there time to think about it afterwards?"),
    }

    def __init__(self, data=None) -> None:
        super().__init__(data)
        for name in FLAGS_OF["school"]:
            self.fields[name] = forms.ChoiceField(
                label=self.QUESTIONS.get(name, FLAGS[name]),
                choices=self.ANSWERS,
                widget=forms.RadioSelect,
                required=False,
            )

    def flags(self) -> dict[str, bool | None]:
        known = {"yes": True, "no": False}
        return {name: known.get(self.cleaned_data[name]) for name in FLAGS_OF["school"]}


class ReasonForm(PlainWords, forms.Form):
    reason = forms.CharField(label=_("Why?"), widget=forms.Textarea(attrs={"rows": 3}), max_length=1000)

    def __init__(self, *args, label: str = "", required: bool = True, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = required
        if label:
            self.fields["reason"].label = label


class DoneForm(PlainWords, forms.Form):
    """Clearances of one requirement ticked as done, with what was seen."""

    done = forms.TypedMultipleChoiceField(label=_("Done for"), coerce=int, widget=forms.CheckboxSelectMultiple)
    note = forms.CharField(
        label=_("What did you see?"),
        required=False,
        max_length=240,
        help_text=_("For example: signed form in the office."),
    )

    def __init__(self, data=None, *, rows) -> None:
        super().__init__(data)
        self.fields["done"].choices = [(row.pk, clearance_label(row)) for row in rows]
        if rows[0].requirement.kind == Requirement.Kind.DECISION:
            self.fields["note"].label = _("What did you decide, and why?")
            self.fields["note"].help_text = _("The reason is kept with the decision.")
            self.fields["note"].required = True
        if len(rows) == 1:
            self.fields["done"].initial = [rows[0].pk]
            self.fields["done"].widget = forms.MultipleHiddenInput()


class ParentsForm(PlainWords, forms.Form):
    """One address for each consent that is still open; empty ones are left out."""

    def __init__(self, data=None, *, rows) -> None:
        super().__init__(data)
        for row in rows:
            self.fields[f"address_{row.pk}"] = forms.EmailField(
                label=_("Parent or carer of %(who)s") % {"who": clearance_label(row)}, required=False
            )

    def clean(self):
        cleaned = super().clean()
        if not self.errors and not self.addresses():
            raise ValidationError(_("Type at least one address."))
        return cleaned

    def addresses(self) -> dict[int, str]:
        """Clearance id → address."""
        return {int(name.removeprefix("address_")): value for name, value in self.cleaned_data.items() if value}


class FeedForm(PlainWords, forms.Form):
    """What a calendar address shows: all of the organisation, a group or site of it, or what concerns oneself."""

    what = forms.ChoiceField(label=_("What to show"))

    def __init__(self, data=None, *, groups: Sequence[Group] = (), sites: Sequence[Site] = ()) -> None:
        super().__init__({"what": "all", **data.dict()} if data is not None else None)
        self.rows = {f"group-{row.pk}": {"group": row} for row in groups}
        self.rows |= {f"site-{row.pk}": {"site": row} for row in sites}
        narrowed = [(key, next(iter(row.values())).name) for key, row in self.rows.items()]
        self.fields["what"].choices = [
            ("all", _("Everything")),
            *narrowed,
            ("personal", _("What concerns me, wherever I work")),
        ]

    def chosen(self) -> dict:
        """Arguments of `make_feed`."""
        what = self.cleaned_data["what"]
        return {"personal": True} if what == "personal" else self.rows.get(what, {})


def student_name(student: Student) -> str:
    return f"{student.alias} · {student.name}" if student.name else student.alias


def student_label(student, costs: Sequence[str] = ()) -> str:
    """Alias, name when the school gave one, whether there was nothing yet this year, and what it would cost again."""
    name = student_name(student)
    name = name if getattr(student, "had_one", True) else _("%(who)s – nothing yet") % {"who": name}
    return " · ".join([str(name), *costs])


def clearance_label(row) -> str:
    return student_name(row.student) if row.student_id else str(row.requirement.title)
