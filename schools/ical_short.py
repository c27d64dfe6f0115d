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
# "Sixth form", "10A", "Library closes early": neither the whole school nor year groups by their numbers.
_OF_A_PART = re.compile(
    r"\b(?:sixth form|6th form|key stage|ks ?\d|nursery|reception|infants?|juniors?)\b"
    r"|\b(?:library|office|canteen|club|gym|pool)\b"
    r"|(?<![\d:.])\b\d{1,2}(?!st\b|nd\b|rd\b|th\b|am\b|pm\b|h\b)[a-z]{1,2}\b"
)
# Lessons that end before or after these end for another reason, and so for those that begin.
EARLIEST_END, LATEST_END = time(10), time(15, 30)
EARLIEST_START, LATEST_START = time(9), time(13)
_OF_A_SCHOOL = frozenset({ical_rules.IGNORE, ical_rules.TERM_DAY, ical_rules.TERM_END, ical_rules.TERM_START})
_IGNORED_BY_ALL = next(rule.name for rule in ical_rules.DEFAULT_RULES if rule.kind == ical_rules.IGNORE)


Hours = tuple[time | None, time | None]
# Why a day that is called short is not read as one: nobody can tell its hours, its days, or whom it is for.
HOURS, DAYS, WHOM = "hours", "days", "whom"
# From here and until here, where hours have no other end.
DAY_BEGINS, DAY_ENDS = time(0), time(23, 59)


def short_hours(event: CalendarEvent, bell: Hours | None = None) -> Hours | None:
    """(when lessons begin, when they end) on the event's day, one of them None; None for any other event. It is for
    the event's year groups, or for the whole school when it names none.

    Clear is: one day, words for it, one hour (in the words, or as the event's own), and for whom. What the school
    itself calls a short day needs no other words; where those say no hour, `bell` is when lessons are.
    """
    return _read(event, bell)[0]


def why_unread(event: CalendarEvent, bell: Hours | None = None) -> str:
    """HOURS, DAYS or WHOM where an event calls a day short and `short_hours` has no answer; "" for any other."""
    return _read(event, bell)[1]


def calls_short(event: CalendarEvent) -> bool:
    """Whether an event calls a day short, clearly or not."""
    hours, why = _read(event, None)
    return hours is not None or bool(why)


def _read(event: CalendarEvent, bell: Hours | None) -> tuple[Hours | None, str]:
    text = event.summary.casefold()
    said, own = _said(text), event.kind == ical_rules.SHORT_DAY
    early = _EARLY.search(text) or (event.kind == ical_rules.TERM_END and said and _LAST_DAY.search(text))
    if not own and not (_may_say(event) and (early or _LATE.search(text))):
        return None, ""
    if ical_rules.ALL_BUT.search(text) or (not own and _OF_A_PART.search(text)):
        return None, WHOM
    if not own and event.start != event.end:
        return None, DAYS
    hours = _own(event, bell) if own else _until(_one(said, event.start_time)) if early else _from(
        _one(said, event.end_time)
    )  # fmt: skip
    return hours, "" if hours else HOURS


def _may_say(event: CalendarEvent) -> bool:
    """Whether its words are looked at: not where it is an exam or a holiday, or the school said it means nothing."""
    if event.kind == ical_rules.IGNORE and event.rule not in ("", _IGNORED_BY_ALL):
        return False
    return event.kind in _OF_A_SCHOOL


def _own(event: CalendarEvent, bell: Hours | None) -> Hours | None:
    text = event.summary.casefold()
    said, late = _said(text), _LATE.search(text) is not None
    own = None if bell else event.end_time if late else event.start_time
    one = _one(said, own)
    return (_from(one) if late else _until(one)) or bell


def _until(ends: time | None) -> Hours | None:
    return (None, ends) if ends and EARLIEST_END <= ends <= LATEST_END else None


def _from(begins: time | None) -> Hours | None:
    return (begins, None) if begins and EARLIEST_START <= begins <= LATEST_START else None


def _said(text: str) -> list[time]:
    return [hour for match in _TIME.finditer(text) if (hour := _hour(match)) is not None]


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
