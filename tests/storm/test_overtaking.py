"""A change racing with a sender: no message about the old state is handed over after the
change is committed."""

from __future__ import annotations

import datetime as dt
import random
import threading
import time

import psycopg
import pytest
from django.db import connection, connections, transaction

from hubs import delivery, outbox
from hubs.clock import database_now
from hubs.models import Message, Note
from placements.domain import answers, calendar
from placements.models import Placement
from tests import scenes
from tests.cast import actor
from tests.hubs.outbox_kind import KIND, TO, note

pytestmark = [
    pytest.mark.storm,
    pytest.mark.needs_postgresql,
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]


class Witness:
    """The provider: when it has taken a mail it asks the database, as a stranger would, what is
    committed by then. `late` lists mails about a state that was over; `about` begins the
    subjects of those that tell of the state, where others (a cancellation) tell of its end."""

    def __init__(self, sql: str, now_is: str, about: str = "") -> None:
        self.sql, self.now_is, self.about, self.sent, self.late = sql, now_is, about, 0, []
        settings = connection.settings_dict
        self.database = psycopg.connect(
            host=settings["HOST"], port=settings["PORT"] or 5432, user=settings["USER"],
            password=settings["PASSWORD"], dbname=settings["NAME"], autocommit=True,
        )  # fmt: skip
        self.in_hand, self.go_on = threading.Event(), threading.Event()
        self.go_on.set()

    def take(self, key: str) -> None:
        self.in_hand.set()
        self.go_on.wait(timeout=0.3)
        found = self.database.execute(self.sql).fetchone()
        self.sent += 1
        if key.startswith(self.about) and (found is None or found[0] != self.now_is):
            self.late.append(key)


@pytest.fixture
def race(monkeypatch):
    """Hands every mail to the witness set with `race(witness)`."""
    made = []

    def send(post, email, channel):
        made[-1].take(email.subject)
        return "taken"

    monkeypatch.setattr(delivery.Post, "send", send)
    yield lambda witness: made.append(witness) or witness
    for witness in made:
        witness.database.close()


def in_thread(call) -> threading.Thread:
    def run():
        try:
            call()
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


@pytest.fixture
def without_lock(monkeypatch):
    monkeypatch.setattr(delivery, "hold", lambda rows: None)


def change_while_in_hand(cast, race) -> Witness:
    """The change is asked for exactly while the provider has the mail in its hands."""
    row = note(cast.hub, cast.school, "before", database_now())
    outbox.queue(KIND, row, TO, now=database_now())
    witness = race(Witness(f"SELECT text FROM hubs_note WHERE id = {row.pk}", "before"))
    witness.go_on.clear()

    def change():
        witness.in_hand.wait(timeout=10)
        Note.objects.filter(pk=row.pk).update(text="after")
        witness.go_on.set()

    changer = in_thread(change)
    assert delivery.drain(database_now) == 1
    changer.join()
    row.refresh_from_db()
    assert row.text == "after"
    return witness


def test_change_waits_for_the_mail_in_hand(cast, race):
    witness = change_while_in_hand(cast, race)
    assert (witness.sent, witness.late) == (1, [])


def test_without_the_lock_the_mail_is_late(cast, race, without_lock):
    """The negative control."""
    witness = change_while_in_hand(cast, race)
    assert (witness.sent, witness.late) == (1, ["About before"])


def trials(cast, race, count: int) -> Witness:
    """One message and one change each, the change at a random moment of the sending."""
    row = note(cast.hub, cast.school, "", database_now())
    witness = race(Witness(f"SELECT text FROM hubs_note WHERE id = {row.pk}", ""))
    chance, gate, outcomes = random.Random(7), threading.Barrier(2), []
    span = [0.01]  # seconds a hand-over took lately on this machine: the change falls into it

    def change():
        for _trial in range(count):
            gate.wait()
            time.sleep(chance.uniform(0, 1.4 * span[0]))
            with transaction.atomic():
                Note.objects.filter(pk=row.pk).update(text="stale")
            gate.wait()

    changer = in_thread(change)
    for number in range(count):
        witness.now_is = f"open day {number}"
        Note.objects.filter(pk=row.pk).update(text=witness.now_is)
        outbox.queue(KIND, row, TO, now=database_now(), version=str(number))
        gate.wait()
        started = time.monotonic()
        message = delivery.claim(database_now())
        outcomes.append(delivery.deliver_one(message, database_now()))
        span[0] = 0.9 * span[0] + 0.1 * (time.monotonic() - started)
        gate.wait()
        Message.objects.filter(pk=message.pk, state="due").update(state="skipped")
    changer.join()
    # Both ways round must have happened, or nothing was tried.
    assert outcomes.count("sent") > count // 50
    assert len(outcomes) - outcomes.count("sent") > count // 50
    return witness


def test_two_hundred_races_with_a_change(cast, race):
    assert trials(cast, race, 200).late == []


@pytest.mark.storm
def test_ten_thousand_races_with_a_change(cast, race):
    assert trials(cast, race, 10_000).late == []


@pytest.mark.storm
def test_ten_thousand_races_without_the_lock_do_go_wrong(cast, race, without_lock):
    """The negative control of the random trials."""
    assert len(trials(cast, race, 2_000).late) > 0


def calling_off(cast, race, trials: int) -> tuple[list[str], int, int]:
    """The same through the verbs people use: a placement called off, or its day moved, while its
    reminder goes. (late mails, reminders sent, reminders not sent)"""
    lead, chance = actor(cast.employer_lead, cast.hub, cast.employer), random.Random(11)
    of, offer = scenes.group(cast.school, "10X"), scenes.opportunity(cast.employer)
    late, sent, span = [], 0, 0.05
    for number in range(trials):
        weeks, weekday = divmod(number % 40, 5)
        wanted = scenes.session(offer, on=scenes.DAY + dt.timedelta(weeks=weeks, days=weekday - 1))
        placement = scenes.placement(cast, state="accepted", of=of, wanted=wanted)
        reminder = Message.objects.about(placement).filter(kind="starts-tomorrow").first()
        Message.objects.filter(state="due").exclude(pk=reminder.pk).update(state="skipped")
        Message.objects.filter(pk=reminder.pk).update(due_at=scenes.NOW)
        sql = f"SELECT state || sequence FROM placements_placement WHERE id = {placement.pk}"
        witness = race(Witness(sql, f"{placement.state}{placement.sequence}", "Next working day"))

        delay = chance.uniform(0, 1.4 * span)

        def change(placement=placement, number=number, delay=delay):
            time.sleep(delay)
            if number % 2:
                placement.session.days.update(on=placement.session.first_on + dt.timedelta(days=60))
                calendar.true_up(scenes.NOW)
            answers.cancel(Placement.objects.get(pk=placement.pk), "The machine is broken.", by=lead, now=scenes.NOW)

        changer, started = in_thread(change), time.monotonic()
        state = delivery.deliver_one(delivery.claim(scenes.NOW), scenes.NOW)
        span = 0.9 * span + 0.1 * (time.monotonic() - started)
        changer.join()
        late += witness.late
        sent += state == "sent"
        witness.database.close()
    return late, sent, trials - sent


def test_calling_off_or_moving_races_with_the_reminder(cast, race):
    late, sent, kept = calling_off(cast, race, 10)
    assert (late, sent + kept) == ([], 10)


@pytest.mark.storm
def test_a_thousand_placements_called_off_or_moved_while_their_reminder_goes(cast, race):
    late, sent, kept = calling_off(cast, race, 1000)
    assert late == []
    assert min(sent, kept) > 20
