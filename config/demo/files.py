"""Files as schools have them: a county's calendar, a timetable program's export."""

from __future__ import annotations

import csv
import datetime as dt
import io
import random
from collections.abc import Iterable, Sequence

from config.demo.year import DAY, WEEK, SchoolYear, weekday_from

HOURS = ("Period 1", "Period 2", "Period 3", "Period 4", "Period 5")
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
CORE = (("English", 8), ("Mathematics", 8), ("Science", 8), ("PE", 4))
LOWER = (("History", 4), ("Geography", 4), ("Spanish", 4), ("Art", 3), ("Music", 2), ("Computing", 3), ("PSHE", 2))
UPPER = (("Option A", 6), ("Option B", 6), ("Option C", 6), ("Religious Studies", 2), ("PSHE", 2))
SIXTH = (("Block A", 10), ("Block B", 10), ("Block C", 10), ("Private study", 12), ("Tutorial", 2), ("Enrichment", 6))
TECHNICAL = (("Engineering", 12), ("Digital design", 6), ("English", 8), ("Mathematics", 8), ("Science", 8),
             ("Employer project", 4), ("PE", 2), ("PSHE", 2))  # fmt: skip
SPECIAL = (("Communication", 10), ("Number", 8), ("Life skills", 10), ("Swimming", 4), ("Music", 4), ("Art", 6),
           ("Travel training", 4), ("PSHE", 4))  # fmt: skip
SUBJECTS = {"technical": TECHNICAL, "special": SPECIAL, "alternative": (*CORE, *LOWER), "college": SIXTH}


def _event(uid: str, first: dt.date, last: dt.date, summary: str) -> str:
    return (
        f"BEGIN:VEVENT\r\nUID:{uid}@calendar.example\r\nDTSTAMP:20240101T000000Z\r\n"
        f"DTSTART;VALUE=DATE:{first:%Y%m%d}\r\nDTEND;VALUE=DATE:{last + DAY:%Y%m%d}\r\n"
        f"SUMMARY:{summary}\r\nEND:VEVENT\r\n"
    )


def _calendar(name: str, events: Iterable[str]) -> bytes:
    head = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//{name}//EN\r\nX-WR-CALNAME:{name}\r\n"
    return (head + "".join(events) + "END:VCALENDAR\r\n").encode()


def county_calendar(years: Sequence[SchoolYear]) -> bytes:
    """One event for each school day, with the number of its week: how some English counties publish it."""
    events = []
    for year in years:
        for day in year.days:
            number = year.weeks[day - DAY * day.weekday()]
            events.append(_event(f"day-{day}", day, day, f"Kettlehaven: Term day (Week {number})"))
        for day in year.staff_days:
            events.append(_event(f"inset-{day}", day, day, "Kettlehaven: INSET day"))
        events += _exams(year, "Kettlehaven: ")
    return _calendar("Kettlehaven County school days", events)


def trust_calendar(years: Sequence[SchoolYear]) -> bytes:
    """Terms and holidays as spans: how trusts and most schools publish it."""
    events = []
    for year in years:
        for number, (first, last) in enumerate(year.terms, start=1):
            events.append(_event(f"term-{year.year}-{number}", first, last, f"Term {number}"))
        events += [_event(f"off-{first}", first, last, name) for name, first, last in year.holidays]
        events += [_event(f"inset-{day}", day, day, "INSET day") for day in year.staff_days]
        events += _exams(year, "")
    return _calendar("Hills Learning Trust", events)


def _exams(year: SchoolYear, prefix: str) -> list[str]:
    mocks = weekday_from(dt.date(year.year, 12, 1), 0)
    may = weekday_from(dt.date(year.year + 1, 5, 8), 0)
    return [
        _event(f"mocks-{mocks}", mocks, mocks + DAY * 9, f"{prefix}Year 11 mock exams"),
        _event(f"gcse-{may}", may, may + WEEK * 6, f"{prefix}Year 11 GCSE exams"),
        _event(f"alevel-{may}", may, may + WEEK * 6, f"{prefix}Year 13 A level exams"),
    ]


def fet_timetable(groups: Sequence[str], phase: str, weeks: int, dice: random.Random) -> bytes:
    """The export of FET: one line for each hour of each activity. Two weeks are ten days, "Monday A" first."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(["Activity Id", "Day", "Hour", "Students Sets", "Subject", "Teachers", "Activity Tags", "Room",
                     "Comments"])  # fmt: skip
    letters = [f" {letter}" for letter in "AB"[:weeks]] if weeks > 1 else [""]
    slots = [(f"{day}{letter}", hour) for letter in letters for day in WEEKDAYS for hour in HOURS]
    identity = 0
    for number, group in enumerate(groups):
        for (day, hour), subject in zip(slots, _hours_of(group, phase, len(slots), dice), strict=True):
            identity += 1
            room = f"{subject[:2].upper()}{number % 6 + 1}"
            writer.writerow([identity, day, hour, group, subject, f"T{identity % 48:02}", "", room, ""])
    return out.getvalue().encode()


def _hours_of(group: str, phase: str, slots: int, dice: random.Random) -> list[str]:
    year = int("".join(c for c in group if c.isdigit())[:2] or 0)
    usual = SIXTH if year >= 12 else (*CORE, *(UPPER if year >= 10 else LOWER))
    subjects = [name for name, share in SUBJECTS.get(phase, usual) for _ in range(share)]
    dice.shuffle(subjects)
    return (subjects * 3)[:slots]
