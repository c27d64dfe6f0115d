"""Everything at once for a minute, with an observer who looks at one instant after another."""

from __future__ import annotations

import datetime as dt
import os
import random
import time
from collections import Counter
from contextlib import contextmanager, suppress

import psycopg
import pytest
from django.db import OperationalError, connections

from hubs.busy import is_busy
from hubs.errors import Refused
from hubs.models import LogEntry
from opportunities.domain import caps
from opportunities.models import Session
from placements.domain import amending, capacity, jobs, waiting
from placements.models import Placement, PlacementRequest
from tests import scenes
from tests.cast import NOW
from tests.storm import ground
from tests.storm.server import Call, _forked, database_url, serving

pytestmark = [
    pytest.mark.slow,
    pytest.mark.races,
    pytest.mark.needs_postgresql,
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]
SECONDS = 60 if os.environ.get("STORM") else 6
CLIENTS = 6
#: What a client may be answered; 503 is "try again".
ALLOWED = {200, 201, 403, 404, 409, 503}
TAKING = "('held','offered','accepted','ready','under_way','completed','not_attended')"
OVER = f"""
SELECT s.id, s.places, s.taken, coalesce(sum(p.places) FILTER (WHERE p.state IN {TAKING}), 0)
FROM opportunities_session s LEFT JOIN placements_placement p ON p.session_id = s.id GROUP BY s.id
HAVING coalesce(sum(p.places) FILTER (WHERE p.state IN {TAKING}), 0) <> s.taken
    OR (s.taken > s.places AND NOT s.over_committed)
"""


def observer(until: float, pipe) -> None:
    """Samples one snapshot after another in a connection of its own; sends (samples, what was wrong)."""
    wrong, samples = [], 0
    with psycopg.connect(database_url(), autocommit=True) as database:
        while time.time() < until:
            wrong += database.execute(OVER).fetchall()
            samples += 1
            time.sleep(0.01)
    pipe.send((samples, wrong[:5]))
    os._exit(0)


def deadlocks() -> int:
    """How many the database has broken, whoever was in them. Each is answered by "try again", so nobody else tells."""
    with psycopg.connect(database_url(), autocommit=True) as database:
        sql = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
        return database.execute(sql).fetchone()[0]


@contextmanager
def busy_counts(done: Counter):
    """What ran into a time limit or a deadlock is tried again by whoever asked."""
    try:
        yield
    except OperationalError as error:
        if not is_busy(error):
            raise
        done["busy"] += 1


def amender(desk, sessions: list[int], until: float, pipe) -> None:
    """Moves what is agreed to another day: the desk asks, and answers for both sides."""
    chance, done = random.Random(7), Counter()
    while time.time() < until:
        agreed = list(Placement.objects.filter(state__in=["accepted", "ready"]).order_by("-pk")[:20])
        if agreed:
            other = Session.objects.get(pk=chance.choice(sessions))
            with busy_counts(done):
                done[amend(chance.choice(agreed), other, desk)] += 1
        time.sleep(0.01)
    pipe.send(dict(done))
    os._exit(0)


def amend(row: Placement, other: Session, desk) -> str:
    """What became of it: "amended" or "refused"."""
    try:
        made = row.amendments.filter(state="proposed").first()
        made = made or amending.propose(row, session=other, reason="Ill", by=desk, now=NOW)
    except Refused:
        return "refused"
    try:
        amending.agree(made, by=desk, now=NOW)
    except Refused:
        with suppress(Refused):
            amending.refuse(made, "The day is full", by=desk, now=NOW)
        return "refused"
    return "amended"


def clockwork(until: float, pipe) -> None:
    """What the scheduled jobs do, and holds that run out while everybody is at work."""
    chance, done = random.Random(5), Counter()
    while time.time() < until:
        held = list(Placement.objects.filter(state="held").values_list("pk", flat=True)[:20])
        if held and chance.random() < 0.2:
            Placement.objects.filter(pk=chance.choice(held), state="held").update(held_until=NOW)
        with busy_counts(done):
            done["expired"] += jobs.release_expired_holds(NOW + dt.timedelta(seconds=1))
            done["promoted"] += waiting.promote_due(NOW)
        time.sleep(0.05)
    pipe.send(dict(done))
    os._exit(0)


def client(number: int, server, keys, ids: dict, until: float, pipe) -> None:
    """One thing after another, at random, as fast as the server answers."""
    chance, seen, wire, problems = random.Random(number), Counter(), server.wire(), []
    mine = [pk for pk in ids["requests"] if pk % CLIENTS == number]
    placements: list[int] = []
    offered: list[int] = []
    while time.time() < until:
        name, call = _pick(chance, keys, mine, ids["sessions"], placements, offered)
        answer = server.ask(call, wire)
        seen[name, answer.status] += 1
        if answer.status not in ALLOWED:
            problems.append((name, answer.status, answer.body))
        made = answer.body if isinstance(answer.body, list) else [answer.body]
        if answer.status == 201 and name in ("book", "book a series"):
            placements += [row["id"] for row in made]
        if answer.status == 200 and name == "offer":
            offered += [row["id"] for row in made]
    pipe.send((seen, problems[:3]))
    os._exit(0)


def _pick(chance, keys, requests, sessions, placements, offered) -> tuple[str, Call]:
    desk, asked = chance.choice(keys.desk), chance.choice(requests)
    one = chance.choice(placements[-12:]) if placements else 0
    asked_of = chance.choice(offered[-4:]) if offered else one
    a_session, places = chance.choice(sessions), chance.randint(1, 3)
    return chance.choice(
        [
            ("book", Call(f"requests/{asked}/hold/", {"session": a_session, "places": places}, desk)),
            ("book", Call(f"requests/{asked}/hold/", {"session": a_session, "places": places}, desk)),
            ("book a series", Call(
                f"requests/{asked}/hold-series/", {"sessions": chance.sample(sessions, 3), "places": places}, desk)),
            # Three times, for a line is joined only while the session is full and the request still waits.
            *[("wait", Call(f"requests/{asked}/wait/", {"session": a_session, "places": places}, desk))] * 3,
            *[("offer", Call(f"placements/{one}/offer/", {}, desk))] * 2,
            ("accept", Call(f"placements/{asked_of}/accept/", {}, keys.employer)),
            ("decline", Call(f"placements/{asked_of}/decline/", {"reason": "No room."}, keys.employer)),
            ("cancel", Call(f"placements/{one}/cancel/", {"reason": "A strike."}, desk)),
            ("release", Call(f"placements/{one}/release/", {}, desk)),
            ("withdraw", Call(f"requests/{asked}/withdraw/", {}, desk)),
            ("places", Call(f"sessions/{a_session}/places/", {"places": chance.randint(3, 9)}, keys.employer)),
            ("name", Call(f"placements/{one}/name-students/", {"students": []}, desk)),
        ]
    )  # fmt: skip


def test_everything_at_once_never_oversells_and_counts_right_in_the_end(cast, tmp_path):
    keys = ground.keys(cast)
    sessions = ground.sessions(cast, 4, places=6)
    requests = ground.requests(cast, 600, places=2)
    ids = {"sessions": [row.pk for row in sessions], "requests": [row.pk for row in requests]}
    # Fewer than the sessions have together: everybody locks it, and some are refused by it.
    caps.set_cap(
        cast.hub, {"employer": cast.employer, "per": "employer_month", "most": 22}, by=scenes.desk(cast), now=NOW
    )
    before = deadlocks()
    with serving(tmp_path) as server:
        connections.close_all()
        until, running = time.time() + SECONDS, []
        for target, args in (
            (observer, ()),
            (clockwork, ()),
            (amender, (scenes.desk(cast), ids["sessions"])),
            *((client, (number, server, keys, ids)) for number in range(CLIENTS)),
        ):
            mine, theirs = _forked.Pipe(duplex=False)
            process = _forked.Process(target=target, args=(*args, until, theirs))
            process.start()
            running.append((process, mine))
        (samples, wrong), done, amended, *answered = [mine.recv() for _process, mine in running]
        for process, _mine in running:
            process.join(timeout=60)
    seen, problems = sum((one for one, _problems in answered), Counter()), [p for _seen, ps in answered for p in ps]
    report = {f"{name} {status}": count for (name, status), count in sorted(seen.items())}
    busy = sum(count for (_name, status), count in seen.items() if status == 503)
    broken = deadlocks() - before
    made_of = f"{samples} samples, {sum(seen.values())} calls, {busy} busy, {broken} deadlocks, {done}, {amended}"
    print(f"{made_of}: {report}")  # noqa: T201 - what a storm was made of
    assert problems == []
    assert broken == 0, f"somebody locks out of order: {report}"
    # A time limit now and then is a machine that is slow; many are somebody who holds too long.
    assert busy <= sum(seen.values()) / 20, report
    assert wrong == []
    assert samples > SECONDS
    assert capacity.recount() == []
    assert seen["book", 201], f"nobody could book: {report}"  # or nothing was tried
    if SECONDS > 10:  # in a few seconds a slow machine answers a few calls only
        for name, status in (("book", 409), ("book a series", 201), ("offer", 200), ("accept", 200)):
            assert seen[name, status], f"nobody could {name}: {report}"
        assert seen["wait", 201], report
        assert amended.get("amended"), amended
        # By the verb that freed the places, as a rule; the clockwork finds what no verb served.
        assert LogEntry.objects.filter(verb="waiting_served").exists(), f"nobody came up on a waiting list: {report}"
    assert PlacementRequest.objects.filter(state="submitted").exists()
    assert Session.objects.filter(taken__gt=0).exists()
