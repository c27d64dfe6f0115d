"""Rows, not messages: queued once, claimed once, sent once, whatever happens in between."""

from __future__ import annotations

import datetime as dt
import email
import email.policy
import threading
from pathlib import Path

import pytest
from django.db import connection, transaction

from hubs import delivery, outbox
from hubs.models import Message, Note
from tests.hubs.outbox_kind import KIND, TO, note, queued
from tests.race import together

SECOND = dt.timedelta(seconds=1)


@pytest.fixture
def box(settings):
    """The mails on disk, oldest first."""
    settings.EMAIL_BACKEND = "hubs.mailbox.MailboxBackend"

    def read():
        files = sorted(Path(settings.MAILBOX_DIR).glob("*.eml"))
        return [email.message_from_bytes(f.read_bytes(), policy=email.policy.default) for f in files]

    return read


def one(cast, now, text="the open day", **fields) -> Message:
    return queued(cast.hub, cast.school, text, now, **fields)


def history(message: Message) -> list[tuple[str, str]]:
    return [(step.outcome, step.detail) for step in message.history.all()]


# ---- Queueing ------------------------------------------------------------------
def test_queue_twice_is_one_row(cast, now):
    row = note(cast.hub, cast.school, "the open day", now)
    assert outbox.queue(KIND, row, TO, now=now) is not None
    assert outbox.queue(KIND, row, TO, now=now) is None
    assert outbox.queue(KIND, row, TO._replace(address="READER@quayside.example"), now=now) is None
    assert outbox.queue(KIND, row, TO, now=now, version="2") is not None
    assert Message.objects.count() == 2


def test_queue_belongs_to_the_transaction_of_the_change(cast, now):
    def change():
        with transaction.atomic():
            one(cast, now)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        change()
    assert Message.objects.count() == 0


def test_queue_of_unknown_kind_is_a_mistake(cast, now):
    with pytest.raises(KeyError):
        outbox.queue("no-such-kind", cast.school, TO, now=now)


def test_row_holds_neither_words_nor_links(cast, now):
    message = one(cast, now, text="canary-7731")
    stored = Message.objects.filter(pk=message.pk).values_list()[0]
    assert [value for value in stored if "canary-7731" in str(value)] == []


@pytest.mark.parametrize(
    "name", ["Harbour Hub", 'The "Works" Hub, East', "Hub \\ <b@c.example>", "Carrières à l’Ouest", "Two\nlines"]
)
def test_hub_of_any_name_is_the_sender(cast, now, box, name):
    cast.hub.name = name
    cast.hub.save()
    one(cast, now)
    delivery.drain(lambda: now)
    (sender,) = box()[0]["From"].addresses
    assert (sender.display_name, sender.addr_spec) == (" ".join(name.split()), "hub@localhost")


# ---- Claiming ------------------------------------------------------------------
def test_claim_takes_the_oldest_due_and_leaves_what_is_not(cast, now):
    later = one(cast, now, due_at=now + SECOND)
    second = one(cast, now, due_at=now - SECOND)
    first = one(cast, now, due_at=now - 2 * SECOND)
    assert [delivery.claim(now), delivery.claim(now), delivery.claim(now)] == [first, second, None]
    later.refresh_from_db()
    assert later.state == "due"


def test_claim_leases_for_a_minute(cast, now):
    one(cast, now)
    claimed = delivery.claim(now)
    assert (claimed.state, claimed.attempts, claimed.leased_until) == ("leased", 1, now + delivery.LEASE)
    assert delivery.claim(now + delivery.LEASE) is None
    again = delivery.claim(now + delivery.LEASE + SECOND)
    assert (again.pk, again.attempts) == (claimed.pk, 2)
    assert again.lease != claimed.lease


def test_sender_that_lost_its_lease_records_nothing(cast, now, box):
    one(cast, now)
    slow = delivery.claim(now)
    after = now + delivery.LEASE + SECOND
    quick = delivery.claim(after)
    assert delivery.deliver_one(slow, after) == "lost"
    assert delivery.deliver_one(quick, after) == "sent"
    stored = Message.objects.get()
    assert (stored.state, history(stored)) == ("sent", [("sent", "")])
    # The one in flight arrived twice, and says so to whoever receives it.
    assert len({mail["Message-ID"] for mail in box()}) == 1


# ---- Sending -------------------------------------------------------------------
def test_drain_sends_each_once(cast, now, box):
    for number in range(3):
        one(cast, now, text=f"day {number}")
    assert delivery.drain(lambda: now) == 3
    assert delivery.drain(lambda: now) == 0
    assert [mail["Subject"] for mail in box()] == ["About day 0", "About day 1", "About day 2"]
    assert list(Message.objects.values_list("state", "attempts", "sent_at")) == [("sent", 1, now)] * 3


def test_drain_stops_at_its_limit(cast, now, box):
    for number in range(3):
        one(cast, now, text=f"day {number}")
    assert delivery.drain(lambda: now, limit=2) == 2
    assert Message.objects.filter(state="due").count() == 1


def test_mail_says_the_same_in_text_and_html(cast, now, box):
    message = one(cast, now)
    delivery.drain(lambda: now)
    mail = box()[0]
    text = mail.get_body(("plain",)).get_content()
    html = mail.get_body(("html",)).get_content()
    url = "http://testserver:8000/l/answer/abc/?a=1&b=2"
    assert (mail["To"], mail["Reply-To"]) == ("reader@quayside.example", "desk@harbour.example")
    assert mail["From"] == "Harbour Careers Hub <hub@localhost>"
    message.refresh_from_db()
    assert mail["Message-ID"] == message.provider_id
    for part in ("First & foremost: the open day", "Where: Dock <3>", url, "Only you get this.", "Harbour Careers Hub"):
        assert part in text
    for part in ("First &amp; foremost", "Dock &lt;3&gt;", url.replace("&", "&amp;"), "Only you get this.", "Answer"):
        assert part in html
    assert [(a.get_filename(), a.get_content_type()) for a in mail.iter_attachments()] == [
        ("when.ics", "text/calendar")
    ]


@pytest.mark.parametrize(("catalogues", "framed"), [(["en-gb"], "en-gb"), (["en-gb", "de"], "de")])
def test_mail_speaks_the_language_of_its_row_where_there_is_a_catalogue(cast, now, box, settings, catalogues, framed):
    settings.MAIL_LANGUAGES = [one for one in settings.CONTENT_LANGUAGES if one[0] in catalogues]
    message = one(cast, now)
    Message.objects.filter(pk=message.pk).update(language="de")
    delivery.drain(lambda: now)
    assert f'<html lang="{framed}"' in box()[0].get_body(("html",)).get_content()


def test_message_past_its_moment_expires_unsent(cast, now, box):
    message = one(cast, now, not_after=now - SECOND)
    delivery.drain(lambda: now)
    message.refresh_from_db()
    assert (message.state, history(message)) == ("expired", [("expired", "past its last useful moment")])
    assert box() == []


@pytest.mark.parametrize("how", ["not live", "no subject", "no kind"])
def test_message_no_longer_needed_is_skipped(cast, now, box, how):
    message = one(cast, now, text="stale" if how == "not live" else "the open day")
    if how == "no subject":
        Note.objects.all().delete()
    if how == "no kind":
        Message.objects.update(kind="forgotten")
    delivery.drain(lambda: now)
    message.refresh_from_db()
    assert (message.state, history(message)) == ("skipped", [("skipped", "no longer needed")])
    assert box() == []


def test_poison_is_retried_with_growing_waits_then_stopped(cast, now, box):
    poison, healthy = one(cast, now, text="poison"), one(cast, now)
    clock, waits = now, []
    for _attempt in range(delivery.MAX_ATTEMPTS):
        delivery.drain(lambda at=clock: at)
        poison.refresh_from_db()
        waits.append((poison.due_at - clock).total_seconds())
        clock = max(poison.due_at, clock)
    assert waits[:-1] == list(delivery.RETRY_AFTER)
    assert (poison.state, poison.attempts) == ("failed", delivery.MAX_ATTEMPTS)
    assert [outcome for outcome, _detail in history(poison)] == ["due"] * 4 + ["failed"]
    assert history(poison)[0][1] == "ValueError: this note cannot be said"
    healthy.refresh_from_db()
    assert healthy.state == "sent"
    assert delivery.drain(lambda: poison.due_at + dt.timedelta(days=1)) == 0


def test_transport_that_fails_once_is_tried_again(cast, now, settings, box):
    message = one(cast, now)
    settings.EMAIL_BACKEND = "tests.hubs.broken_transport.Backend"
    delivery.drain(lambda: now)
    message.refresh_from_db()
    assert (message.state, message.due_at) == ("due", now + dt.timedelta(seconds=60))
    settings.EMAIL_BACKEND = "hubs.mailbox.MailboxBackend"
    delivery.drain(lambda: message.due_at)
    message.refresh_from_db()
    assert [outcome for outcome, _detail in history(message)] == ["due", "sent"]
    assert len(box()) == 1


def test_messages_are_scoped(cast, now):
    one(cast, now)
    Message.objects.update(organisation=cast.school)
    people = (cast.amina, cast.coordinator, cast.other_coordinator, cast.chloe)
    assert [Message.objects.visible_to(person).count() for person in people] == [1, 1, 0, 0]


# ---- Races ---------------------------------------------------------------------
ROWS, SENDERS = 40, 4


def claim_all(now, claim) -> list[int]:
    taken = []
    while (message := claim(now)) is not None:
        taken.append(message.pk)
    return taken


def race(cast, now, claim) -> list[int]:
    for number in range(ROWS):
        one(cast, now, text=f"day {number}")
    results = together(*[lambda: claim_all(now, claim)] * SENDERS)
    assert [r for r in results if isinstance(r, Exception)] == []
    return [pk for taken in results for pk in taken]


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_senders_at_once_never_claim_one_row_twice(cast, now):
    taken = race(cast, now, delivery.claim)
    assert (len(taken), len(set(taken))) == (ROWS, ROWS)


def careless_claim(now) -> Message | None:
    """`delivery.claim` without its lock and without asking again in the update."""
    message = Message.objects.claimable(now).order_by("due_at", "pk").first()
    if message:
        Message.objects.filter(pk=message.pk).update(state="leased", leased_until=now + delivery.LEASE)
    return message


@pytest.mark.needs_postgresql
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_careless_senders_do_claim_twice(cast, now):
    """The negative control: without the lock the race above is real."""
    assert connection.vendor == "postgresql"
    taken = race(cast, now, careless_claim)
    assert len(taken) > len(set(taken))


@pytest.mark.needs_postgresql
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_row_that_another_sender_still_looks_at_is_sent_all_the_same(cast, now, mailoutbox):
    """Whoever looked before the claim was committed locks the row, finds it taken, and holds it until its own claim
    ends. What waits for that is seen in PostgreSQL's own list, so that nothing here depends on time."""
    queued(cast.hub, cast.school, "once", now)
    message = delivery.claim(now)
    looking, sent = threading.Event(), threading.Event()

    def look() -> bool:
        with transaction.atomic():
            Message.objects.select_for_update(no_key=True).get(pk=message.pk)
            looking.set()
            while not (waited_for := somebody_waits()) and not sent.is_set():
                pass
        return waited_for

    def send() -> str:
        looking.wait(timeout=20)
        try:
            return delivery.deliver_one(message, now)
        finally:
            sent.set()

    assert together(look, send) == [True, "sent"]
    assert len(mailoutbox) == 1


def somebody_waits() -> bool:
    """Whether another connection waits for this one's transaction to end."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks"
            " WHERE NOT granted AND locktype = 'transactionid' AND transactionid = pg_current_xact_id()::xid"
        )
        return cursor.fetchone()[0] > 0
