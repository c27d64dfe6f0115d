"""How many groups could go at each hour, as tables of numbers and words want it. No database."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

from django.utils.translation import gettext as _

from hubs.words import day as day_of
from schools.domain.words import listed, sentence, weekday_name
from schools.fit_hours import HourCount, Stretch

MOST_NAMED = 6


def clock(minutes: int) -> dt.time:
    """Minutes from midnight; the end of the day is its last minute."""
    return dt.time(*divmod(min(minutes, 24 * 60 - 1), 60))


def span(hours: Stretch) -> str:
    return f"{clock(hours[0]):%H:%M}–{clock(hours[1]):%H:%M}"


def share(able: int, of: int) -> str:
    """all, most, few or none: the shade of a cell, whose number says it exactly."""
    if not able or not of:
        return "none"
    return "all" if able == of else "most" if able * 2 >= of else "few"


def cell(one: HourCount) -> dict[str, Any]:
    """One cell: how many can go of how many, how many of them miss nothing, or that nobody is at school."""
    return {
        "able": one.able,
        "of": one.groups,
        "free": len(one.free),
        "closed": one.closed is not None,
        "share": share(one.able, one.groups),
    }


def week_table(rows: Sequence[Sequence[HourCount]], hours: Sequence[Stretch]) -> dict[str, Any]:
    """`columns` (label, date, closed: why nobody is there) and `rows` (label, cells) of one week."""
    first = rows[0] if rows else []
    columns = [
        {
            "label": weekday_name(one.day.weekday()),
            "date": one.day,
            "closed": sentence(one.closed) if one.closed else "",
        }
        for one in first
    ]
    lines = [
        {"label": span(stretch), "cells": [cell(one) for one in row]} for stretch, row in zip(hours, rows, strict=True)
    ]
    return {"columns": columns, "rows": lines}


def year_table(
    rows: Iterable[Sequence[HourCount]], letter: Callable[[dt.date], str | None], *, url: Callable[[dt.date], str]
) -> list[dict[str, Any]]:
    """One line for each week: `date`, `letter`, `url` of its week, and its cells, or `closed`: why there are none.

    Weeks in a row that are closed for one reason are one line, with the `last` of them.
    """
    lines: list[dict[str, Any]] = []
    for row in rows:
        day = row[0].day
        closed = row[0].closed
        about = _about(row[0])
        if closed is not None and lines and lines[-1].get("about") == about:
            lines[-1]["last"] = day
            continue
        lines.append(
            {
                "date": day,
                "last": day,
                "about": about if closed is not None else None,
                "closed": (_("Outside term") if closed.code == "outside_term" else sentence(closed)) if closed else "",
                "letter": letter(day) or "",
                "url": url(day),
                "cells": [cell(one) for one in row],
            }
        )
    return lines


def _about(one: HourCount) -> tuple[str, str] | None:
    return (one.closed.code, str(one.closed.facts.get("name", ""))) if one.closed else None


def week_words(rows: Sequence[Sequence[HourCount]], names: Mapping[str, str]) -> list[dict[str, Any]]:
    """The week as a list: for each run of hours alike, who could go, at what cost, and who cannot and why."""
    lines = []
    for day in zip(*rows, strict=True):
        for _same, run in groupby(day, key=lambda one: (one.free, one.costly, _why(one, names))):
            hours = list(run)
            one, last = hours[0], hours[-1]
            lines.append(
                {
                    "day": day_of(one.day),
                    "hours": "" if one.closed else span((one.hours[0], last.hours[1])),
                    "able": _able(one),
                    "free": named(one.free, names),
                    "costly": named(one.costly, names),
                    "why": sentence(one.closed) if one.closed else "; ".join(_why(one, names)),
                }
            )
    return lines


def _able(one: HourCount) -> str:
    if one.closed is not None:
        return _("No school")
    return _("%(able)s of %(groups)s") % {"able": one.able, "groups": one.groups}


def _why(one: HourCount, names: Mapping[str, str]) -> tuple[str, ...]:
    """ "10A and 10B: Year 10 mocks, 9 – 13 February", one for each reason."""
    if one.closed is not None:
        return (sentence(one.closed),)
    found: dict[str, list[str]] = {}
    for key, reason in one.held:
        found.setdefault(sentence(reason), []).append(key)
    return tuple(
        _("%(groups)s: %(reason)s") % {"groups": named(keys, names), "reason": reason} for reason, keys in found.items()
    )


def named(keys: Sequence[str], names: Mapping[str, str]) -> str:
    """ "10A, 10B and 3 others" """
    shown = [names[key] for key in keys[:MOST_NAMED]]
    more = len(keys) - len(shown)
    return listed([*shown, _("%(n)s others") % {"n": more}]) if more > 1 else listed([names[key] for key in keys])
