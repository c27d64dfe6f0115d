"""The form of a request: who comes, what is wished for in which order, on which days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django import forms
from django.utils.translation import gettext_lazy as _

from employers.models import Sector
from hubs.forms import PlainWords
from opportunities.models import EncounterType, PathwayStep, Session
from placements.domain.fitting import SessionFit
from placements.domain.windows import Window
from placements.domain.wishes import Kind, Wished, label
from placements.forms_school import NONE, Costs, day_input, student_label
from schools.models import Group, Term

#: The fields that name a wish each, in the order of wishes.
RANKED = ("first", "second", "third")
TWICE = {
    "first": _("This is your first wish already. Choose another, or none."),
    "second": _("This is your second wish already. Choose another, or none."),
}


@dataclass(frozen=True)
class Open:
    """What may be chosen beside the session a request begins with: other sessions, steps of pathways, runs of school
    days ahead, other groups of the school."""

    others: Sequence[SessionFit] = ()
    steps: Sequence[PathwayStep] = ()
    terms: Sequence[Term] = ()
    groups: Sequence[Group] = ()


def key_of(one: Wished) -> str:
    """How a wish is named in the form."""
    if isinstance(one, Session):
        return str(one.pk)
    if one.step:
        return f"step-{one.step.pk}"
    return f"kind-{one.encounter_type.pk}-{one.sector.pk if one.sector else 0}"


class RequestForm(PlainWords, forms.Form):
    """Places for one group, or for several whole ones. `session` is the first wish; without one it is chosen here."""

    who = forms.ChoiceField(label=_("Who comes?"), widget=forms.RadioSelect)
    places = forms.IntegerField(
        label=_("How many places?"), min_value=1, max_value=400, required=False,
        help_text=_("Only for a number of students. You name them later."),
    )  # fmt: skip
    students = forms.TypedMultipleChoiceField(
        label=_("Which students?"),
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Only for certain students."),
    )
    also = forms.TypedMultipleChoiceField(
        label=_("Which other groups as well?"), coerce=int, required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("The same for all of each of them: every group is asked for, or none."),
    )  # fmt: skip
    first = forms.ChoiceField(label=_("First wish"), required=False)
    second = forms.ChoiceField(label=_("Second wish"), required=False)
    third = forms.ChoiceField(label=_("Third wish"), required=False)
    kind = forms.ModelChoiceField(
        EncounterType.objects.none(), label=_("Or any session of this kind"), required=False, empty_label=_("None")
    )
    sector = forms.ModelChoiceField(
        Sector.objects.all(), label=_("In this sector"), required=False, empty_label=_("Any sector")
    )
    windows = forms.MultipleChoiceField(
        label=_("Only in these weeks"), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("From your calendar. Tick none for any day."),
    )  # fmt: skip
    window_first = forms.DateField(label=_("Or only from"), widget=day_input(), required=False)
    window_last = forms.DateField(label=_("Until"), widget=day_input(), required=False)
    max_travel = forms.IntegerField(
        label=_("At most so many minutes each way"), min_value=0, max_value=600, required=False
    )
    is_provisional = forms.BooleanField(
        label=_("Provisional: our timetable is not settled yet"), required=False,
        help_text=_("The hub reads it, and asks you again before anything is agreed."),
    )  # fmt: skip
    note = forms.CharField(
        label=_("For the hub to know"), widget=forms.Textarea(attrs={"rows": 3}), required=False, max_length=2000
    )
    needs = forms.CharField(
        label=_("Needs to plan for"), widget=forms.Textarea(attrs={"rows": 3}), required=False, max_length=2000,
        help_text=_("Read by the hub only. Leave out names and diagnoses."),
    )  # fmt: skip

    def __init__(
        self,
        data=None,
        *,
        group: Group | None,
        students,
        session: Session | None,
        hub_id: int,
        open_to: Open,
        costs: Costs = NONE,
        size: int | None = None,
        initial: dict | None = None,
    ) -> None:
        """`size`: how many the group has, where `students` names others beside it."""
        super().__init__(data, initial=initial)
        self.session = session
        self.size = size = len(students) if size is None else size
        self.fields["who"].choices = who_choices(group, size)
        free = (session.left or session.places) if session else size or 1
        self.fields["who"].initial = "whole" if size and size <= free else "some"
        self.fields["places"].initial = min(size or 1, free)
        self.students = {student.pk: student for student in students}
        self.fields["students"].choices = [
            (pk, student_label(one, costs.get(pk, ()))) for pk, one in self.students.items()
        ]
        self.groups = {one.pk: one for one in open_to.groups}
        self.fields["also"].choices = [(pk, f"{one.name} ({one.size})") for pk, one in self.groups.items()]
        self.fields["kind"].queryset = EncounterType.objects.filter(hub=hub_id, is_active=True)
        self._offer(open_to.others, open_to.steps)
        self._offer_days([(Window(one.starts_on, one.ends_on), one.name) for one in open_to.terms])
        self.fields["first"].needed = _("or a kind below")  # type: ignore[attr-defined]  # read by the field's piece
        if session is not None:
            del self.fields["first"]

    def _offer(self, others: Sequence[SessionFit], steps: Sequence[PathwayStep], more: Iterable[Wished] = ()) -> None:
        """The choices of every wish: sessions with what each would cost, `more` as it is called, then steps."""
        days = {str(one.session.pk): wish_label(one) for one in others}
        self.by_key: dict[str, Wished] = {str(one.session.pk): one.session for one in others}
        for one in more:
            self.by_key[key_of(one)] = one
            days.setdefault(key_of(one), label(one))
        of_steps = {key_of(Kind.of_step(step)): step_label(step) for step in steps}
        self.by_key |= {key_of(Kind.of_step(step)): Kind.of_step(step) for step in steps}
        sure = [(key, words) for key, words in days.items() if key not in of_steps]
        choices: list = [("", _("None")), *sure]
        if of_steps:
            choices = [("", _("None")), (_("Sessions"), sure), (_("Steps of pathways"), list(of_steps.items()))]
        for name in RANKED:
            self.fields[name].choices = choices

    def _offer_days(self, named: Iterable[tuple[Window, str]]) -> None:
        """Runs of days to tick, under their names."""
        self.days = {f"{one.first}/{one.last}": one for one, _name in named}
        self.fields["windows"].choices = [
            (f"{one.first}/{one.last}", f"{name}: {one}" if name else str(one)) for one, name in named
        ]

    def clean(self):
        cleaned = super().clean()
        self._close_ranks(cleaned)
        if self.session is None and not self._wishes(cleaned):
            self.add_error("first", _("Choose a session, or a kind below."))
        who = cleaned.get("who")
        if who == "some" and not cleaned.get("places") and "places" not in self.errors:
            self.add_error("places", _("Say how many."))
        if who == "named" and not cleaned.get("students"):
            self.add_error("students", _("Tick at least one student."))
        if cleaned.get("also") and who not in ("whole", None):
            self.add_error("also", _("Several groups are asked for whole. Choose all of the first one, or one group."))
        self._check_days(cleaned)
        return cleaned

    def _close_ranks(self, cleaned: dict) -> None:
        """Wishes move up into what was left free; the same is not wished for twice."""
        names = [name for name in RANKED if name in self.fields]
        standing: dict[str, str] = {}  # the wish → its field
        for name in names:
            wish = cleaned.get(name)
            if wish in standing:
                self.add_error(name, TWICE[standing[wish]])
            elif wish:
                standing[wish] = name
        if not set(names) & set(self.errors):
            cleaned.update(dict.fromkeys(names, "") | dict(zip(names, standing, strict=False)))

    def _check_days(self, cleaned: dict) -> None:
        first, last = cleaned.get("window_first"), cleaned.get("window_last")
        if first and last and last < first:
            self.add_error("window_last", _("This is before the first day. Choose a later one."))
        elif bool(first) != bool(last) and not {"window_first", "window_last"} & set(self.errors):
            self.add_error("window_last" if first else "window_first", _("Say the first and the last day, or neither."))

    def _wishes(self, cleaned: dict) -> list[Wished]:
        """What is wished for, in its order."""
        ranked = [self.by_key[cleaned[name]] for name in RANKED if cleaned.get(name)]
        kinds = [Kind(cleaned["kind"], cleaned.get("sector"))] if cleaned.get("kind") else []
        return [*([self.session] if self.session else []), *ranked, *kinds]

    def also_for(self) -> list[Group]:
        """The other groups that ask for the same."""
        return [self.groups[pk] for pk in self.cleaned_data["also"]]

    def asked(self) -> dict:
        """What `request_places` takes beyond the school and the group."""
        cleaned = self.cleaned_data
        students = [self.students[pk] for pk in cleaned["students"]] if cleaned["who"] == "named" else []
        places = {"whole": self.size, "named": len(students)}.get(cleaned["who"], cleaned["places"])
        return {
            "places": places,
            "students": students,
            "wished": list(dict.fromkeys(self._wishes(cleaned))),
            "windows": self._windows(cleaned),
            "max_travel": cleaned.get("max_travel"),
            "is_provisional": cleaned["is_provisional"],
            "note": cleaned["note"],
            "needs": cleaned["needs"],
            "draft": "draft" in self.data,
        }

    def _windows(self, cleaned: dict) -> list[Window]:
        own: list[dt.date] = [cleaned[name] for name in ("window_first", "window_last") if cleaned.get(name)]
        return [*(self.days[key] for key in cleaned["windows"]), *([Window(*own)] if own else [])]


def who_choices(group: Group | None, size: int) -> list[tuple[str, str]]:
    some = ("some", _("A number of students, named later"))
    if not size:
        return [some]
    if group is None:
        return [some, ("named", _("Certain students"))]
    whole = ("whole", _("All of %(group)s, %(n)s students") % {"group": group.name, "n": size})
    return [whole, some, ("named", _("Certain students of %(group)s") % {"group": group.name})]


def wish_label(one: SessionFit) -> str:
    return f"{label(one.session)}. {one.sentence}"


def step_label(step: PathwayStep) -> str:
    return str(Kind.of_step(step))
