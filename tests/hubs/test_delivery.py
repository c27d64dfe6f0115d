"""Sending: whose clock counts, what is asked again, what happens to what does not arrive."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

import pytest
from django.utils import timezone

from hubs import delivery, outbox
from hubs.actors import system
from hubs.clock import database_now
from hubs.domain.messages import bounced, complained, resend, settle
from hubs.errors import CannotAct, Refused
from hubs.handover import loaded
from hubs.models import Membership, Message, SignedLink
from hubs.wallclock import WallTime
from tests.cast import actor
from tests.hubs.outbox_kind import KIND, TO, note, queued

SECOND = dt.timedelta(seconds=1)
EIGHT = dt.time(8)


@pytest.fixture(autouse=True)
def box(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


def one(cast, now, text="the open day", **fields) -> Message:
    return queued(cast.hub, cast.school, text, now, **fields)


def to_user(cast, now, user, organisation) -> Message:
    to = TO._replace(user_id=user.pk, organisation_id=organisation.pk)
    return outbox.queue(KIND, note(cast.hub, cast.school, "the open day", now), to, now=now)


# ---- Whose clock ---------------------------------------------------------------
@pytest.mark.needs_postgresql
def test_senders_two_hours_off_send_nothing_early_or_late(cast, monkeypatch, mailoutbox):
    at = database_now()
    due, later = one(cast, at), one(cast, at, "later", due_at=at + dt.timedelta(hours=1))
    for hours in (2, -2):
        monkeypatch.setattr(timezone, "now", lambda hours=hours: dt.datetime.now(dt.UTC) + dt.timedelta(hours=hours))
        assert delivery.drain(database_now) == (1 if hours == 2 else 0)
    states = dict(Message.objects.values_list("pk", "state"))
    assert states == {due.pk: "sent", later.pk: "due"}


# ---- Wall clocks ---------------------------------------------------------------
def test_wall_time_is_kept_beside_its_instant(cast, now):
    message = one(cast, now, due_at=WallTime(dt.date(2026, 10, 26), EIGHT))
    message.refresh_from_db()
    assert (message.due_on, message.due_time, message.due_zone) == (dt.date(2026, 10, 26), EIGHT, "")
    assert message.due_at == dt.datetime(2026, 10, 26, 8, tzinfo=dt.UTC)  # the clocks went back on the 25th


def test_wall_time_that_has_passed_means_now(cast, now):
    message = one(cast, now, due_at=WallTime(dt.date(2026, 9, 14), EIGHT))
    assert (message.due_at, message.due_on, message.due_time) == (now, None, None)


def test_hub_that_moves_zone_takes_its_wall_times_along(cast, now):
    own = one(cast, now, due_at=WallTime(dt.date(2026, 10, 20), EIGHT))
    named = one(cast, now, due_at=WallTime(dt.date(2026, 10, 20), EIGHT, "Europe/London"))
    tried = one(cast, now, due_at=WallTime(dt.date(2026, 10, 20), EIGHT))
    instant_only = one(cast, now, due_at=now + SECOND)
    Message.objects.filter(pk=tried.pk).update(attempts=1)
    cast.hub.time_zone = "Europe/Paris"
    cast.hub.save()
    assert (outbox.recompute_due(now), outbox.recompute_due(now)) == (1, 0)
    due = dict(Message.objects.values_list("pk", "due_at"))
    seven = dt.datetime(2026, 10, 20, 7, tzinfo=dt.UTC)
    assert due == {
        own.pk: seven - dt.timedelta(hours=1), named.pk: seven, tried.pk: seven, instant_only.pk: now + SECOND,
    }  # fmt: skip


# ---- Asked again ---------------------------------------------------------------
def test_reader_who_left_gets_nothing(cast, now, mailoutbox):
    stays = to_user(cast, now, cast.coordinator, cast.school)
    left = to_user(cast, now, cast.school_member, cast.school)
    closed = to_user(cast, now, cast.employer_lead, cast.employer)
    Membership.objects.filter(user=cast.school_member).delete()
    cast.employer_lead.is_active = False
    cast.employer_lead.save()
    assert delivery.drain(lambda: now) == 3
    assert dict(Message.objects.values_list("pk", "state")) == {
        stays.pk: "sent", left.pk: "skipped", closed.pk: "skipped",
    }  # fmt: skip
    assert left.history.get().detail == "no longer the reader's"


def test_change_between_making_and_handing_over_is_read_anew(cast, now, mailoutbox, monkeypatch):
    message = one(cast, now, "before")
    opened = delivery.Post.open

    def change_then_open(post, channel):
        outbox.subject_of(message).__class__.objects.filter(text="before").update(text="after")
        opened(post, channel)

    monkeypatch.setattr(delivery.Post, "open", change_then_open)
    assert delivery.deliver_one(delivery.claim(now), now) == "sent"
    assert [mail.subject for mail in mailoutbox] == ["About after"]


def test_change_right_after_reading_is_read_anew(cast, now, mailoutbox, monkeypatch):
    """The subject is loaded, somebody changes it, and only then it is written down as it was read."""
    message = one(cast, now, "before")

    def change_then_look(rows):
        outbox.subject_of(message).__class__.objects.filter(text="before").update(text="after")
        return loaded(rows)

    monkeypatch.setattr(delivery, "loaded", change_then_look)
    assert delivery.deliver_one(delivery.claim(now), now) == "sent"
    assert [mail.subject for mail in mailoutbox] == ["About after"]


def test_subject_that_never_rests_is_left_for_a_moment(cast, now, mailoutbox, monkeypatch):
    message = one(cast, now, "0")
    monkeypatch.setattr(delivery.Post, "open", lambda post, channel: _touch(message))
    assert delivery.deliver_one(delivery.claim(now), now) == "due"
    message.refresh_from_db()
    assert (message.due_at, message.attempts, message.history.count()) == (now + delivery.MOMENT, 0, 0)
    assert mailoutbox == []


def _touch(message) -> None:
    row = outbox.subject_of(message)
    type(row).objects.filter(pk=row.pk).update(text=str(int(row.text) + 1))


def test_row_whose_senders_die_is_given_up(cast, now, mailoutbox):
    message = one(cast, now)
    for number in range(delivery.MAX_ATTEMPTS + 1):
        claimed = delivery.claim(now + number * 2 * delivery.LEASE)
    assert delivery.deliver_one(claimed, now) == "failed"
    message.refresh_from_db()
    assert (message.problem, message.problem_text) == ("gave_up", "its sender did not come back")


# ---- What does not arrive ------------------------------------------------------
def test_refused_address_fails_at_once(cast, now, settings):
    settings.EMAIL_BACKEND = "tests.hubs.broken_transport.NoSuchReader"
    message = one(cast, now)
    delivery.drain(lambda: now)
    message.refresh_from_db()
    assert (message.state, message.attempts, message.problem) == ("failed", 1, "refused")
    assert message.problem_text == "550 no such reader"


def failed(cast, now) -> Message:
    message = one(cast, now)
    Message.objects.filter(pk=message.pk).update(state="failed", problem="gave_up", attempts=5)
    message.refresh_from_db()
    return message


def test_corrected_address_gets_it_as_another_mail(cast, now, mailoutbox):
    message = failed(cast, now)
    before = message.idempotency_key
    subject = outbox.subject_of(message)
    link = SignedLink.objects.create(
        hub=cast.hub, purpose="x", subject_type=subject._meta.label_lower, subject_id=subject.pk,
        address=message.address, nonce="n", token_hash="t", created_at=now, expires_at=now + SECOND,
    )  # fmt: skip
    resend(message, " right@quayside.example ", by=actor(cast.amina, cast.hub), now=now)
    assert delivery.drain(lambda: now) == 1
    message.refresh_from_db()
    link.refresh_from_db()
    assert (message.state, message.attempts, message.problem, link.revoked_at) == ("sent", 1, "", now)
    assert [mail.to for mail in mailoutbox] == [["right@quayside.example"]]
    assert message.idempotency_key != before
    assert mailoutbox[0].extra_headers["Message-ID"] == f"<{message.idempotency_key}@localhost>"


def test_resend_refuses_what_cannot_be_right(cast, now):
    message = failed(cast, now)
    lead = actor(cast.amina, cast.hub)
    with pytest.raises(Refused, match=r"“nonsense” is no e-mail address\. Write one such as name@school\.example\."):
        resend(message, "nonsense", by=lead, now=now)
    other = outbox.queue(KIND, outbox.subject_of(message), TO._replace(address="b@quayside.example"), now=now)
    with pytest.raises(Refused, match="written to that address already"):
        resend(message, other.address, by=lead, now=now)
    with pytest.raises(CannotAct):
        resend(Message.objects.get(pk=message.pk), "c@quayside.example", by=actor(cast.ben, cast.hub), now=now)
    assert Message.objects.get(pk=message.pk).state == "failed"


def test_bounce_fails_the_row_once_and_waits_on_the_desk(cast, now, mailoutbox):
    message = one(cast, now)
    delivery.drain(lambda: now)
    message.refresh_from_db()
    assert bounced(message, "mailbox full", now=now)
    message.refresh_from_db()
    assert not bounced(message, "mailbox full", now=now)
    assert list(Message.objects.on_desk()) == [message]
    assert (message.state, message.problem, message.problem_text) == ("failed", "bounced", "mailbox full")
    settle(message, by=actor(cast.amina, cast.hub), now=now)
    assert list(Message.objects.on_desk()) == []
    with pytest.raises(Refused, match="not on the desk"):
        settle(message, by=actor(cast.amina, cast.hub), now=now)


def test_complaint_leaves_the_row_sent_and_waits_on_the_desk(cast, now, mailoutbox):
    message = one(cast, now)
    delivery.drain(lambda: now)
    message.refresh_from_db()
    assert [complained(message, "spam", now=now), complained(message, "spam", now=now)] == [True, False]
    message.refresh_from_db()
    assert (message.state, message.problem) == ("sent", "complained")
    assert [step.detail for step in message.history.all()] == ["", "spam"]


def test_only_the_hub_settles(cast, now):
    with pytest.raises(CannotAct):
        settle(failed(cast, now), by=system(cast.hub.pk), now=now)


# ---- Stopping ------------------------------------------------------------------
def test_drain_stops_between_two(cast, now, mailoutbox):
    for number in range(3):
        one(cast, now, str(number))
    answers = iter([False, True])
    assert delivery.drain(lambda: now, stop=lambda: next(answers)) == 1


def test_connection_is_opened_once_for_a_round(cast, now, monkeypatch):
    opened = []
    fake = SimpleNamespace(open=lambda: opened.append(1), close=lambda: opened.append("closed"))
    monkeypatch.setattr("hubs.post.get_connection", lambda: fake)
    monkeypatch.setattr("hubs.post.EmailMultiAlternatives.send", lambda mail: 1)
    for number in range(3):
        one(cast, now, str(number))
    assert delivery.drain(lambda: now) == 3
    assert opened == [1, 1, 1, "closed"]  # a backend's open() does nothing when it is open
