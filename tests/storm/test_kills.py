"""Senders killed at random points: nothing lost, nothing twice where the provider honours keys,
and elsewhere no more second copies than kills."""

from __future__ import annotations

import datetime as dt
import random
import re
import time
from collections import Counter

import pytest
from django.db import transaction

from hubs import delivery, outbox, quiet
from hubs.clock import database_now
from hubs.models import Message
from tests.hubs.outbox_kind import GATHERED, KIND, TO, note
from tests.storm.provider import Provider
from tests.storm.senders import fork_sender, kill

pytestmark = [
    pytest.mark.storm,
    pytest.mark.needs_postgresql,
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]


@pytest.fixture(autouse=True)
def quick_leases(settings, monkeypatch):
    settings.EMAIL_BACKEND = "tests.storm.provider.Backend"
    monkeypatch.setattr(delivery, "LEASE", dt.timedelta(seconds=1))
    monkeypatch.setattr(quiet, "today_or_next", lambda *_args: None)  # the storm comes at any hour of any day


@transaction.atomic
def queue(cast, count: int) -> None:
    now = database_now()
    row = note(cast.hub, cast.school, "the open day", now)
    for number in range(count):
        outbox.queue(KIND, row, TO._replace(address=f"reader{number}@quayside.example"), now=now)


@transaction.atomic
def queue_gathered(cast, count: int) -> None:
    """Things that go in digests of five, each told by a number of its own."""
    now = database_now()
    for number in range(count):
        row = note(cast.hub, cast.school, f"thing {number}.", now)
        to = TO._replace(address=f"reader{number // 5}@quayside.example")
        outbox.queue(GATHERED, row, to, now=now, due_at=now)


def storm(cast, *, rows: int, senders: int, kills: int, seconds: float, seed: int, write=queue) -> Provider:
    """Keep `senders` alive, killing one at a random moment `kills` times, until all is sent."""
    write(cast, rows)
    chance, killed = random.Random(seed), 0
    with Provider() as provider:
        alive = [fork_sender() for _sender in range(senders)]
        until = time.monotonic() + seconds
        try:
            while Message.objects.exclude(state="sent").exists() and time.monotonic() < until:
                time.sleep(chance.uniform(0.005, 0.06))
                if killed < kills and _told(provider) >= killed * rows // (kills + 1):
                    kill(alive.pop(chance.randrange(senders)))
                    alive.append(fork_sender())
                    killed += 1
        finally:
            for pid in alive:
                kill(pid)
    assert killed == kills
    return provider


def _told(provider: Provider) -> int:
    return sum(body.count("First & foremost") for body in provider.read)


def check(provider: Provider, rows: int, kills: int) -> None:
    states = set(Message.objects.values_list("state", flat=True))
    assert states == {"sent"}
    assert (len(provider.delivered), len(set(provider.delivered))) == (rows, rows)
    assert sum(provider.taken.values()) - rows <= kills


def test_small_storm(cast):
    check(storm(cast, rows=60, senders=3, kills=5, seconds=60, seed=1), 60, 5)


def check_gathered(provider: Provider, rows: int, kills: int) -> None:
    """Each thing was read once. Senders that begin at one moment may make two digests for one reader."""
    assert set(Message.objects.values_list("state", flat=True)) == {"sent"}
    told = Counter(int(number) for body in provider.read for number in re.findall(r"foremost: thing (\d+)\.", body))
    assert told == Counter(range(rows))
    assert sum(provider.taken.values()) - len(provider.delivered) <= kills


@pytest.fixture
def patient(monkeypatch):
    """On a busy machine a lease of a second runs out under a sender that lives: nothing is given up for that."""
    monkeypatch.setattr(delivery, "MAX_ATTEMPTS", 50)


def test_small_storm_over_digests(cast, patient):
    found = storm(cast, rows=150, senders=3, kills=10, seconds=60, seed=1, write=queue_gathered)
    check_gathered(found, 150, 10)


def test_storm_of_a_thousand_gathered_rows_six_senders_and_sixty_kills(cast, patient):
    found = storm(cast, rows=1000, senders=6, kills=60, seconds=300, seed=2, write=queue_gathered)
    check_gathered(found, 1000, 60)


@pytest.mark.storm
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_storm_of_two_thousand_rows_six_senders_and_sixty_kills(cast, seed):
    check(storm(cast, rows=2000, senders=6, kills=60, seconds=300, seed=seed), 2000, 60)
