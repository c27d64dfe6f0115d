"""The year map and the week grid as the pieces of the portal want them. No database."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any, NamedTuple

from django.utils.dates import WEEKDAYS_ABBR
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from schools.domain.words import misses, sentence
from schools.fit import NOTE, CompiledCalendar, DayState, free_map

CLOSED = frozenset({"closure", "staff_day", "public_holiday", "weekend", "outside_term"})
KINDS = {"open": "open", "cost": "cost", "blocked": "blocked"}
# One run of days outside term is one line, although each day's sentence names its own date.
RUNNING = frozenset({"weekend", "outside_term", "release_weekday", "release_period", "protected_subject"})


class WeekLesson(NamedTuple):
    weekday: int
    starts: dt.time
    ends: dt.time
    subject: str
    room: str = ""
    out: bool = False


def kind_of(state: DayState) -> str:
    """open, cost, blocked, or closed when nobody is at school."""
    if any(reason.code in CLOSED for reason in state.reasons):
        return "closed"
    return KINDS[state.state]


def day_words(state: DayState) -> str:
    """Why a day is as it is, in one line."""
    reasons = [sentence(reason) for reason in state.reasons if reason.level != NOTE]
    return "; ".join(reasons)


def year_map(
    compiled: CompiledCalendar,
    key: str,
    first: dt.date,
    last: dt.date,
    *,
    url: Callable[[dt.date], str],
    picked: dt.date | None = None,
) -> dict[str, Any]:
    """`months`, `spans` and `picked` (the state of one day) for portal/pieces/year_map.html.

    `key`: a group's key in the compiled calendar. `url`: the address that opens a day.
    """
    states = {state.day: state for state in free_map(compiled, key, first, last)}
    months = []
    start = first.replace(day=1)
    while start <= last:
        weeks = calendar.Calendar().monthdatescalendar(start.year, start.month)
        rows = [[_cell(states.get(day), day, start.month, url, picked) for day in week] for week in weeks]
        months.append({"name": date_format(start, "F Y"), "weekdays": _short_names(), "weeks": rows})
        start = (start + dt.timedelta(days=32)).replace(day=1)
    return {"months": months, "spans": list(_spans(states.values())), "picked": states.get(picked) if picked else None}


def _short_names() -> list[str]:
    return [str(WEEKDAYS_ABBR[number])[:2] for number in range(7)]


def _cell(
    state: DayState | None, day: dt.date, month: int, url: Callable[[dt.date], str], picked: dt.date | None
) -> dict[str, Any] | None:
    if state is None or day.month != month:
        return None
    weekend = any(reason.code == "weekend" for reason in state.reasons)
    kind = kind_of(state)
    url_of_day = "" if weekend else url(day)
    return {"date": day, "kind": kind, "word": kind_words()[kind], "url": url_of_day, "picked": day == picked}


def kind_words() -> dict[str, str]:
    """What `kind_of` says, for people."""
    return {"open": _("Can go"), "cost": _("Can go, at a cost"), "blocked": _("Cannot go"), "closed": _("No school")}


def _spans(states: Iterable[DayState]) -> Iterable[dict[str, Any]]:
    """Runs of days with one reason. Weekends end no run and begin none."""
    words = {"open": _("Yes"), "cost": _("At a cost"), "blocked": _("No"), "closed": _("No school")}
    run: dict[str, Any] | None = None
    said: dict[int, str] = {}  # a holiday of two weeks is one reason on each of its days, and one sentence
    for state in states:
        if any(reason.code == "weekend" for reason in state.reasons):
            continue
        kind, about = kind_of(state), _about(state, said)
        if run is not None and (run["kind"], run["about"]) == (kind, about):
            run["last"] = state.day
            continue
        if run is not None:
            yield run
        run = {
            "first": state.day,
            "last": state.day,
            "kind": kind,
            "about": about,
            "word": words[kind],
            "reason": _("Outside term") if about == ("outside_term",) else day_words(state),
        }
    if run is not None:
        yield run


def _about(state: DayState, said: dict[int, str]) -> tuple[str, ...]:
    found = []
    for reason in state.reasons:
        if reason.level == NOTE:
            continue
        if id(reason) not in said:
            said[id(reason)] = reason.code if reason.code in RUNNING else sentence(reason)
        found.append(said[id(reason)])
    return tuple(found)


def day_note(state: DayState, missed: Sequence[str]) -> dict[str, str]:
    """What the page says about the day that was opened: tone, text."""
    kind = kind_of(state)
    if kind in ("closed", "blocked"):
        return {"tone": "stop", "text": day_words(state)}
    lost = misses(missed)
    parts = [part for part in (day_words(state), lost and _("A whole day out: %(misses)s") % {"misses": lost}) if part]
    return {"tone": "attention" if kind == "cost" else "good", "text": ". ".join(parts) or _("Free to go")}


def week_grid(
    lessons: Iterable[WeekLesson], *, monday: dt.date | None = None, weekdays: Collection[int] = (0, 1, 2, 3, 4)
) -> dict[str, Any]:
    """`columns` and `rows` for portal/pieces/week_grid.html; one row for each pair of times.

    `monday` puts dates over the columns. Lessons at one time in one place stand in one cell.
    """
    rows = list(lessons)
    days = sorted(set(weekdays) | {lesson.weekday for lesson in rows})
    cells: dict[tuple[dt.time, dt.time], dict[int, list[WeekLesson]]] = {}
    for lesson in rows:
        cells.setdefault((lesson.starts, lesson.ends), {}).setdefault(lesson.weekday, []).append(lesson)
    columns = [{"label": _weekday(day), "date": monday + dt.timedelta(days=day) if monday else None} for day in days]
    lines = []
    for (starts, ends), at in sorted(cells.items()):
        line = [_together(at[day]) if day in at else None for day in days]
        lines.append({"label": f"{starts:%H:%M}", "time": f"– {ends:%H:%M}", "cells": line})
    return {"columns": columns, "rows": lines}


def _together(lessons: Sequence[WeekLesson]) -> dict[str, Any]:
    subjects = dict.fromkeys(lesson.subject or _("Lesson") for lesson in lessons)
    rooms = dict.fromkeys(lesson.room for lesson in lessons if lesson.room)
    return {
        "subject": " / ".join(subjects),
        "room": ", ".join(rooms),
        "out": any(lesson.out for lesson in lessons),
    }


def _weekday(number: int) -> str:
    return str(WEEKDAYS_ABBR[number])
