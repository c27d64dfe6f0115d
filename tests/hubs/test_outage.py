"""While a provider cannot be reached nothing fails, nothing is lost, and it shows."""

from __future__ import annotations

import datetime as dt
import socket

import pytest
from django.core.management import call_command

from hubs import channels, delivery, heartbeat, metrics, outbox, watching
from hubs.channels import CONNECT_AFTER
from hubs.clock import database_now
from hubs.domain.messages import resend
from hubs.models import Message
from hubs.wallclock import WallTime
from tests.cast import actor
from tests.hubs.broken_transport import Down
from tests.hubs.outbox_kind import GATHERED, KIND, TO, note, queued

MINUTE = dt.timedelta(minutes=1)
WORKS = "django.core.mail.backends.locmem.EmailBackend"


@pytest.fixture
def down(settings, monkeypatch):
    settings.EMAIL_BACKEND = "tests.hubs.broken_transport.Down"
    monkeypatch.setattr(Down, "tried", 0)


def one(cast, now, text="the open day", **fields) -> Message:
    return queued(cast.hub, cast.school, text, now, **fields)


def rounds(now, minutes: int) -> dt.datetime:
    """A round each minute, and when the last was."""
    for minute in range(minutes):
        delivery.drain(lambda at=now + minute * MINUTE: at)
    return now + (minutes - 1) * MINUTE


def test_outage_of_hours_fails_nothing_and_shows_all_the_while(cast, now, settings, mailoutbox, down):
    for number in range(3):
        one(cast, now, str(number))
    at = rounds(now, 200)
    assert set(Message.objects.values_list("state", "attempts", "first_due_at")) == {("due", 0, now)}
    assert watching.oldest_due(at) == watching.oldest_due(at, cast.hub) == at - now
    (kind,) = watching.kinds_today(cast.hub, at)
    assert (kind.expected, kind.done, kind.oldest, kind.stuck) == (3, 0, now, True)
    assert b'throughline_messages_waiting{hub="harbour",kind="test-note"} 3.0' in metrics.exposition(at)
    settings.EMAIL_BACKEND = WORKS
    delivery.drain(lambda: at + MINUTE)
    assert set(Message.objects.values_list("state", "attempts")) == {("sent", 1)}
    assert (len(mailoutbox), watching.oldest_due(at + MINUTE)) == (3, dt.timedelta(0))


def test_server_that_is_down_is_asked_once_a_minute_whatever_waits(cast, now, down):
    for number in range(5):
        one(cast, now, str(number))
    assert delivery.drain(lambda: now) == 1
    assert delivery.drain(lambda: now + MINUTE / 2) == 0
    assert Down.tried == 1
    delivery.drain(lambda: now + dt.timedelta(seconds=CONNECT_AFTER))
    assert Down.tried == 2


def test_digest_waits_as_a_whole(cast, now, settings, mailoutbox, down):
    for text in ("one", "two"):
        outbox.queue(GATHERED, note(cast.hub, cast.school, text, now), TO, now=now, due_at=now)
    rounds(now, 30)
    settings.EMAIL_BACKEND = WORKS
    delivery.drain(lambda: now + 30 * MINUTE)
    assert [mail.subject for mail in mailoutbox] == ["2 things for you from Harbour Careers Hub"]


def test_what_is_too_late_after_the_outage_is_not_sent(cast, now, mailoutbox, settings, down):
    message = one(cast, now, not_after=now + 10 * MINUTE)
    rounds(now, 10)
    settings.EMAIL_BACKEND = WORKS
    delivery.drain(lambda: now + 11 * MINUTE)
    message.refresh_from_db()
    assert (message.state, mailoutbox) == ("expired", [])


def test_transport_that_fails_keeps_when_the_row_was_due(cast, now, settings):
    settings.EMAIL_BACKEND = "tests.hubs.broken_transport.Backend"
    message = one(cast, now)
    at = rounds(now, 40)
    message.refresh_from_db()
    assert (message.first_due_at, message.attempts) == (now, 4)
    assert [(kind.stuck, kind.oldest) for kind in watching.kinds_today(cast.hub, at)] == [(True, now)]
    at = rounds(now, 200)
    message.refresh_from_db()
    assert (message.state, watching.oldest_due(at)) == ("failed", dt.timedelta(0))
    resend(message, message.address, by=actor(cast.amina, cast.hub), now=at)
    assert (message.first_due_at, watching.oldest_due(at)) == (None, dt.timedelta(0))


def test_row_put_off_keeps_its_next_try_when_zones_change(cast, now, down):
    message = one(cast, now, due_at=WallTime(now.date() + dt.timedelta(days=1), dt.time(8)))
    at = message.due_at
    delivery.drain(lambda: at)
    assert outbox.recompute_due(at) == 0
    message.refresh_from_db()
    assert message.due_at == at + MINUTE


def test_text_messages_go_though_the_mail_server_is_down(cast, now, settings, down, monkeypatch):
    settings.TWILIO_ACCOUNT_SID = "AC1"
    monkeypatch.setitem(channels.ADAPTERS, "sms", ("TWILIO_ACCOUNT_SID", lambda text: "SM0"))
    for number in range(2):
        one(cast, now, str(number))
    subject = note(cast.hub, cast.school, "text", now)
    outbox.queue(KIND, subject, TO._replace(address="+447700900123"), now=now, channel="sms")
    delivery.drain(lambda: now)
    assert set(Message.objects.values_list("channel", "state")) == {("email", "due"), ("sms", "sent")}


def test_gateway_that_nobody_answers_at_is_no_failure_of_the_text(cast, now, settings):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]  # free, and closed again
    settings.TWILIO_ACCOUNT_SID, settings.TWILIO_URL = "AC1", f"http://127.0.0.1:{port}"
    subject = note(cast.hub, cast.school, "text", now)
    for version in "12":
        to = TO._replace(address="+447700900123")
        outbox.queue(KIND, subject, to, now=now, channel="sms", version=version)
    assert delivery.drain(lambda: now) == 1
    assert set(Message.objects.values_list("state", "attempts", "due_at", "first_due_at")) == {
        ("due", 0, now + MINUTE, now)
    }


def test_round_in_which_no_mail_could_go_leaves_no_heartbeat(cast, settings, mailoutbox, down):
    before = database_now()
    heartbeat.record("deliver", now=before - MINUTE)
    one(cast, before)
    for _round in range(2):  # the second finds nothing that is due, and is no success either
        call_command("deliver")
    assert heartbeat.last("deliver") == before - MINUTE
    settings.EMAIL_BACKEND = WORKS
    Message.objects.update(due_at=before)
    call_command("deliver")
    assert (heartbeat.last("deliver") >= before, len(mailoutbox)) == (True, 1)
