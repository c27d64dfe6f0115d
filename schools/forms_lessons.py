"""A group's week as a grid of words: one line for each pair of times, one field for each weekday."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from typing import Any

from django import forms
from django.utils.dates import WEEKDAYS, WEEKDAYS_ABBR
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hubs.forms import PlainWords
from schools.domain.lessons import Cell
from schools.forms import time_input
from schools.models import Lesson

Times = tuple[dt.time, dt.time]
NAME = re.compile(r"at_([0-2]\d)([0-5]\d)_([0-2]\d)([0-5]\d)_([0-6])")
BETWEEN = " / "
MOST_LINES = 40
LONGEST_CELL = 800
DAYS = (0, 1, 2, 3, 4)


class LessonsForm(PlainWords, forms.Form):
    """`lessons`: those of one week letter; `others`: taught at the same times in every week, only shown.

    Fields are named by their times, so that a page that lay open still means the same places. Only what the person
    changed counts, measured against what they were shown.
    """

    new_from = forms.TimeField(label=gettext_lazy("From"), required=False, widget=time_input())
    new_until = forms.TimeField(label=gettext_lazy("Until"), required=False, widget=time_input())

    def __init__(
        self, data: Any = None, *, lessons: Iterable[Lesson], others: Iterable[Lesson] = (), times: Iterable[Times] = ()
    ) -> None:
        super().__init__(data)
        self.shown, self.every = _by_cell(lessons), _by_cell(others)
        known = {*self.shown, *self.every}
        self.days = sorted({*DAYS, *(cell.weekday for cell in known)})
        lines = {*times, *((cell.starts, cell.ends) for cell in known), *_sent(data or {})}
        self.times = sorted(lines)[:MOST_LINES]
        for starts, ends in self.times:
            for day in self.days:
                cell = Cell(day, starts, ends)
                words = _("%(day)s %(from)s to %(until)s") % {
                    "day": WEEKDAYS[day], "from": f"{starts:%H:%M}", "until": f"{ends:%H:%M}",
                }  # fmt: skip
                self.fields[_name(cell)] = _field(words, BETWEEN.join(self.shown.get(cell, ())))
        for day in self.days:
            self.fields[f"new_{day}"] = _field(_("%(day)s at the new time") % {"day": WEEKDAYS[day]}, "")
        self.speak_plainly()

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        starts, ends = given.get("new_from"), given.get("new_until")
        wanted = [day for day in self.days if given.get(f"new_{day}")]
        if (wanted or starts or ends) and not (starts and ends):
            self.add_error("new_until" if starts else "new_from", _("Say from when until when."))
        elif starts and ends and ends <= starts:
            self.add_error("new_until", _("This is not after the beginning."))
        return given

    def changes(self) -> dict[Cell, list[str]]:
        """The places that were changed, and what they should hold."""
        given, found = self.cleaned_data, {}
        for starts, ends in self.times:
            for day in self.days:
                cell = Cell(day, starts, ends)
                if _name(cell) in self.changed_data:
                    found[cell] = _subjects(given[_name(cell)])
        for day in self.days:
            if given.get(f"new_{day}"):
                cell = Cell(day, given["new_from"], given["new_until"])
                found[cell] = [*self.shown.get(cell, ()), *_subjects(given[f"new_{day}"])]
        return found

    def columns(self) -> list[str]:
        return [str(WEEKDAYS_ABBR[day]) for day in self.days]

    def lines(self) -> Iterator[dict[str, Any]]:
        for starts, ends in self.times:
            cells = [Cell(day, starts, ends) for day in self.days]
            yield {
                "starts": starts,
                "ends": ends,
                "cells": [
                    {"field": self[_name(cell)], "every": BETWEEN.join(self.every.get(cell, ()))} for cell in cells
                ],
            }

    def new_fields(self) -> list[Any]:
        return [self[f"new_{day}"] for day in self.days]


def _field(words: str, start: str) -> forms.CharField:
    return forms.CharField(
        label=words, required=False, max_length=LONGEST_CELL, initial=start, show_hidden_initial=True,
        widget=forms.TextInput(attrs={"aria-label": words, "size": 10, "list": "subjects", "autocomplete": "off"}),
    )  # fmt: skip


def _name(cell: Cell) -> str:
    return f"at_{cell.starts:%H%M}_{cell.ends:%H%M}_{cell.weekday}"


def _sent(data: Iterable[str]) -> set[Times]:
    """The lines of a page that was sent, as far as they are times at all."""
    found = set()
    for name in data:
        if (match := NAME.fullmatch(name)) and int(match[1]) < 24 and int(match[3]) < 24:
            found.add((dt.time(int(match[1]), int(match[2])), dt.time(int(match[3]), int(match[4]))))
    return found


def _by_cell(lessons: Iterable[Lesson]) -> dict[Cell, list[str]]:
    found: dict[Cell, list[str]] = {}
    for row in lessons:
        found.setdefault(Cell(row.weekday, row.starts_at, row.ends_at), []).append(row.subject)
    return found


def _subjects(text: str) -> list[str]:
    """A stroke without blanks around it belongs to the name of a subject."""
    return list(dict.fromkeys(part for one in text.split(BETWEEN) if (part := one.strip())))
