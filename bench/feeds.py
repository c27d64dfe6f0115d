"""A calendar of 2,000 events: read anew, and asked for by a reader that has it already."""

from __future__ import annotations

import datetime as dt

from django.db import connection
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone

from hubs.wallclock import instant
from opportunities.models import Session
from placements.domain import calendar, feeds
from placements.models import CalendarEvent, Placement
from tests import scenes
from tests.cast import actor, two_hubs

DATABASE = True
EVENTS = 2000
client = Client()
made: dict = {}


def prepare() -> None:
    cast, now = two_hubs(), timezone.now()
    offer, first = scenes.opportunity(cast.employer), now.date() + dt.timedelta(days=10)
    nine, noon = dt.time(9), dt.time(12)
    days = [first + dt.timedelta(days=number % 400) for number in range(EVENTS)]
    sessions = Session.objects.bulk_create(
        Session(
            hub=cast.hub, employer=cast.employer, opportunity=offer, time_zone="Europe/London", places=30, taken=0,
            starts_at=instant(on, nine, cast.hub.zone), ends_at=instant(on, noon, cast.hub.zone), created_at=now,
        )
        for on in days
    )  # fmt: skip
    placements = Placement.objects.bulk_create(
        Placement(
            hub=cast.hub, session=session, employer=cast.employer, school=cast.school, places=20, state="accepted",
            offered_at=now, answered_at=now, created_at=now,
        )
        for session in sessions
    )  # fmt: skip
    CalendarEvent.objects.bulk_create(
        CalendarEvent(
            hub=cast.hub, placement=placement, on=on, last_on=on, starts_at=nine, ends_at=noon,
            time_zone="Europe/London", status="CONFIRMED", facts=calendar.facts_of(placement), changed_at=now,
        )
        for placement, on in zip(placements, days, strict=True)
    )  # fmt: skip
    with connection.cursor() as cursor:  # as the database does by itself in the night after so many rows
        cursor.execute("ANALYZE")
    by = actor(cast.coordinator, cast.hub, cast.school)
    _feed, token = feeds.make_feed(cast.school, by=by, now=now)
    made["address"] = reverse("feed", args=[token])
    made["etag"] = ask()["ETag"]


def ask(**headers):
    with override_settings(ALLOWED_HOSTS=["testserver"]):
        return client.get(made["address"], headers=headers)


def cold() -> None:
    answer = ask()
    if answer.status_code != 200 or answer.content.count(b"BEGIN:VEVENT") != EVENTS:
        raise RuntimeError("the calendar is not whole")


def unchanged() -> None:
    if ask(**{"if-none-match": made["etag"]}).status_code != 304:
        raise RuntimeError("the calendar was sent again")


CASES = {f"a calendar of {EVENTS}": cold, f"a calendar of {EVENTS}, unchanged": unchanged}
