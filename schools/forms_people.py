"""What people type about class lists and students. Rules are in the domain."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hubs.forms import PlainWords
from schools.domain.rollover import RolloverPlan
from schools.domain.roster import RosterPlan
from schools.domain.roster_rows import ALL, LEFT_OUT, NEW, RosterChoices
from schools.domain.students import list_problem, unknown_groups
from schools.forms import day_input
from schools.models import Group, School
from schools.oneroster_types import DAY_FIRST, MONTH_FIRST, read_date
from schools.oneroster_zip import LARGEST_ARCHIVE
from schools.student_list import HIGHEST_YEAR, LONGEST_ALIAS, LONGEST_NAME, LONGEST_NEEDS, read_list

MOST_PROBLEMS = 20
MOST_ASKED = 60
MOST_CLASSES = 300


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
            "overwrite": bool(plan.people.by_hand), "without_problems": plan.asks_problems,
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
            by_hand = plan.people.by_hand
            everyone = [(ALL, _("All of them"))] if len(by_hand) > 1 else []
            self.fields["overwrite"].choices = [*everyone, *((row.key, str(row)) for row in by_hand[:MOST_ASKED])]
            self.fields["overwrite"].initial = list(plan.choices.overwrite)
        self._ask_about(plan)
        self.speak_plainly()

    def _ask_about(self, plan: RosterPlan) -> None:
        """A choice for each class whose group no earlier file told: `class_fields` by the key of the class."""
        classes = plan.classes
        near = {one.key: str(group.pk) for group, one in classes.matched if group.roster_key != one.key}
        asked = [one for _group, one in classes.matched if one.key in near]
        asked += [*(one for one, _year in classes.new), *classes.left_out]
        groups = Group.objects.filter(school=plan.school, roster_key="").order_by("name", "pk")
        known = [(str(row.pk), _("Is %(group)s") % {"group": row.name}) for row in groups] if asked else []
        left = {one.key for one in classes.left_out}
        self.class_fields: dict[str, str] = {}
        for number, one in enumerate(asked[:MOST_CLASSES]):
            label = _("What “%(class)s” is") % {"class": one.title}
            self.class_fields[one.key] = f"class_{number}"
            self.fields[f"class_{number}"] = forms.ChoiceField(
                label=label, required=False,
                choices=[(NEW, _("A new group")), (LEFT_OUT, _("Leave it out")), *known],
                initial=LEFT_OUT if one.key in left else near.get(one.key, NEW),
                widget=forms.Select(attrs={"form": "answers", "aria-label": label}),
            )  # fmt: skip

    def of_class(self, key: str) -> forms.BoundField | None:
        name = self.class_fields.get(key)
        return self[name] if name else None

    def others(self) -> list[forms.BoundField]:
        """The fields that are about no single class."""
        return [self[name] for name in self.fields if not name.startswith("class_")]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        seen: dict[str, str] = {}
        for name in self.class_fields.values():
            meant = given.get(name, "")
            if meant.isdecimal() and meant in seen:
                self.add_error(name, _("Two classes of the file cannot be the same group. Choose another for one."))
            seen[meant] = name
        return given

    @property
    def choices(self) -> RosterChoices:
        given = self.cleaned_data
        return RosterChoices(
            school=given.get("school") or self.known.school,
            order=given.get("order") or self.known.order,
            leavers=given.get("leavers", self.known.leavers),
            overwrite=tuple(given.get("overwrite", self.known.overwrite)),
            without_problems=given.get("without_problems", self.known.without_problems),
            classes={**self.known.classes, **{k: given[n] for k, n in self.class_fields.items() if given.get(n)}},
        )


def _orders(example: str) -> list[tuple[str, str]]:
    read = ((order, read_date(example, order)) for order in (DAY_FIRST, MONTH_FIRST))
    return [(order, date_format(day, "j F Y")) for order, day in read if day]


class StudentForm(PlainWords, forms.Form):
    alias = forms.CharField(
        label=gettext_lazy("Called"), max_length=LONGEST_ALIAS,
        help_text=gettext_lazy("Initials or a number are enough: employers may see it before they see a name."),
    )  # fmt: skip
    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=LONGEST_NAME, required=False,
        help_text=gettext_lazy("Employers see it only once they have accepted a placement."),
    )  # fmt: skip
    year = forms.IntegerField(label=gettext_lazy("Year group"), min_value=1, max_value=HIGHEST_YEAR, required=False)
    groups = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Groups"), queryset=Group.objects.none(), required=False, widget=forms.CheckboxSelectMultiple
    )
    is_priority = forms.BooleanField(
        label=gettext_lazy("Goes first when places are short"), required=False,
        help_text=gettext_lazy("Only your school and the hub see this."),
    )  # fmt: skip
    shared_needs = forms.CharField(
        label=gettext_lazy("Access needs, in the words the employer may read"), max_length=LONGEST_NEEDS,
        required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("What to do, not why: “Needs a step-free entrance”. No diagnoses."),
    )  # fmt: skip

    def __init__(self, *args: Any, school: School, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["groups"].queryset = Group.objects.filter(school=school, is_active=True)


class StudentListForm(PlainWords, forms.Form):
    text = forms.CharField(
        label=gettext_lazy("The list"), strip=False, max_length=200_000,
        widget=forms.Textarea(attrs={"rows": 10, "spellcheck": "false"}),
        help_text=gettext_lazy(
            "One student a line, pasted from a spreadsheet or typed: what you call them, the year group, the groups. "
            "Initials or numbers are enough. For example: “K.A., 10, 10A + Football”."
        ),
    )  # fmt: skip

    def __init__(self, *args: Any, school: School, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.school = school

    def clean_text(self) -> str:
        self.listed, problems = read_list(self.cleaned_data["text"])
        sentences = [list_problem(problem) for problem in problems[:MOST_PROBLEMS]]
        sentences += [
            _("There is no group “%(name)s”. Add it first, or mend its name.") % {"name": name}
            for name in unknown_groups(self.school, self.listed)[:MOST_PROBLEMS]
        ]
        if sentences:
            raise forms.ValidationError(sentences)
        return self.cleaned_data["text"]


class LeaveForm(PlainWords, forms.Form):
    on = forms.DateField(label=gettext_lazy("Last day"), widget=day_input())


class RolloverForm(PlainWords, forms.Form):
    """Which year leaves, and where each group goes."""

    leaving_year = forms.TypedChoiceField(label=gettext_lazy("Who leaves?"), coerce=int, widget=forms.RadioSelect)

    def __init__(self, *args: Any, plan: RolloverPlan, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.moves = plan.moves
        years = [(year.number, _("%(year)s and above") % {"year": year.name}) for year, _n in plan.years]
        self.fields["leaving_year"].choices = [*reversed(years), (0, _("Nobody"))]
        self.fields["leaving_year"].initial = plan.leaving_year or 0
        for move in plan.moves:
            label = _("%(group)s becomes") % {"group": move.group.name}
            self.fields[f"group_{move.group.pk}"] = forms.CharField(
                label=label, required=False, max_length=60, initial=move.target,
                widget=forms.TextInput(attrs={"aria-label": label, "size": 10}),
            )  # fmt: skip
        self.speak_plainly()

    @property
    def targets(self) -> dict[int, str]:
        return {move.group.pk: self.cleaned_data[f"group_{move.group.pk}"] for move in self.moves}

    def lines(self) -> Iterator[dict[str, Any]]:
        for move in self.moves:
            yield {"move": move, "field": self[f"group_{move.group.pk}"]}
