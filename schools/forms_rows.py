"""Forms with a row for each thing a file or a school happens to have."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hubs.forms import PlainWords
from schools.domain.event_rules import EVENT_KINDS
from schools.domain.groups import HIGHEST_YEAR, LARGEST_GROUP
from schools.domain.timetable import TimetablePlan
from schools.domain.timetable_rows import Answers
from schools.forms import WEEKDAY_CHOICES, ConfirmForm, row_number, time_input
from schools.models import BellSchedule, EventRule, Group

KIND_WORDS = {
    "closure": gettext_lazy("Holiday: no lessons"),
    "staff_day": gettext_lazy("Staff day: no students"),
    "public_holiday": gettext_lazy("Public holiday"),
    "short_day": gettext_lazy("Short day: early finish or late start"),
    "protected": gettext_lazy("Exams: nobody goes out"),
    "avoid": gettext_lazy("Better not then"),
    "term": gettext_lazy("A whole term"),
    "term_day": gettext_lazy("A day of term"),
    "term_start": gettext_lazy("First day of term"),
    "term_end": gettext_lazy("Last day of term"),
    "ignore": gettext_lazy("Means nothing here"),
}
KIND_CHOICES = [(kind, KIND_WORDS[kind]) for kind in EVENT_KINDS]


class KindsForm(forms.Form):
    """What each sort of event of a calendar means. Rows: (summary, kind, how many, first day)."""

    def __init__(self, *args: Any, rows: Sequence[tuple[str, str, int, dt.date]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows = rows
        for number, (summary, kind, _count, _first) in enumerate(rows):
            label = _("What “%(event)s” means") % {"event": summary}
            self.fields[f"kind_{number}"] = forms.ChoiceField(
                label=label, choices=KIND_CHOICES, initial=kind, widget=forms.Select(attrs={"aria-label": label})
            )

    @property
    def changed_kinds(self) -> dict[str, str]:
        given = ((summary, kind, self.cleaned_data[f"kind_{n}"]) for n, (summary, kind, *_x) in enumerate(self.rows))
        return {summary: new for summary, old, new in given if new != old}

    def lines(self) -> Iterator[dict[str, Any]]:
        for number, (summary, _kind, count, first) in enumerate(self.rows):
            yield {"summary": summary, "count": count, "first": first, "field": self[f"kind_{number}"]}


class RulesForm(PlainWords, forms.Form):
    """Every rule a school keeps about its events, and room for one more."""

    def __init__(self, *args: Any, rules: Sequence[EventRule], bells: Sequence[BellSchedule], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.bells = {str(bell.pk): bell for bell in bells}
        choices = [("", _("as the event says")), *((pk, bell.name) for pk, bell in self.bells.items())]
        self.rules: list[EventRule | None] = [*rules, None]
        for number, rule in enumerate(self.rules):
            of = rule.words if rule else _("the new rule")
            words, kind, years, forget = (
                _("Words of %(rule)s"), _("What %(rule)s means"), _("Year groups of %(rule)s"), _("Forget %(rule)s"),
            )  # fmt: skip
            named = {"rule": of}
            self.fields |= {
                f"words_{number}": forms.CharField(
                    label=words % named, required=rule is not None, max_length=120, initial=rule.words if rule else "",
                    widget=forms.TextInput(attrs={"aria-label": words % named}),
                ),
                f"kind_{number}": forms.ChoiceField(
                    label=kind % named, choices=KIND_CHOICES, initial=rule.kind if rule else "protected",
                    required=rule is not None, widget=forms.Select(attrs={"aria-label": kind % named}),
                ),
                f"years_{number}": forms.CharField(
                    label=years % named, required=False, max_length=40,
                    initial=" ".join(map(str, rule.years)) if rule else "",
                    widget=forms.TextInput(attrs={"aria-label": years % named, "size": 6}),
                ),
            }  # fmt: skip
            hours = _("Bell of the short day for %(rule)s") % named
            self.fields[f"bell_{number}"] = forms.ChoiceField(
                label=hours, choices=choices, required=False, initial=str(rule.bell_id or "") if rule else "",
                widget=forms.Select(attrs={"aria-label": hours}),
            )  # fmt: skip
            if rule:
                self.fields[f"forget_{number}"] = forms.BooleanField(
                    label=forget % named,
                    required=False,
                    widget=forms.CheckboxInput(attrs={"aria-label": forget % named}),
                )
        self.speak_plainly()

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        for number in range(len(self.rules)):
            name = f"years_{number}"
            numbers = (given.get(name) or "").replace(",", " ").split()
            if not all(year.isdecimal() and 1 <= int(year) <= HIGHEST_YEAR for year in numbers):
                self.add_error(name, _("Write numbers of year groups: “10 11”."))
            given[name] = [int(year) for year in numbers if year.isdecimal()]
        return given

    def changes(self) -> Iterator[tuple[EventRule | None, dict[str, Any]]]:
        """(rule, what was typed) of each row that was changed; None is the new one."""
        changed = set(self.changed_data)
        for number, rule in enumerate(self.rules):
            names = ("words", "kind", "years", "bell", "forget")
            if {f"{name}_{number}" for name in names} & changed and (rule or self.cleaned_data[f"words_{number}"]):
                given = {name: self.cleaned_data.get(f"{name}_{number}") for name in names}
                yield rule, {**given, "bell": self.bells.get(given["bell"] or "")}

    def lines(self) -> Iterator[dict[str, Any]]:
        for number, rule in enumerate(self.rules):
            row = {name: self[f"{name}_{number}"] for name in ("words", "kind", "years", "bell")}
            yield {**row, "forget": self[f"forget_{number}"] if rule else None, "rule": rule}


class LabelsForm(PlainWords, forms.Form):
    """Weekdays, weeks and times for the labels of a timetable that nobody can read."""

    def __init__(
        self, *args: Any, days: Sequence[str], hours: Sequence[str], weeks: Sequence[str], known_weeks: Sequence[str],
        **kwargs: Any,
    ) -> None:  # fmt: skip
        """`known_weeks`: the school's, which `weeks` of the file are asked to be."""
        super().__init__(*args, **kwargs)
        self.days, self.hours, self.weeks = days, hours, weeks
        for number, label in enumerate(weeks):
            choices = [("?", _("Choose one")), *((letter, letter) for letter in known_weeks), ("", _("every week"))]
            self.fields[f"letter_{number}"] = forms.ChoiceField(
                label=_("Week “%(label)s” of the file is your week") % {"label": label}, choices=choices,
                required=False, initial="?",
            )  # fmt: skip
        for number, label in enumerate(days):
            words = _("“%(label)s” is") % {"label": label}
            self.fields[f"day_{number}"] = forms.ChoiceField(
                label=words, choices=[("", _("Choose one")), *WEEKDAY_CHOICES]
            )
            self.fields[f"week_{number}"] = forms.CharField(
                label=_("Only in week"), required=False, max_length=8, widget=forms.TextInput(attrs={"size": 4})
            )
        for number, label in enumerate(hours):
            named = {"label": label}
            self.fields[f"from_{number}"] = forms.TimeField(label=_("“%(label)s” from") % named, widget=time_input())
            self.fields[f"until_{number}"] = forms.TimeField(label=_("“%(label)s” until") % named, widget=time_input())
        self.speak_plainly()

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        for number in range(len(self.weeks)):
            if given.get(f"letter_{number}") == "?":
                self.add_error(f"letter_{number}", _("Say which week it is."))
        for number in range(len(self.hours)):
            starts, ends = given.get(f"from_{number}"), given.get(f"until_{number}")
            if starts and ends and ends <= starts:
                self.add_error(f"until_{number}", _("This is not after the beginning."))
        return given

    @property
    def said_days(self) -> dict[str, tuple[int, str]]:
        given = self.cleaned_data
        return {label: (int(given[f"day_{n}"]), given[f"week_{n}"].strip()) for n, label in enumerate(self.days)}

    @property
    def said_weeks(self) -> dict[str, str]:
        return {label: self.cleaned_data[f"letter_{n}"] for n, label in enumerate(self.weeks)}

    @property
    def said_hours(self) -> dict[str, tuple[dt.time, dt.time]]:
        given = self.cleaned_data
        return {label: (given[f"from_{n}"], given[f"until_{n}"]) for n, label in enumerate(self.hours)}


class GroupsForm(ConfirmForm):
    """What each group of a timetable is: one there is already, a new class or part of one, or none of ours."""

    def __init__(self, *args: Any, plan: TimetablePlan, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        new = {group.key: group for group in plan.new_groups}
        self.asked = [name for name, key in plan.names.items() if key != name or key in new]
        for number, name in enumerate(self.asked):
            key = plan.names[name]
            label = _("“%(group)s” is") % {"group": name}
            means = forms.CharField(
                label=label, required=False, max_length=60, initial=key,
                widget=forms.TextInput(attrs={"list": "known-groups", "aria-label": label, "size": 12}),
            )  # fmt: skip
            year = row_number(_("Year group of %(group)s") % {"group": name}, HIGHEST_YEAR, 1)
            label = _("“%(group)s” is a part of a class") % {"group": name}
            part = forms.BooleanField(
                label=label, required=False, widget=forms.CheckboxInput(attrs={"aria-label": label})
            )
            if key in new:
                year.initial, part.initial = new[key].year, new[key].part
            self.fields |= {f"means_{number}": means, f"year_{number}": year, f"part_{number}": part}
        self.known = {key for key in plan.names.values() if key and key not in new}
        self.speak_plainly()

    def _said(self, prefix: str) -> dict[str, Any]:
        """What a row says; a row that was not sent stays as it was understood. An empty name leaves the group out."""
        said = {}
        for number, name in enumerate(self.asked):
            key, sent = f"{prefix}_{number}", self.add_prefix(f"means_{number}") in self.data
            said[name] = self.cleaned_data[key] if sent or prefix == "year" else self.fields[key].initial
        return said

    def answers(self, known: Answers) -> Answers:
        """`known` with what was said here."""
        given = self.cleaned_data
        return replace(
            known,
            groups={**known.groups, **self._said("means")},
            years={**known.years, **self._said("year")},
            parts={**known.parts, **self._said("part")},
            overwrite=tuple(given.get("overwrite", known.overwrite)),
            without_problems=given.get("without_problems", known.without_problems),
        )

    def lines(self) -> Iterator[dict[str, Any]]:
        for number, name in enumerate(self.asked):
            means, year, part = (self[f"{prefix}_{number}"] for prefix in ("means", "year", "part"))
            yield {"name": name, "means": means, "year": year, "part": part, "known": means.initial in self.known}

    def others(self) -> list[Any]:
        """The fields that are about no single group."""
        return [self[name] for name in ("overwrite", "without_problems") if name in self.fields]


class SizesForm(PlainWords, forms.Form):
    """Year group and number of students of every group, on one page."""

    def __init__(self, *args: Any, groups: Iterable[Group], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.groups = list(groups)
        for group in self.groups:
            year = row_number(_("Year group of %(group)s") % {"group": group.name}, HIGHEST_YEAR, 1)
            size = row_number(_("Students in %(group)s") % {"group": group.name}, LARGEST_GROUP)
            year.initial, size.initial = group.year_group.number if group.year_group else None, group.size
            self.fields |= {f"year_{group.pk}": year, f"size_{group.pk}": size}
        self.speak_plainly()

    def changes(self) -> Iterator[tuple[Group, int | None, int]]:
        """(group, year, size) of the groups whose row was changed."""
        for group in self.groups:
            if {f"year_{group.pk}", f"size_{group.pk}"} & set(self.changed_data):
                given = self.cleaned_data
                yield group, given[f"year_{group.pk}"], given[f"size_{group.pk}"] or 0

    def lines(self) -> Iterator[dict[str, Any]]:
        for group in self.groups:
            yield {"group": group, "year": self[f"year_{group.pk}"], "size": self[f"size_{group.pk}"]}
