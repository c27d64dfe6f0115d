"""Timetables as tables: FET's CSV export, Untis GPU001.TXT, and any CSV with a named group, day and hour.

Teachers stand in all of them and are read by none: the product does not need to know who teaches.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from hubs.sheets import Fact, guess_delimiter
from schools.ical_rules import plain
from schools.timetable_types import (
    CannotReadTimetable,
    Notice,
    ParsedTimetable,
    RawLesson,
    assemble,
    set_aside,
    split_groups,
    table,
)

FET_COLUMNS = ("Activity Id", "Day", "Hour", "Students Sets", "Subject")
GENERIC_COLUMNS = ("group", "day", "hour")

# Headers people give the columns of a table of their own, compared without case and accents.
KNOWN_HEADERS = {
    "group": "group groups class classes form set sets students klasse classe turma grupo clase gruppe year student",
    "day": "day days weekday tag jour dia giorno",
    "hour": "hour hours period periods time slot lesson stunde heure hora start starts",
    "subject": "subject subjects course fach matiere materia asignatura disciplina materie",
    "room": "room rooms raum salle sala aula location",
    "week": "week weeks woche semaine semana cycle",
    "key": "id key code",
}
WORDS_FOR_WEEK = frozenset(
    ("week", "weeks", "wk", "woche", "wochen", "semaine", "semaines", "semana", "semanas", "cycle")
)  # fmt: skip
EVERY_WEEK = frozenset(
    ("all", "any", "both", "each", "every", "weekly", "alle", "beide", "jede", "wochentlich", "chaque", "deux", "tous",
     "toutes", "ambas", "cada", "todas", "todos")
)  # fmt: skip


def is_fet_csv(text: str) -> bool:
    head = text.lstrip().split("\n", 1)[0]
    cells = {cell.strip().strip('"') for cell in head.split(guess_delimiter(head))}
    return set(FET_COLUMNS[:4]) <= cells


def is_gpu001(text: str) -> bool:
    """No header, at least seven columns, the sixth and seventh small numbers."""
    line = next((line for line in text.splitlines() if line.strip()), "")
    cells = [cell.strip().strip('"') for cell in line.split(guess_delimiter(line))]
    return (
        len(cells) >= 7
        and cells[0].isdecimal()
        and cells[5].isdecimal()
        and cells[6].isdecimal()
        and len(cells[5]) <= 2
    )


def parse_fet_csv(text: str, notes: Sequence[Notice] = ()) -> ParsedTimetable:
    """One row for each hour of each activity: an activity of two hours is two lessons, "158" and "158.2"."""
    problems: list[Notice] = []
    rows = _with_header(text, guess_delimiter(text.split("\n", 1)[0]), FET_COLUMNS, problems)
    seen: dict[str, int] = {}
    without_group = unplaced = 0
    raw = []
    for line, row in rows:
        with set_aside(problems):
            identity = _needed(row, "Activity Id", line)
            number = seen[identity] = seen.get(identity, 0) + 1
            groups = split_groups(row["Students Sets"])
            if not groups:
                without_group += 1
            elif not row["Day"] and not row["Hour"]:
                unplaced += 1
            else:
                key = identity if number == 1 else f"{identity}.{number}"
                day, hour = _needed(row, "Day", line), _needed(row, "Hour", line)
                raw.append(RawLesson(key, groups, day, hour, row["Subject"], row.get("Room", "")))
    left_out = [*_left_out("rows_unplaced", unplaced), *_left_out("rows_without_group", without_group)]
    return assemble("fet-csv", raw, warnings=[*notes, *left_out], problems=problems)


def parse_gpu001(text: str, notes: Sequence[Notice] = ()) -> ParsedTimetable:
    """Columns A lesson number, B class, C teacher, D subject, E room, F day (1 is Monday), G period, H length.

    H is hh:mm and empty but in timetables planned by the minute (dieschulapp.de, 2026-11). Lessons then begin and end
    as the bell schedule says, so somebody is told to look.
    A joint lesson has one row for each class and each teacher: rows of one number, subject, day and period are one.
    """
    merged: dict[tuple[str, str, int, int], tuple[list[str], list[str]]] = {}
    unplaced = without_group = lengths = 0
    problems: list[Notice] = []
    for line, cells in table(text, guess_delimiter(text)):
        day = hour = 0
        with set_aside(problems):
            day, hour = _gpu_time(cells, line)
        if problems and problems[-1].facts.get("line") == line:
            continue
        if day == 0 or (hour == 0 and not cells[6]):
            unplaced += 1
            continue
        if not cells[1]:
            without_group += 1
            continue
        lengths += len(cells) > 7 and bool(cells[7])
        groups, rooms = merged.setdefault((cells[0], cells[3], day, hour), ([], []))
        groups += [group for group in split_groups(cells[1], "~") if group not in groups]
        rooms += [cells[4]] if cells[4] and cells[4] not in rooms else []
    raw = []
    for (number, subject, day, hour), (groups, rooms) in sorted(merged.items(), key=lambda item: _gpu_order(item[0])):
        # By its place, not its number in a row: one lesson less in the next export is not another for all that follow.
        key = f"{number}-{subject}-{day}-{hour}"
        raw.append(RawLesson(key, tuple(groups), str(day), str(hour), subject, ", ".join(rooms)))
    left_out = [
        *_left_out("rows_unplaced", unplaced),
        *_left_out("rows_without_group", without_group),
        *_left_out("lengths_not_used", lengths),
    ]
    return assemble("gpu001", raw, warnings=[*notes, *left_out], numbered_days=True, problems=problems)


def _gpu_time(cells: Sequence[str], line: int) -> tuple[int, int]:
    """Columns F and G; H and all that follows need not be there."""
    if len(cells) < 7:
        raise CannotReadTimetable("too_few_columns", {"line": line, "found": len(cells), "needed": 7})
    return _number(cells[5], "F", line), _number(cells[6], "G", line)


def _gpu_order(key: tuple[str, str, int, int]) -> tuple[int, str, str, int, int]:
    number, subject, day, hour = key
    return (int(number) if number.isdecimal() else 0, number, subject, day, hour)


def parse_generic_csv(
    text: str, mapping: Mapping[str, str] | None = None, notes: Sequence[Notice] = ()
) -> ParsedTimetable:
    """Any table with a header. ``mapping``: our name → the header in the file, for group, day, hour and, if there,
    subject, room, week, key. Without a mapping the usual names of columns are tried."""
    delimiter = guess_delimiter(text)
    first = next(table(text, delimiter), (1, []))[1]
    columns = dict(mapping) if mapping else guess_mapping(first)
    missing = [name for name in GENERIC_COLUMNS if not columns.get(name)]
    if missing:
        facts: dict[str, Fact] = {"missing": ", ".join(missing), "found": ", ".join(first)[:200], "line": 1}
        raise CannotReadTimetable("unknown_format" if mapping is None else "mapping_incomplete", facts)
    raw = []
    seen: dict[str, int] = {}
    without_group = 0
    problems: list[Notice] = []
    for line, row in _with_header(text, delimiter, [name for name in columns.values() if name], problems):
        groups = split_groups(row[columns["group"]], "+;|" if delimiter != ";" else "+|,")
        if not groups:
            without_group += 1
            continue
        with set_aside(problems):
            day, hour = _needed(row, columns["day"], line), _needed(row, columns["hour"], line)
            subject, room, week, key = (
                row[columns[n]] if columns.get(n) else "" for n in ("subject", "room", "week", "key")
            )
            key = key or "/".join((*groups, subject, week, day, hour))
            number = seen[key] = seen.get(key, 0) + 1
            key = key if number == 1 else f"{key}.{number}"
            raw.append(RawLesson(key, groups, day, hour, subject, room, _week(week)))
    left_out = _left_out("rows_without_group", without_group)
    return assemble("csv", raw, warnings=[*notes, *left_out], problems=problems, header=first)


def guess_mapping(header: Sequence[str]) -> dict[str, str]:
    """Our names → headers of the file that say the same; a whole match beats a word in it ("Class name")."""
    found: dict[str, str] = {}
    for exact in (True, False):
        for name, words in KNOWN_HEADERS.items():
            known = set(words.split())
            for cell in header:
                text = plain(cell)
                hit = text in known if exact else bool(known & set(text.split()))
                if hit and name not in found and cell not in found.values():
                    found[name] = cell
    return found


def _with_header(
    text: str, delimiter: str, needed: Sequence[str], problems: list[Notice]
) -> Iterator[tuple[int, dict[str, str]]]:
    """Rows as dictionaries; one of another length than the header goes to ``problems``."""
    rows = table(text, delimiter)
    line, header = next(rows, (1, []))
    missing = [name for name in needed if name not in header]
    if missing:
        facts: dict[str, Fact] = {"line": line, "missing": ", ".join(missing), "found": ", ".join(header)[:200]}
        raise CannotReadTimetable("missing_columns", facts)
    last = max(header.index(name) for name in needed)
    for line, cells in rows:
        if len(cells) <= last:
            problems.append(Notice("too_few_columns", {"line": line, "found": len(cells), "needed": last + 1}))
        elif len(cells) > len(header) and any(cells[len(header) :]):
            problems.append(Notice("too_many_columns", {"line": line, "found": len(cells), "needed": len(header)}))
        else:
            yield line, dict(zip(header, cells, strict=False))


def _needed(row: Mapping[str, str], column: str, line: int) -> str:
    if not row[column]:
        raise CannotReadTimetable("missing_value", {"line": line, "column": column})
    return row[column]


def _number(cell: str, column: str, line: int) -> int:
    if not cell:
        return 0
    if not cell.isdecimal() or int(cell) > 99:
        raise CannotReadTimetable("bad_number", {"line": line, "column": column, "value": cell[:40]})
    return int(cell)


def _week(cell: str) -> str | None:
    """ "Week A" → "A"; "", "A/B", "all", "every" → None: every week. Other words are a week of their own ("left"):
    what they are is asked, as nobody would see that lessons of every second week had become lessons of all."""
    words = plain(cell).split()
    marks = [word for word in words if (len(word) == 1 and word.isalpha()) or (word.isdecimal() and len(word) <= 2)]
    if marks or EVERY_WEEK & set(words):
        return marks[0].upper() if len(marks) == 1 else None
    return " ".join(word for word in words if word not in WORDS_FOR_WEEK)[:20].strip() or None


def _left_out(code: str, count: int) -> list[Notice]:
    return [Notice(code, {"count": count})] if count else []
