"""What was said about a timetable, as JSON, and remembered for the next file of the same shape."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from schools.domain.timetable_rows import Answers
from schools.models import Import, School

LATEST = 20


def remembered(school: School, format: str, header: Sequence[str]) -> Answers | None:  # noqa: A002 - as the parser's
    """What the school said about its last file of this shape: a table of the same columns, or the same
    program's export. Choices about single rows are not carried over."""
    rows = Import.objects.filter(school=school, kind=Import.Kind.TIMETABLE, state=Import.State.DONE, undone_at=None)
    for kind, mapping, at in rows.values_list("format", "mapping", "imported_at")[:LATEST]:
        if (format, list(header)) == (kind, mapping.get("header", [])):
            like = at.astimezone(school.zone).date().isoformat()
            return replace(answers_from_json(mapping), overwrite=(), without_problems=False, like=like)
    return None


def answers_as_json(answers: Answers) -> dict[str, Any]:
    return {
        "columns": dict(answers.columns),
        "hours": {label: [start.isoformat(), end.isoformat()] for label, (start, end) in answers.hours.items()},
        "days": {label: list(day) for label, day in answers.days.items()},
        "years": dict(answers.years),
        "groups": dict(answers.groups),
        "parts": dict(answers.parts),
        "weeks": dict(answers.weeks),
        "overwrite": list(answers.overwrite),
        "without_problems": answers.without_problems,
        "like": answers.like,
    }


def answers_from_json(saved: Mapping[str, Any]) -> Answers:
    """As `Import.mapping` keeps them. Raises KeyError, TypeError or ValueError on anything else."""
    return Answers(
        columns=dict(saved.get("columns", {})),
        hours={
            label: (dt.time.fromisoformat(times[0]), dt.time.fromisoformat(times[1]))
            for label, times in saved.get("hours", {}).items()
        },
        days={label: (int(day[0]), str(day[1])) for label, day in saved.get("days", {}).items()},
        years=dict(saved.get("years", {})),
        groups=dict(saved.get("groups", {})),
        parts=dict(saved.get("parts", {})),
        weeks=dict(saved.get("weeks", {})),
        overwrite=tuple(saved.get("overwrite", ())),
        without_problems=bool(saved.get("without_problems", False)),
        like=str(saved.get("like", "")),
    )
