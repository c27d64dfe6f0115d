"""Timetables FET makes of real schools: loaded with no work but the mapping, and every drawn cell compared with the
page FET itself prints, so that nobody has to."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from schools.domain.timetable import TimetablePlan, apply_timetable_import, plan_timetable_import
from schools.domain.timetable_rows import Answers
from schools.models import Group, Import, Lesson
from schools.views.timetable_import import drawn_weeks
from tests.cast import NOW, actor

pytestmark = [pytest.mark.django_db, pytest.mark.needs_fet, pytest.mark.slow]
EXAMPLES = Path("/usr/share/doc/fet-data/examples/FET-5-official")
#: What FET prints where there is no lesson: free, and hours that are breaks for everybody.
NOTHING = {"", "---", "-X-", "-x-"}
#: Weeks by name: (hour, day) → the lines of the cell.
Weeks = dict[str, dict[tuple[str, str], list[str]]]


def exported(example: str, folder: Path) -> Path:
    subprocess.run(
        ["fet-cl", f"--inputfile={EXAMPLES / example}.fet", f"--outputdir={folder}", "--exportcsv=true"],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"}, capture_output=True, check=True, timeout=120,
    )  # fmt: skip
    return folder


def printed(folder: Path) -> Weeks:
    """The weeks of FET's page of subgroups: all that the students of one of them attend."""
    page = next(folder.glob("timetables/*/*_subgroups_days_horizontal.html")).read_text(encoding="utf-8-sig")
    root = ElementTree.fromstring(page.replace("&nbsp;", " "))
    return dict(_table(table) for table in root.iter(_tag("table")) if table.get("id"))


def _tag(name: str) -> str:
    return "{http://www.w3.org/1999/xhtml}" + name


def _table(table: ElementTree.Element) -> tuple[str, dict[tuple[str, str], list[str]]]:
    heads = list(table.iter(_tag("th")))
    days = [_words(head) for head in heads if head.get("class") == "xAxis"]
    cells: dict[tuple[str, str], list[str]] = {}
    open_: dict[str, tuple[int, list[str]]] = {}  # a lesson of several hours is one cell over as many rows
    for row in table.iter(_tag("tr")):
        hour = row.find(_tag("th"))
        if hour is None or hour.get("class") != "yAxis":
            continue
        printed_cells = iter(row.findall(_tag("td")))
        for day in days:
            rows, lines = open_.pop(day, (0, []))
            if not rows:
                cell = next(printed_cells)
                rows, lines = int(cell.get("rowspan", "1")), _lines(cell)
            if rows > 1:
                open_[day] = (rows - 1, lines)
            cells[_words(hour), day] = lines
        assert next(printed_cells, None) is None
    return _words(heads[0]), cells


def _lines(cell: ElementTree.Element) -> list[str]:
    lines = [" ".join(line.split()) for line in cell.itertext()]
    return [line for line in lines if line not in NOTHING]


def _words(element: ElementTree.Element) -> str:
    return " ".join("".join(element.itertext()).split())


def week_of(name: str, weeks: Weeks) -> dict[tuple[str, str], list[str]] | None:
    """A set's own week; FET makes subgroups of its own for sets that have none."""
    names = (name, f"{name} Automatic Subgroup", f"{name} Automatic Group Automatic Subgroup")
    return next((weeks[one] for one in names if one in weeks), None)


def settled(school, data: bytes, **options) -> TimetablePlan:
    """Say what the file cannot: an hour each from eight, weekdays in order. That is the mapping, and all of it."""
    plan = plan_timetable_import(school, data, now=NOW, **options)
    labels = list(plan.parsed.hour_labels)
    hours = {label: (dt.time(8 + n), dt.time(8 + n, 50)) for n, label in enumerate(labels)} if plan.unread_hours else {}
    days = {label: (n, "") for n, label in enumerate(plan.parsed.day_labels)} if plan.unread_days else {}
    return plan_timetable_import(school, data, now=NOW, answers=replace(Answers(), hours=hours, days=days), **options)


def drawn(plan: TimetablePlan, group: str) -> dict[tuple[dt.time, int], str]:
    """(start, weekday) → subject, out of the grid as the page draws it."""
    found = {}
    for week in drawn_weeks(plan, group):
        days = sorted({x.weekday for x in plan.lessons if x.group == group} | {0, 1, 2, 3, 4})
        for row in week["rows"]:
            start = dt.time.fromisoformat(row["label"])
            found |= {(start, day): cell["subject"] for day, cell in zip(days, row["cells"], strict=True) if cell}
    return found


def cells_apart(plan: TimetablePlan, group: str, week: dict[tuple[str, str], list[str]]) -> Iterator[str]:
    """Every cell that is drawn otherwise than FET prints it."""
    ours, placed = drawn(plan, group), {lesson.key: lesson for lesson in plan.lessons}
    when = {
        (" ".join(x.hour_label.split()), " ".join(x.day_label.split())): (placed[x.key].starts, placed[x.key].weekday)
        for x in plan.parsed.lessons
    }
    for (hour, day), lines in week.items():
        place = when.get((hour, day))
        subject = ours.get(place, "") if place else ""
        parts = [" ".join(part.split()) for part in subject.split(" / ")] if subject else []
        if bool(lines) != bool(parts) or any(part not in lines for part in parts):
            yield f"{group}, {day} {hour}: printed {lines}, drawn {subject!r}"


@pytest.mark.parametrize(
    ("example", "compared"),
    [
        ("Brazil/1/Brazil", 16),
        ("India/St-Marys-College/St-Marys-College-Puthanagadi", 34),
        ("United-Kingdom/Hopwood/Hopwood", 51),
        ("Namibia/by-Willy/Highlands_Christian_School", 16),
    ],
)
def test_drawn_week_is_the_one_fet_prints_cell_by_cell(cast, tmp_path, example, compared):
    folder = exported(example, tmp_path)
    plan = settled(cast.school, next(folder.glob("timetables/*/*_data_and_timetable.fet")).read_bytes())
    weeks = printed(folder)
    mine = {name: week for name in plan.groups if (week := week_of(name, weeks)) is not None}
    assert [apart for name, week in mine.items() for apart in cells_apart(plan, name, week)] == []
    assert len(mine) == compared


def test_a_wrong_cell_would_be_seen(cast, tmp_path):
    folder = exported("Brazil/1/Brazil", tmp_path)
    plan = settled(cast.school, next(folder.glob("timetables/*/*_data_and_timetable.fet")).read_bytes())
    group, weeks = plan.groups[0], printed(folder)
    mine = [lesson for lesson in plan.lessons if lesson.group == group]
    wrong = replace(mine[0], subject="Nothing of the kind")
    spoilt = replace(plan, lessons=tuple(wrong if lesson is mine[0] else lesson for lesson in plan.lessons))
    assert len(list(cells_apart(spoilt, group, week_of(group, weeks)))) == 1


@pytest.mark.parametrize(
    "example",
    [
        "Brazil/1/Brazil",
        "India/St-Marys-College/St-Marys-College-Puthanagadi",
        "United-Kingdom/Hopwood/Hopwood",
        "Namibia/by-Willy/Highlands_Christian_School",
    ],
)
def test_real_school_is_loaded_and_its_second_export_changes_nothing(cast, tmp_path, example):
    folder = exported(example, tmp_path)
    by = actor(cast.coordinator, cast.hub, cast.school)
    data = next(folder.glob("csv/*/*_timetable.csv")).read_bytes()
    done = apply_timetable_import(settled(cast.school, data), by=by, now=NOW)
    assert (done.state, Group.objects.count()) == (Import.State.DONE, len(settled(cast.school, data).groups))
    again = settled(cast.school, data)
    assert (again.counts["same"], again.counts["added"], again.counts["changed"]) == (Lesson.objects.count(), 0, 0)
