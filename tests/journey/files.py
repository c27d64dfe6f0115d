"""The two files a school has: its term dates and its timetable, in the shapes they come in."""

from __future__ import annotations

import datetime as dt

from tests.services import samples

TERMS = (
    (dt.date(2026, 9, 1), dt.date(2026, 10, 23)),
    (dt.date(2026, 11, 2), dt.date(2026, 12, 18)),
    (dt.date(2027, 1, 4), dt.date(2027, 2, 12)),
    (dt.date(2027, 2, 22), dt.date(2027, 3, 24)),
    (dt.date(2027, 4, 12), dt.date(2027, 5, 28)),
    (dt.date(2027, 6, 7), dt.date(2027, 7, 22)),
)
PERIODS = (
    ("1", "09:00", "10:00"),
    ("2", "10:00", "11:00"),
    ("3", "11:20", "12:20"),
    ("4", "13:10", "14:10"),
    ("5", "14:10", "15:10"),
)
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
SUBJECTS = {
    "10A": ("English", "Maths", "PE", "Science", "Art"),
    "10B": ("Maths", "English", "Science", "PE", "History"),
    "9 Red": ("Art", "Science", "English", "Maths", "PE"),
}


def term_dates() -> tuple[str, bytes]:
    """(file name, bytes): a council's real file where the samples are, else one of its shape.

    One all-day event for each school day, "Week 1" and "Week 2" taking turns.
    """
    folder = samples()
    if folder is not None:
        return "sheffield_term_dates.ics", (folder / "calendars" / "sheffield_term_dates.ics").read_bytes()
    days = [first + dt.timedelta(n) for first, last in TERMS for n in range((last - first).days + 1)]
    weeks = sorted({day - dt.timedelta(day.weekday()) for day in days})
    events = [
        f"BEGIN:VEVENT\nUID:term-day-{day:%Y%m%d}@council\nDTSTAMP:20260411T131625Z\n"
        f"DTSTART;VALUE=DATE:{day:%Y%m%d}\nDTEND;VALUE=DATE:{day + dt.timedelta(1):%Y%m%d}\n"
        f"SUMMARY:Council: Term day (Week {weeks.index(day - dt.timedelta(day.weekday())) % 2 + 1})\n"
        "DESCRIPTION:Academic year 2026-27\nSTATUS:CONFIRMED\nEND:VEVENT\n"
        for day in days
        if day.weekday() < 5
    ]
    head = "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//council//term dates//EN\nMETHOD:PUBLISH\n"
    return "term-dates.ics", (head + "".join(events) + "END:VCALENDAR\n").encode()


def timetable() -> bytes:
    """As FET exports it: one line for each lesson, hours by the name the school gave them."""
    lines = ['"Activity Id","Day","Hour","Students Sets","Subject","Teachers","Activity Tags","Room","Comments"']
    number = 0
    for group, subjects in SUBJECTS.items():
        for d, day in enumerate(DAYS):
            for p, (name, _from, _until) in enumerate(PERIODS):
                number += 1
                subject = subjects[(p + d) % len(subjects)]
                lines.append(f'"{number}","{day}","{name}","{group}","{subject}","T{p}","","R{p}",""')
    return "\n".join(lines).encode()
