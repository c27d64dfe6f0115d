"""Places over HTTP: a server of several processes, and racers that are processes of their own."""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter

import pytest
from django.db import connection, connections, transaction

from opportunities.models import Session
from placements.domain import brokering, capacity
from placements.models import Placement, StudentDay
from tests import scenes
from tests.cast import NOW
from tests.storm import ground
from tests.storm.server import Call, serving

pytestmark = [
    pytest.mark.slow,
    pytest.mark.races,
    pytest.mark.needs_postgresql,
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]
#: `make storm` runs all of them; one is run with everything else.
SEEDS = 20 if os.environ.get("STORM") else 1


@pytest.fixture
def keys(cast):
    return ground.keys(cast)


def booking(requests, session, keys) -> list[Call]:
    return [
        Call(f"requests/{one.pk}/hold/", {"session": session.pk}, keys.desk[n % len(keys.desk)])
        for n, one in enumerate(requests)
    ]


def statuses(answers) -> dict[int, int]:
    return dict(Counter(answer.status for answer in answers))


def test_without_the_service_fifty_racers_oversell(cast, keys, tmp_path):
    """The negative control: the same race, with the locks and the constraint off."""
    (session,) = ground.sessions(cast, 1, places=10)
    Session.objects.filter(pk=session.pk).update(over_committed=True)  # the constraint lets it pass
    with serving(tmp_path, app="unlocked") as server:
        answers = server.race(booking(ground.requests(cast, 50), session, keys))
    accepted = statuses(answers).get(201, 0)
    session.refresh_from_db()
    assert accepted > 10, statuses(answers)
    assert session.taken > session.places


def test_fifty_racers_for_ten_places_are_ten_accepted_and_forty_conflicts(cast, keys, tmp_path):
    with serving(tmp_path) as server:
        for seed in range(SEEDS):
            (session,) = ground.sessions(cast, 1, places=10)
            answers = server.race(booking(ground.requests(cast, 50), session, keys), seed)
            assert statuses(answers) == {201: 10, 409: 40}, (
                seed,
                [a.body for a in answers if a.status not in (201, 409)],
            )
            assert {answer.body["code"] for answer in answers if answer.status == 409} == {"no_places"}
            session.refresh_from_db()
            assert (session.taken, session.placements.count()) == (10, 10)
    assert capacity.recount() == []


def test_the_same_key_twenty_times_at_once_is_one_placement(cast, keys, tmp_path):
    (session,), (asked,) = ground.sessions(cast, 1, places=10), ground.requests(cast, 1)
    call = Call(f"requests/{asked.pk}/hold/", {"session": session.pk}, keys.desk[0], key="the same")
    with serving(tmp_path) as server:
        answers = server.race([call] * 20)
    assert statuses(answers) == {201: 20}, [a.body for a in answers if a.status != 201]
    assert len({answer.body["id"] for answer in answers}) == 1
    assert sum("Idempotent-Replay" in answer.headers for answer in answers) == 19
    assert Placement.objects.count() == 1


def test_series_in_random_order_are_whole_or_nothing_and_never_wait_in_a_ring(cast, keys, tmp_path):
    weeks = ground.sessions(cast, 6, places=10)
    chance, rounds = random.Random(3), 4 if SEEDS > 1 else 1
    with serving(tmp_path) as server:
        for seed in range(rounds):
            asked = ground.requests(cast, 24, places=3)
            calls = [
                Call(
                    f"requests/{one.pk}/hold-series/",
                    {"sessions": [week.pk for week in chance.sample(weeks, 4)]},
                    keys.desk[n % len(keys.desk)],
                )
                for n, one in enumerate(asked)
            ]
            answers = server.race(calls, seed)
            assert set(statuses(answers)) <= {201, 409}, statuses(answers)
            assert statuses(answers).get(201, 0) >= 3
            held = Counter(Placement.objects.live().filter(request__in=asked).values_list("request", flat=True))
            assert set(held.values()) == {4}
            assert len(held) == statuses(answers)[201]
            for placement in Placement.objects.live():
                brokering.release(placement, by=scenes.desk(cast), now=NOW)
    assert capacity.recount() == []


def test_killed_between_insert_and_commit_the_place_is_free(cast):
    """The process dies with the row written and nothing committed; the next one takes the last place at once."""
    (session,), (first, second) = ground.sessions(cast, 1, places=1), ground.requests(cast, 2)
    connections.close_all()
    reading, writing = os.pipe()
    pid = os.fork()
    if not pid:
        try:
            with transaction.atomic():
                brokering.hold(first, session, by=scenes.desk(cast), now=NOW)
                os.write(writing, b"1" if Placement.objects.exists() else b"0")
                time.sleep(60)
        finally:
            os._exit(1)
    assert os.read(reading, 1) == b"1"  # written, to itself
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    made = brokering.hold(second, session, by=scenes.desk(cast), now=NOW)
    assert list(Placement.objects.all()) == [made]
    assert capacity.recount() == []


def test_two_places_for_one_student_at_once_are_one(cast, keys, tmp_path):
    """Six sessions at the same hour ask for the same class: one gets it, nobody sees an error page."""
    group = scenes.group(cast.school)
    offers = [scenes.opportunity(cast.employer) for _n in range(6)]
    at_once = [scenes.session(offer) for offer in offers]
    asked = [scenes.request(cast, session, of=group) for session in at_once]
    calls = [
        Call(f"requests/{one.pk}/hold/", {"session": session.pk}, keys.desk[n % 4])
        for n, (one, session) in enumerate(zip(asked, at_once, strict=True))
    ]
    with serving(tmp_path) as server:
        answers = server.race(calls)
    assert statuses(answers) == {201: 1, 409: 5}, [answer.body for answer in answers]
    assert StudentDay.objects.filter(live=True).count() == group.size
    assert capacity.recount() == []


def test_raw_sql_past_the_places_is_refused(cast):
    (session,) = ground.sessions(cast, 1, places=10)
    with connection.cursor() as cursor, pytest.raises(Exception, match="session_never_oversold"):
        cursor.execute("UPDATE opportunities_session SET taken = 11 WHERE id = %s", [session.pk])
