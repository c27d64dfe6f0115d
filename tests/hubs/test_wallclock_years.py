"""“08:00 two working days before”, through every change of the clocks from 2025 to 2028."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from hubs import delivery, outbox
from hubs.models import Message
from hubs.wallclock import WallTime, instant, working_days_from
from tests.hubs.outbox_kind import KIND, TO, note

ZONES = {
    "Europe/London": "GB-ENG",
    "Europe/Paris": "FR",
    "America/Sao_Paulo": "BR",
    "Asia/Kolkata": "IN",
    "Europe/Madrid": "ES",
}
DAY, SECOND = dt.timedelta(days=1), dt.timedelta(seconds=1)
FIRST, LAST = dt.date(2025, 1, 1), dt.date(2028, 12, 31)


def changes(zone: ZoneInfo) -> list[dt.date]:
    """The local dates on which the offset from UTC at noon differs from the day before."""
    noon = [dt.datetime.combine(FIRST + n * DAY, dt.time(12), zone) for n in range((LAST - FIRST).days + 1)]
    return [b.date() for a, b in pairwise(noon) if a.utcoffset() != b.utcoffset()]


@pytest.mark.parametrize(("name", "count"), zip(ZONES, (8, 8, 0, 0, 8), strict=True))
def test_reminder_goes_once_at_eight_on_the_wall(cast, name, count, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    zone = ZoneInfo(name)
    cast.hub.time_zone, cast.hub.jurisdiction = name, ZONES[name]
    cast.hub.save()
    found = changes(zone)
    assert len(found) == count
    around = found or [dt.date(year, month, 15) for year in (2025, 2026, 2027, 2028) for month in (3, 10)]
    for change in around:
        for later in range(5):
            start = change + later * DAY
            day = working_days_from(start, -2, cast.hub.jurisdiction)
            written = instant(day, dt.time(0), zone) - 7 * DAY
            row = note(cast.hub, cast.school, f"{start}", written)
            message = outbox.queue(KIND, row, TO, now=written, due_at=WallTime(day, dt.time(8)))
            local = message.due_at.astimezone(zone)
            assert (local.date(), local.time()) == (day, dt.time(8))
            at = message.due_at
            assert [delivery.drain(lambda at=at: at - SECOND), delivery.drain(lambda at=at: at)] == [0, 1]
            assert delivery.drain(lambda at=at: at + 2 * DAY) == 0
    assert set(Message.objects.values_list("state", "attempts")) == {("sent", 1)}


@pytest.mark.parametrize(
    ("zone", "day", "at", "utc"),
    [
        ("Europe/London", "2026-03-29", "01:30", "01:30"),  # there is no 01:30: an hour later on the wall, 02:30 BST
        ("Europe/Paris", "2027-03-28", "02:30", "01:30"),
        ("Europe/London", "2026-10-25", "01:30", "00:30"),  # the first of two
        ("Europe/Madrid", "2028-10-29", "02:30", "00:30"),
    ],
)
def test_gap_moves_forward_and_fold_takes_the_first(zone, day, at, utc):
    found = WallTime(dt.date.fromisoformat(day), dt.time.fromisoformat(at), zone).instant(ZoneInfo("UTC"))
    assert found.isoformat() == f"{day}T{utc}:00+00:00"
