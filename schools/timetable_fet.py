"""Timetables in FET's XML: the saved file with its timetable, the subgroups' timetable, and the bare list of times.

Document types and entities are refused before parsing: no export has them, and they are how XML attacks begin.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from xml.etree import ElementTree

from schools.timetable_types import CannotReadTimetable, Notice, ParsedTimetable, RawLesson, assemble, set_aside

# FET makes these up for a year without groups; a school never sees them on its screen.
_AUTOMATIC = re.compile(r"\s+Automatic (?:Group|Subgroup)\b")


def parse_fet_xml(text: str, notes: Sequence[Notice] = ()) -> ParsedTimetable:
    root = _root(text)
    if root.tag == "fet":
        return _saved_file(root, notes)
    if root.tag == "Students_Timetable":
        return _subgroups(root, notes)
    if root.tag == "Activities_Timetable":
        return _times_only(root, notes)
    raise CannotReadTimetable("unknown_format", {"line": 1, "found": root.tag[:60]})


def _root(text: str) -> ElementTree.Element:
    found = re.search(r"<!(DOCTYPE|ENTITY)", text, re.IGNORECASE)
    if found:
        raise CannotReadTimetable("unsafe_xml", {"line": text[: found.start()].count("\n") + 1})
    # The text is decoded already: what the file says about its encoding no longer holds.
    bare = re.sub(r"^\s*<\?xml[^>]*\?>", lambda m: "\n" * m[0].count("\n"), text, count=1)
    try:
        return ElementTree.fromstring(bare)  # noqa: S314 - entities were refused above
    except ElementTree.ParseError as error:
        raise CannotReadTimetable("bad_xml", {"line": error.position[0], "detail": str(error)[:120]}) from error


def _value(element: ElementTree.Element, name: str) -> str:
    return " ".join((element.findtext(name) or "").split())


def _names(root: ElementTree.Element, path: str) -> list[str]:
    return [name for element in root.iterfind(path) if (name := _value(element, "Name"))]


def _saved_file(root: ElementTree.Element, notes: Sequence[Notice]) -> ParsedTimetable:
    """``…_data_and_timetable.fet``: activities, and the constraint that holds each one on its time."""
    hours = _names(root, "Hours_List/Hour")
    times = {
        _value(c, "Activity_Id"): (_day_of(c), _hour_of(c))
        for c in root.iterfind("Time_Constraints_List/ConstraintActivityPreferredStartingTime")
        if _value(c, "Active") != "false" and _value(c, "Weight_Percentage") in ("100", "100.0", "")
    }
    rooms = {
        _value(c, "Activity_Id"): _value(c, "Room")
        for c in root.iterfind("Space_Constraints_List/ConstraintActivityPreferredRoom")
        if _value(c, "Active") != "false"
    }
    activities = [a for a in root.iterfind("Activities_List/Activity") if _value(a, "Active") != "false"]
    if activities and not times:
        raise CannotReadTimetable("not_solved", {"activities": len(activities)})
    raw: list[RawLesson] = []
    problems: list[Notice] = []
    unplaced = without_group = 0
    for activity in activities:
        identity = _value(activity, "Id")
        groups = tuple(name for s in activity.iterfind("Students") if (name := " ".join((s.text or "").split())))
        if not groups:
            without_group += 1
        elif identity not in times:
            unplaced += 1
        else:
            with set_aside(problems):
                raw += list(_hours_of(activity, groups, times[identity], rooms.get(identity, ""), hours))
    left_out = [(code, n) for code, n in (("rows_unplaced", unplaced), ("rows_without_group", without_group)) if n]
    return assemble(
        "fet-xml",
        raw,
        day_labels=_names(root, "Days_List/Day"),
        hour_labels=hours,
        parents=list(_parents(root)),
        warnings=[*notes, *(Notice(code, {"count": n}) for code, n in left_out)],
        problems=problems,
    )


def _day_of(constraint: ElementTree.Element) -> str:
    return _value(constraint, "Preferred_Day") or _value(constraint, "Day")


def _hour_of(constraint: ElementTree.Element) -> str:
    return _value(constraint, "Preferred_Hour") or _value(constraint, "Hour")


def _hours_of(
    activity: ElementTree.Element, groups: tuple[str, ...], at: tuple[str, str], room: str, hours: Sequence[str]
) -> Iterator[RawLesson]:
    """One lesson for each hour an activity lasts, keyed as in the CSV export."""
    identity, subject = _value(activity, "Id"), _value(activity, "Subject")
    day, hour = at
    if hour not in hours:
        raise CannotReadTimetable("unknown_hour", {"activity": identity, "value": hour[:60]})
    length = _value(activity, "Duration")
    first = hours.index(hour)
    for nth in range(int(length) if length.isdecimal() else 1):
        if first + nth >= len(hours):
            raise CannotReadTimetable("unknown_hour", {"activity": identity, "value": f"{hour} + {nth}"[:60]})
        key = identity if nth == 0 else f"{identity}.{nth + 1}"
        yield RawLesson(key, groups, day, hours[first + nth], subject, room)


def _parents(root: ElementTree.Element) -> Iterator[tuple[str, str]]:
    seen = set()
    for year in root.iterfind("Students_List/Year"):
        for group in year.iterfind("Group"):
            pairs = [(_value(group, "Name"), _value(year, "Name"))]
            pairs += [(_value(sub, "Name"), _value(group, "Name")) for sub in group.iterfind("Subgroup")]
            for pair in pairs:
                if all(pair) and pair not in seen:
                    seen.add(pair)
                    yield pair


def _subgroups(root: ElementTree.Element, notes: Sequence[Notice]) -> ParsedTimetable:
    """``…_subgroups.xml``: the week of each subgroup. Subgroups that share an activity are one lesson."""
    found: dict[tuple[str, str, str], tuple[list[str], str, str]] = {}
    days: dict[str, None] = {}
    hours: dict[str, None] = {}
    for subgroup in root.iterfind("Subgroup"):
        name = " ".join(_AUTOMATIC.sub("", subgroup.get("name", "")).split())
        for day in subgroup.iterfind("Day"):
            days[day.get("name", "")] = None
            for hour in day.iterfind("Hour"):
                hours[hour.get("name", "")] = None
                activity = hour.find("Activity")
                if activity is None or not name:
                    continue
                at = (activity.get("id", ""), day.get("name", ""), hour.get("name", ""))
                groups, _, _ = found.setdefault(at, ([], _attribute(hour, "Subject"), _attribute(hour, "Room")))
                if name not in groups:
                    groups.append(name)
    order = {label: n for n, label in enumerate(hours)}
    counts: dict[str, int] = {}
    raw = []
    for (identity, day_name, hour_name), (groups, subject, room) in sorted(
        found.items(), key=lambda item: (_natural(item[0][0]), item[0][1], order[item[0][2]])
    ):
        nth = counts[identity] = counts.get(identity, 0) + 1
        key = identity if nth == 1 else f"{identity}.{nth}"
        raw.append(RawLesson(key, tuple(groups), day_name, hour_name, subject, room))
    return assemble("fet-xml", raw, day_labels=list(days), hour_labels=list(hours), warnings=notes)


def _attribute(hour: ElementTree.Element, tag: str) -> str:
    element = hour.find(tag)
    return "" if element is None else " ".join(element.get("name", "").split())


def _times_only(root: ElementTree.Element, notes: Sequence[Notice]) -> ParsedTimetable:
    """``…_activities.xml``: activity, day, hour and room, without groups or subjects."""
    raw = []
    for activity in root.iterfind("Activity"):
        identity, day, hour = (_value(activity, name) for name in ("Id", "Day", "Hour"))
        if identity and day and hour:
            raw.append(RawLesson(identity, (), day, hour, "", _value(activity, "Room")))
    return assemble("fet-xml", raw, warnings=[*notes, Notice("times_only", {"count": len(raw)})], times_only=True)


def _natural(text: str) -> tuple[int, str]:
    return (int(text) if text.isdecimal() else 0, text)
