"""The hub says that it is closed after a message was planned: what can wait asks again when it is due."""

from __future__ import annotations

import datetime as dt

import pytest

from hubs import delivery, outbox
from hubs.models import HubClosure, Message
from hubs.wallclock import MORNING, WallTime
from tests.hubs.outbox_kind import GATHERED, KIND, TO, TODAY, note

#: The morning after `now`, a Wednesday in summer time.
NEXT = dt.datetime(2026, 9, 16, 7, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


def thing(cast, now, text, kind=GATHERED, **fields) -> Message:
    return outbox.queue(kind, note(cast.hub, cast.school, text, now), TO, now=now, **fields)


def closed_after_planning(cast, last="2026-09-17") -> None:
    HubClosure.objects.create(hub=cast.hub, name="Away day", starts_on="2026-09-16", ends_on=last)


@pytest.mark.parametrize("kind", [TODAY, GATHERED])
def test_closure_entered_after_it_was_planned_is_asked_when_it_is_due(cast, now, mailoutbox, kind):
    row = thing(cast, now, "one", kind=kind, due_at=WallTime(NEXT.date(), MORNING))
    closed_after_planning(cast)
    delivery.drain(lambda: NEXT)
    row.refresh_from_db()
    assert (len(mailoutbox), row.state, row.attempts, row.due_on) == (0, "due", 0, dt.date(2026, 9, 18))
    assert Message.objects.overdue(NEXT + DAY).count() == 0  # it waits, and is not stuck
    delivery.drain(lambda: NEXT + 2 * DAY)
    assert len(mailoutbox) == 1


def test_closure_keeps_back_neither_what_is_urgent_nor_what_would_come_too_late(cast, now, mailoutbox):
    thing(cast, now, "one", kind=KIND, due_at=NEXT)
    thing(cast, now, "two", kind=TODAY, due_at=NEXT, not_after=NEXT + DAY)
    closed_after_planning(cast)
    delivery.drain(lambda: NEXT)
    assert len(mailoutbox) == 2


def test_closure_longer_than_anybody_can_wait_keeps_nothing_back(cast, now, mailoutbox):
    thing(cast, now, "one", kind=TODAY, due_at=NEXT)
    closed_after_planning(cast, "2026-10-16")
    delivery.drain(lambda: NEXT)
    assert len(mailoutbox) == 1


def test_what_goes_in_one_mail_waits_together(cast, now, mailoutbox):
    for text in ("one", "two"):
        thing(cast, now, text, due_at=NEXT)
    closed_after_planning(cast)
    delivery.drain(lambda: NEXT)
    rows = Message.objects.filter(kind=GATHERED)
    assert (len(mailoutbox), {row.due_on for row in rows}) == (0, {dt.date(2026, 9, 18)})
    delivery.drain(lambda: NEXT + 2 * DAY)
    assert len(mailoutbox) == 1
