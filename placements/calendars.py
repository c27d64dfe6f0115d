"""Placements in calendars: private feeds and invitations. No student's name in either.

RFC 5545, 5546 (iTIP), 6047 (iMIP), 7986 (REFRESH-INTERVAL), 9253 (RELATED-TO with GAP). What is
shown are the rows of `CalendarEvent`; the words around them are in the reader's language.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hubs.models import Hub
from placements.domain.walks import Next
from placements.icalendar_text import Attendee, Shown, calendar
from placements.models import CalendarEvent, Placement

#: Raised when the same rows are written differently, so that readers fetch them anew.
EDITION = 2


def feed(name: str, events: Iterable[CalendarEvent], following: Mapping[int, Next] | None = None) -> bytes:
    """A published calendar; readers are told to look again every two hours. `following`: what comes after an event,
    by its id, where its own series says nothing."""
    known: dict[tuple, Words] = {}
    then = following or {}
    rows = [shown(event, known, then.get(event.pk)) for event in events]
    return calendar("PUBLISH", rows, name=name, published=True)


def invitation(
    hub: Hub, event: CalendarEvent, address: str, *, answers_to: str = "", said: str = "NEEDS-ACTION"
) -> bytes:
    """An iTIP REQUEST, or CANCEL when the event is called off, for one attendee; calendars
    answer to `answers_to`, and `said` is what this one answered already.

    One event in each: all that stand in one REQUEST would have to share a UID (RFC 5546, 3.2.2).
    Raises ValueError for what is no address.
    """
    organiser = answers_to or hub.contact_email or f"hub@{hub.hostname}"
    method = "CANCEL" if event.status == "CANCELLED" else "REQUEST"
    return calendar(method, [shown(event)], attendee=Attendee(address, organiser, hub.name, said))


def method_of(event: CalendarEvent) -> str:
    return "CANCEL" if event.status == "CANCELLED" else "REQUEST"


def of_placement(placement: Placement) -> list[CalendarEvent]:
    return list(placement.events.order_by("on", "starts_at", "pk"))


def shown(event: CalendarEvent, known: dict[tuple, Words] | None = None, then: Next | None = None) -> Shown:
    """`known` keeps the words of facts for other events of the same feed, which share many of them."""
    known, facts = {} if known is None else known, event.facts
    key = tuple(facts.items())
    words = known.get(key) or known.setdefault(key, _words(facts))
    after, gap_days = (event.followed_by, event.gap_days) if event.followed_by or then is None else then
    return Shown(
        uid=str(event.uid),
        sequence=event.sequence,
        changed_at=event.changed_at,
        begins=dt.datetime.combine(event.on, event.starts_at),
        ends=dt.datetime.combine(event.on, event.ends_at),
        zone=event.time_zone,
        summary=words.summary,
        description=words.description,
        location=words.location,
        status=event.status,
        step=event.step,
        count=event.count,
        followed_by=after,
        gap_days=gap_days,
    )


class Words(NamedTuple):
    """What an event says in the reader's language."""

    summary: str
    description: str
    location: str


def _words(facts: dict) -> Words:
    location = _("Online") if facts["online"] else facts["place"] or facts["school"]
    return Words(f"{facts['title']} · {facts['employer']}", _description(facts), location)


def _description(facts: dict) -> str:
    students = ngettext("%(count)s student", "%(count)s students", facts["places"]) % {"count": facts["places"]}
    group = f", {facts['group']}" if facts["group"] else ""
    lines = [
        _("%(school)s%(group)s: %(students)s") % {"school": facts["school"], "group": group, "students": students},
        facts["summary"],
    ]
    if facts["supervisor"]:
        lines.append(_("Supervisor: %(name)s") % {"name": facts["supervisor"]})
    return "\n".join(line for line in lines if line)
