"""What the import commands share: reading a file, and small lists typed at a command line."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from django.utils.translation import gettext as _

from hubs.errors import Refused
from schools.days import guess_days
from schools.domain.foresight import Hit
from schools.hours import BellPeriod, read_hour


def read_file(name: str) -> bytes:
    """The bytes of a file, or of standard input for "-". Raises `Refused` when it cannot be opened."""
    if name == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(name).read_bytes()
    except OSError as error:
        raise Refused(_("%(file)s cannot be opened: %(why)s.") % {"file": name, "why": error.strerror}) from error


def hits_in_words(hits: Iterable[Hit]) -> Iterator[str]:
    """What the file hits of the requests and placements that are under way, a line each."""
    for hit in hits:
        named = ", ".join(filter(None, (hit.what, hit.when, hit.who)))
        yield _("no longer fits: %(what)s (%(state)s): %(why)s") % {"what": named, "state": hit.state, "why": hit.why}


def pairs(text: str, example: str) -> dict[str, str]:
    """ "a=b,c=d" as a dictionary."""
    found = {}
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        name, equals, value = part.rpartition("=")
        if not equals or not name.strip() or not value.strip():
            raise Refused(
                _("“%(part)s” is not understood. Write it as %(example)s.") % {"part": part, "example": example}
            )
        found[name.strip()] = value.strip()
    return found


def bell_from(text: str) -> tuple[BellPeriod, ...]:
    """ "P1=09:00-10:00,P2=10:00-11:00" as periods."""
    example = "P1=09:00-10:00"
    return tuple(BellPeriod(name, *_span(name, value, example)) for name, value in pairs(text, example).items())


def _span(name: str, value: str, example: str) -> tuple[dt.time, dt.time]:
    read = read_hour(value)
    if read.start is None or read.end is None or read.end <= read.start:
        raise Refused(
            _("“%(part)s” is not understood. Write it as %(example)s.")
            % {"part": f"{name}={value}", "example": example}
        )
    return dt.time(*divmod(read.start, 60)), dt.time(*divmod(read.end, 60))


def days_from(text: str) -> dict[str, tuple[int, str]]:
    """ "Day 1=Mon A,Day 2=Tue A" as label → (weekday, week letter)."""
    given = pairs(text, "Day 1=Mon A")
    guesses = guess_days(list(given.values()))
    found = {}
    for label, value in given.items():
        weekday = guesses[value].weekday
        if weekday is None:
            raise Refused(_("“%(value)s” is no weekday. Write it as Mon, or Mon A.") % {"value": value})
        found[label] = (weekday, guesses[value].week or "")
    return found
