"""Days that end early or begin late, where an event of a school's calendar says clearly when. Pure."""

from __future__ import annotations

import re
from datetime import time

from schools import ical_rules
from schools.ical_types import CalendarEvent

_EARLY = re.compile(
    r"\bearly (?:finish|closure|closing|close|dismissal)\b|\b(?:closes|finishes|ends) early\b"
    r"|\b(?:school|college) (?:closes|finishes|ends) at\b"
)
_LATE = re.compile(
    r"\blate (?:start|opening)\b|\bdelayed (?:start|opening)\b|\b(?:school|college) (?:opens|starts) at\b"
)
# "Last day of term (12:30 finish)", "Term ends, finish at 1 pm": what a last day of term says of its hours.
_LAST_DAY = re.compile(r"\b(?:finish|finishes|finishing|close|closes|closing|dismissal)\b|\b(?:ends|up) at\b")
_TIME = re.compile(r"(?<![\d.:/])(\d{1,2})(?:[:.](\d{2}))?\s?([ap])\.?m\b|(?<![\d.:/])(\d{1,2})[:.](\d{2})(?![\d./])")
# Lessons that end before or after these end for another reason, and so for those that begin.
EARLIEST_END, LATEST_END = time(10), time(15, 30)
EARLIEST_START, LATEST_START = time(9), time(13)
_OF_A_SCHOOL = frozenset({ical_rules.IGNORE, ical_rules.TERM_DAY, ical_rules.TERM_END, ical_rules.TERM_START})
_IGNORED_BY_ALL = next(rule.name for rule in ical_rules.DEFAULT_RULES if rule.kind == ical_rules.IGNORE)


def short_hours(event: CalendarEvent) -> tuple[time | None, time | None] | None:
    """(when lessons begin, when they end) on the event's day, one of them None; None for any other event.

    Clear is: one day of the whole school, words for it, and one hour: in the words, or as the event's own.
    """
    if event.start != event.end or event.kind not in _OF_A_SCHOOL or event.year_groups:
        return None
    if event.kind == ical_rules.IGNORE and event.rule not in ("", _IGNORED_BY_ALL):
        return None  # the school itself has said that it means nothing
    text = event.summary.casefold()
    said = [hour for match in _TIME.finditer(text) if (hour := _hour(match)) is not None]
    if _EARLY.search(text) or (event.kind == ical_rules.TERM_END and said and _LAST_DAY.search(text)):
        ends = _one(said, event.start_time)
        return (None, ends) if ends and EARLIEST_END <= ends <= LATEST_END else None
    if _LATE.search(text):
        begins = _one(said, event.end_time)
        return (begins, None) if begins and EARLIEST_START <= begins <= LATEST_START else None
    return None


def _one(said: list[time], own: time | None) -> time | None:
    return (said[0] if len(set(said)) == 1 else None) if said else own


def _hour(match: re.Match[str]) -> time | None:
    """ "12:30", "1.30 pm", "1 pm"; without am or pm an hour before eight is one of the afternoon."""
    hour, minute = int(match[1] or match[4]), int(match[2] or match[5] or 0)
    if match[3]:
        hour = hour % 12 + 12 * (match[3] == "p")
    elif hour < 8:
        hour += 12
    return time(hour, minute) if hour < 24 and minute < 60 else None
