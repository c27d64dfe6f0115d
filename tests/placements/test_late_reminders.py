"""Reminders that go later than they were due say what is true then, once, or nothing."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import pytest

from hubs.delivery import drain
from hubs.models import HubClosure, Message
from hubs.wallclock import working_days_until
from placements.domain import answers
from tests import scenes
from tests.cast import actor

DAY, HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)
#: The session of the scenes is on Tuesday 20 October; the Friday before it, at ten.
FRIDAY = dt.datetime(2026, 10, 16, 9, 0, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("day", "today", "left"),
    [
        ("2026-10-20", "2026-10-20", 0),
        ("2026-10-20", "2026-10-21", 0),
        ("2026-10-20", "2026-10-19", 1),
        ("2026-10-20", "2026-10-17", 2),
        ("2026-10-19", "2026-10-16", 1),  # a Monday, from the Friday before it
        ("2026-10-17", "2026-10-16", 1),  # a Saturday, from the Friday before it
        ("2026-12-29", "2026-12-24", 1),  # Christmas, a weekend, Boxing Day in lieu
    ],
)
def test_working_days_until_a_day(day, today, left):
    assert working_days_until(dt.date.fromisoformat(day), dt.date.fromisoformat(today), "GB-ENG") == left


def subjects(mailoutbox) -> Counter:
    return Counter(mail.subject.partition(":")[0] for mail in mailoutbox)


def only(*kinds) -> None:
    Message.objects.exclude(kind__in=kinds).update(state="skipped")


def test_agreed_on_the_day_itself_nothing_speaks_of_the_next(cast, mailoutbox):
    placement = scenes.placement(cast, state="offered")
    at = placement.session.starts_at - HOUR
    answers.accept(placement, by=actor(cast.employer_lead, cast.hub, cast.employer), now=at)
    drain(lambda: at)
    found = subjects(mailoutbox)
    assert (found["Agreed"], found["Next working day"]) == (2, 0)
    assert set(Message.objects.filter(kind="starts-tomorrow").values_list("state", flat=True)) == {"skipped"}


def test_agreed_the_evening_before_both_are_reminded(cast, mailoutbox):
    placement = scenes.placement(cast, state="offered")
    at = placement.session.starts_at - 12 * HOUR
    answers.accept(placement, by=actor(cast.employer_lead, cast.hub, cast.employer), now=at)
    drain(lambda: at)
    assert subjects(mailoutbox)["Next working day"] == 2


def test_reminder_sent_late_counts_the_days_from_then(cast, mailoutbox):
    scenes.placement(cast, state="ready")
    only("starts-soon")
    drain(lambda: FRIDAY + 3 * DAY)
    assert subjects(mailoutbox) == {"In 1 working day": 2}


def test_reminders_kept_back_together_are_said_once(cast, mailoutbox):
    """An outage from the tenth working day before to the second."""
    scenes.placement(cast, state="ready")
    only("starts-soon")
    drain(lambda: FRIDAY)
    assert subjects(mailoutbox) == {"In 2 working days": 2}
    by_state = Counter(Message.objects.filter(kind="starts-soon").values_list("version", "state"))
    assert by_state == {("1.10", "skipped"): 2, ("1.5", "skipped"): 1, ("1.2", "sent"): 2}


def test_employer_is_asked_once_after_a_closure(cast, mailoutbox):
    HubClosure.objects.create(hub=cast.hub, name="Away", starts_on="2026-09-17", ends_on="2026-09-21")
    scenes.placement(cast, state="offered")
    only("answer-reminder")
    rows = Message.objects.filter(kind="answer-reminder")
    assert len(set(rows.values_list("due_at", flat=True))) == 1 < rows.count()
    drain(lambda: rows[0].due_at)
    assert [mail.subject for mail in mailoutbox] == ["Quayside School is waiting for your answer"]


def test_register_is_asked_for_once_after_an_outage(cast, mailoutbox):
    placement = scenes.placement(cast, state="ready")
    only("register-due")
    drain(lambda: placement.session.ends_at + 10 * DAY)
    assert [mail.subject.partition("?")[0] for mail in mailoutbox] == ["Who was there"]
