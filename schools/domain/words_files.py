"""What readers of files say, as sentences: what, where, and how to mend it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from hubs.addresses import CannotFetch
from hubs.words import days as days_of
from schools.ical import CalendarEvent, CannotReadCalendar, ParsedCalendar, Span
from schools.ical import Notice as CalendarNotice
from schools.ical_short import DAYS, HOURS, WHOM
from schools.timetables import CannotReadTimetable
from schools.timetables import Notice as TimetableNotice

MEBIBYTE = 1024 * 1024
_WEEK_FILE = gettext_lazy("Export it again as an iCalendar file (its name ends in .ics).")

CALENDAR_REFUSALS = {
    "empty": gettext_lazy("This file is empty. Choose the file your calendar program exported."),
    "too_large": gettext_lazy("This file has %(size)s; the most is %(most_size)s. Export fewer years."),
    "not_a_calendar": format_lazy(
        "{} {}", gettext_lazy("This is not a calendar: line %(line)s does not begin one."), _WEEK_FILE
    ),
    "unfinished": gettext_lazy(
        "The file stops in the middle: the %(component)s begun in line %(line)s never ends. Download it again."
    ),
    "unbalanced": gettext_lazy(
        "Line %(line)s ends %(found)s, but %(expected)s is open there. The file was cut or changed; export it again."
    ),
    "too_many_components": gettext_lazy(
        "The calendar has more than %(most)s entries (reached in line %(line)s). Export only the school's own dates."
    ),
    "bad_line": gettext_lazy("Line %(line)s cannot be read (%(detail)s). Export the calendar again."),
    "cancellation": gettext_lazy("This file takes a calendar back (its method is CANCEL); it holds nothing to import."),
    "bad_value": gettext_lazy(
        "%(where)s: %(property)s is “%(value)s”, which is no date or time. Mend it and try again."
    ),
    "bad_year": gettext_lazy("%(where)s: %(property)s lies in the year %(year)s. Mend the date and try again."),
    "rule_too_fine": gettext_lazy(
        "%(where)s repeats %(frequency)s, which no school calendar does. Remove this event and try again."
    ),
    "rule_too_odd": gettext_lazy("%(where)s repeats in a way that cannot be followed (%(frequency)s). Remove it."),
    "bad_rule": gettext_lazy("%(where)s has a rule for repeating that cannot be read. Mend or remove this event."),
    "too_many_occurrences": gettext_lazy(
        "%(where)s repeats more than %(most)s times. Give its repetition an end and try again."
    ),
    "too_costly": gettext_lazy(
        "Reading this calendar took too long, so it was stopped%(by_event)s. Export only the school's own dates."
    ),
    "no_dated_events": gettext_lazy("No event of this calendar has a date; the first is %(where)s."),
    "unknown_zone": gettext_lazy("“%(zone)s” is no time zone. Correct the school's time zone first."),
}

CALENDAR_NOTICES = {
    "not_utf8": gettext_lazy("The file is not in UTF-8, so accented letters may look wrong. Check the names."),
    "no_events": gettext_lazy("The calendar has no events."),
    "event_without_start": gettext_lazy("%(where)s has no date and was left out."),
    "end_before_start": gettext_lazy("%(where)s ends before it begins; it was read as one day. Check it."),
    "event_too_long": gettext_lazy("%(where)s lasts %(days)s days, longer than a year, and was left out."),
    "unknown_timezone": gettext_lazy(
        "%(where)s names a time zone nobody knows, “%(timezone)s”; its times were read in %(zone)s."
    ),
    "cancelled_events": gettext_lazy("Cancelled events left out: %(count)s."),
    "outside_window": gettext_lazy("Events from other years left out: %(count)s."),
    "unclassified": gettext_lazy("Events whose words say nothing about school days: %(count)s (%(examples)s)."),
    "week_marked_twice": gettext_lazy(
        "The week of %(week)s is called both %(first)s and %(second)s. The first is kept; check it."
    ),
    "no_terms": gettext_lazy("No term could be read from this file: every weekday that is not closed counts as open."),
}

FETCH = {
    "address": gettext_lazy("This is no web address. Copy it once more from your calendar: it begins with https://."),
    "scheme": gettext_lazy("Only addresses that begin with https:// are read."),
    "userinfo": gettext_lazy("An address with a name and password in it is not read. Use the calendar's private link."),
    "port": gettext_lazy("An address with a port number in it is not read. Leave “:%(port)s” out."),
    "name": gettext_lazy("The address needs a name such as calendar.example.org after https://, not a number."),
    "unknown_name": gettext_lazy("There is no “%(name)s” on the internet. Check the address for a slip."),
    "not_public": gettext_lazy("“%(name)s” is not on the public internet, so it cannot be read from here."),
    "too_many_redirects": gettext_lazy("The address leads on and on. Use the one it leads to in your browser."),
    "no_answer": gettext_lazy("“%(name)s” does not answer."),
    "certificate": gettext_lazy("“%(name)s” could not show that it is who it says: its certificate is not right."),
    "status": gettext_lazy("The calendar's server says no (%(status)s). Is the calendar still shared by this link?"),
    "too_large": gettext_lazy("The calendar has more than 2 MB. Share a smaller one: term dates alone, for example."),
    "too_slow": gettext_lazy("The calendar's server was too slow."),
}

TIMETABLE_REFUSALS = {
    "empty": gettext_lazy("This file is empty. Choose the file your timetable program exported."),
    "too_large": gettext_lazy("This file has %(size)s; the most is %(most_size)s. Export one year group at a time."),
    "not_text": gettext_lazy(
        "Line %(line)s is not text. Export the timetable as CSV or XML; a spreadsheet or PDF cannot be read."
    ),
    "unknown_format": gettext_lazy(
        "Line %(line)s is no timetable this program knows (it begins “%(found)s”). "
        "Say which columns hold the group, the day and the hour."
    ),
    "missing_columns": gettext_lazy("Line %(line)s has no column “%(missing)s”; it has: %(found)s."),
    "mapping_incomplete": gettext_lazy("Say which column holds: %(missing)s. The file has: %(found)s."),
    "too_few_columns": gettext_lazy(
        "Line %(line)s has %(found)s columns where %(needed)s are needed. Mend the line or export again."
    ),
    "too_many_columns": gettext_lazy(
        "Line %(line)s has %(found)s columns, the header %(needed)s. A separator inside a cell needs quotes around it."
    ),
    "too_many_rows": gettext_lazy("The file has more than %(most)s rows (line %(line)s). Export one year at a time."),
    "bad_row": gettext_lazy("Line %(line)s cannot be read as a row (%(detail)s). Mend the quotes and try again."),
    "missing_value": gettext_lazy("Line %(line)s has nothing in the column “%(column)s”. Fill it in and try again."),
    "bad_number": gettext_lazy("Line %(line)s, column %(column)s: “%(value)s” is no number of a day or period."),
    "unsafe_xml": gettext_lazy("Line %(line)s declares entities, which are not read for safety. Export it again."),
    "bad_xml": gettext_lazy("Line %(line)s is broken XML (%(detail)s). Export the file again."),
    "not_solved": gettext_lazy(
        "This FET file holds %(activities)s activities and no times yet. Generate the timetable, then export it."
    ),
    "unknown_hour": gettext_lazy("Activity %(activity)s stands at the hour “%(value)s”, which the file does not list."),
    "no_lessons": gettext_lazy("There is not one lesson with a group, a day and an hour in this file."),
    "too_costly": gettext_lazy("Reading this timetable took too long, so it was stopped. Export one year at a time."),
    "unknown_option": gettext_lazy("“%(format)s” is no format. Use fet-csv, fet-xml, gpu001 or csv."),
}

TIMETABLE_NOTICES = {
    "not_utf8": gettext_lazy("The file is not in UTF-8, so accented letters may look wrong. Check the names."),
    "rows_without_group": gettext_lazy("Rows without a group left out: %(count)s."),
    "rows_unplaced": gettext_lazy("Rows without a day and hour left out: %(count)s."),
    "lengths_not_used": gettext_lazy(
        "The file gives %(count)s lessons a length of their own (column H). Here they last as long as their period; "
        "compare the week below with your own timetable."
    ),
    "days_numbered": gettext_lazy(
        "The days are numbered (“%(example)s”), %(days)s of them. They were read as weekdays from Monday on; check it."
    ),
    "days_unknown": gettext_lazy("Days nobody could read: %(count)s (%(examples)s). Say which weekdays they are."),
    "times_only": gettext_lazy(
        "This file holds days and hours only. It moves the %(count)s lessons imported before and adds none."
    ),
}


def calendar_refusal(error: CannotReadCalendar) -> str:
    return say(CALENDAR_REFUSALS, error.code, error.facts)


def calendar_notice(notice: CalendarNotice) -> str:
    return say(CALENDAR_NOTICES, notice.code, notice.facts)


def timetable_refusal(error: CannotReadTimetable) -> str:
    return say(TIMETABLE_REFUSALS, error.code, error.facts)


def calendar_problem(problem: CalendarNotice) -> str:
    """About one event that was set aside."""
    return say(CALENDAR_REFUSALS, problem.code, problem.facts)


def timetable_problem(problem: TimetableNotice) -> str:
    """About one line that was set aside."""
    return say(TIMETABLE_REFUSALS, problem.code, problem.facts)


def timetable_notice(notice: TimetableNotice) -> str:
    return say(TIMETABLE_NOTICES, notice.code, notice.facts)


def fetch_refusal(error: CannotFetch) -> str:
    return say(FETCH, error.code, error.facts)


def nothing_in_calendar(parsed: ParsedCalendar) -> str:
    if not parsed.events:
        return _("This calendar has no events to import.")
    examples = "; ".join(dict.fromkeys(event.summary for event in parsed.events[:50]))
    return ngettext(
        "The one event is no term, holiday, staff day or exam (%(examples)s). Say what it means.",
        "None of the %(count)s events is a term, a holiday, a staff day or an exam (%(examples)s). Say what they mean.",
        len(parsed.events),
    ) % {"count": len(parsed.events), "examples": _cut(examples, 120)}


def problems_unsettled(count: int) -> str:
    return ngettext(
        "%(n)s line or event could not be read. Say that the rest may be loaded without it.",
        "%(n)s lines or events could not be read. Say that the rest may be loaded without them.",
        count,
    ) % {"n": count}


def set_aside(span: Span) -> str:
    """Days nobody can mean: what is not loaded, and that the rest is."""
    return _("“%(name)s” is left out: nothing a school dates runs from %(from)s to %(to)s. Mend it in the file.") % {
        "name": span.name or _("A span of days"), "from": span.start.isoformat(), "to": span.end.isoformat()
    }  # fmt: skip


SHORT_UNREAD = {
    HOURS: gettext_lazy(
        "“%(name)s” on %(day)s is a short day, but nobody says from when or until when: "
        "choose its bell under “What events mean”, or type the day."
    ),
    DAYS: gettext_lazy(
        "“%(name)s”, %(day)s, makes several days short: say under “What events mean” that it is a short day, "
        "or type the days."
    ),
    WHOM: gettext_lazy(
        "“%(name)s” on %(day)s is a short day, but not clearly of whom: type it as a short day of the school, "
        "or as a protected period of those it is for."
    ),
}
MOST_SHORT_NAMED = 12


def short_unread(found: Sequence[tuple[str, Sequence[CalendarEvent]]]) -> list[str]:
    """Short days that are not read: a sentence for events of the same words."""
    said = []
    for why, events in found[:MOST_SHORT_NAMED]:
        day = str(days_of(events[0].start, events[0].end))
        if len(events) > 1:
            day = ngettext("%(day)s and %(n)s other day", "%(day)s and %(n)s other days", len(events) - 1) % {
                "day": day, "n": len(events) - 1
            }  # fmt: skip
        said.append(str(SHORT_UNREAD[why]) % {"name": _cut(events[0].summary, 80), "day": day})
    more = len(found) - len(said)
    if more:
        words = ngettext("%(n)s more short day is not read.", "%(n)s more short days are not read.", more)
        said.append(words % {"n": more})
    return said


def asks_cycle(weeks: int) -> str:
    return ngettext(
        "The calendar numbers %(count)s school week. Say how many weeks the timetable's cycle has.",
        "The calendar numbers %(count)s school weeks. Say how many weeks the timetable's cycle has.",
        weeks,
    ) % {"count": weeks}


def say(sentences: Mapping[str, Any], code: str, facts: Mapping[str, Any]) -> str:
    """The sentence of a code with its facts; a code nobody has a sentence for is named, never an error page."""
    sentence = sentences.get(code)
    if sentence is None:
        return _("This file cannot be read (%(code)s).") % {"code": code}
    return str(sentence) % _Facts(facts)


class _Facts(dict[str, Any]):
    """The reader's facts as people read them; a fact nobody gave is "?" rather than an error page."""

    def __init__(self, facts: Mapping[str, Any]) -> None:
        super().__init__({name: _readable(value) for name, value in facts.items() if value is not None})
        self["where"] = where(facts)
        if "bytes" in facts:
            self["size"] = _size(facts["bytes"])
            self["most_size"] = _size(facts.get("most") or 0)
        event = facts.get("event")
        self["by_event"] = _(" at the event “%(event)s”") % {"event": _cut(str(event), 80)} if event else ""

    def __missing__(self, name: str) -> str:
        return "?"


def where(facts: Mapping[str, Any]) -> str:
    """ "Event “Half term” (line 12)": enough to find it in the file."""
    event, line = facts.get("event") or facts.get("uid"), facts.get("line")
    if event and line:
        return _("Event “%(event)s” (line %(line)s)") % {"event": _cut(str(event), 80), "line": line}
    if event:
        return _("Event “%(event)s”") % {"event": _cut(str(event), 80)}
    return _("Line %(line)s") % {"line": line} if line else _("The file")


def _readable(value: Any) -> str:
    if hasattr(value, "isoformat") and hasattr(value, "toordinal"):
        return str(days_of(value))
    return _cut(str(value), 160)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def _size(count: int) -> str:
    if count < MEBIBYTE:
        return _("%(n)s KB") % {"n": round(count / 1024)}
    return _("%(n)s MB") % {"n": f"{count / MEBIBYTE:.1f}".removesuffix(".0")}
