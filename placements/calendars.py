"""Placements as iCalendar: private feeds and invitations. No student's name in either.

RFC 5545, 5546 (iTIP), 6047 (iMIP), 7986 (REFRESH-INTERVAL). One VEVENT for each day, with a
UID that never changes and a SEQUENCE that rises with every change of the placement.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from icalendar import Calendar, Event, vCalAddress, vText

from hubs.models import Hub
from placements.models import Placement

PRODID = "-//Throughline//Placements//EN"
STATUS = {"held": "TENTATIVE", "offered": "TENTATIVE"}
GONE = ("cancelled", "declined", "withdrawn", "released")


def feed(hub: Hub, name: str, placements: Iterable[Placement]) -> bytes:
    """A published calendar; clients are told to look again every two hours."""
    calendar = _calendar()
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", dt.timedelta(hours=2), parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT2H")
    calendar.add("method", "PUBLISH")
    for placement in placements:
        for event in _events(hub, placement):
            calendar.add_component(event)
    calendar.add_missing_timezones()
    return calendar.to_ical()


def invitation(hub: Hub, placement: Placement, address: str, *, cancelled: bool = False) -> bytes:
    """An iTIP REQUEST, or CANCEL, of the placement for one attendee."""
    calendar = _calendar()
    calendar.add("method", "CANCEL" if cancelled else "REQUEST")
    for event in _events(hub, placement):
        organiser = vCalAddress(f"MAILTO:{hub.contact_email or 'hub@' + hub.hostname}")
        organiser.params["CN"] = vText(hub.name)
        event.add("organizer", organiser)
        attendee = vCalAddress(f"MAILTO:{address}")
        attendee.params["PARTSTAT"] = vText("NEEDS-ACTION")
        attendee.params["RSVP"] = vText("TRUE")
        event.add("attendee", attendee)
        calendar.add_component(event)
    calendar.add_missing_timezones()
    return calendar.to_ical()


def _calendar() -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", PRODID)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    return calendar


def _events(hub: Hub, placement: Placement) -> Iterable[Event]:
    session, opportunity = placement.session, placement.session.opportunity
    changed = placement.closed_at or placement.answered_at or placement.offered_at or placement.created_at
    for day in session.days.all():
        event = Event()
        event.add("uid", f"{placement.uid}-{day.on:%Y%m%d}@{hub.hostname}")
        event.add("sequence", placement.sequence)
        event.add("dtstamp", changed.astimezone(dt.UTC))
        event.add("last-modified", changed.astimezone(dt.UTC))
        event.add("dtstart", dt.datetime.combine(day.on, day.starts_at, session.zone))
        event.add("dtend", dt.datetime.combine(day.on, day.ends_at, session.zone))
        event.add("summary", _one_line(f"{opportunity.title} · {placement.employer.name}"))
        event.add("description", _description(placement))
        if opportunity.site is not None:
            site = opportunity.site
            parts = (site.name, site.address, site.town, site.postcode)
            event.add("location", _one_line(", ".join(part for part in parts if part)))
        event.add("status", "CANCELLED" if placement.state in GONE else STATUS.get(placement.state, "CONFIRMED"))
        yield event


def _description(placement: Placement) -> str:
    students = ngettext("%(count)s student", "%(count)s students", placement.places) % {"count": placement.places}
    group = f", {placement.group.name}" if placement.group else ""
    who = _("%(school)s%(group)s: %(students)s") % {
        "school": placement.school.name,
        "group": group,
        "students": students,
    }
    return f"{who}\n{placement.session.opportunity.summary}"


def _one_line(text: str) -> str:
    return " ".join(text.split())
