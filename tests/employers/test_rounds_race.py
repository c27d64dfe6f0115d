"""A round run by several processes at once, and by processes that are killed: each person told once."""

from __future__ import annotations

import datetime as dt
import os
import random
import signal
import time
from collections import Counter
from contextlib import contextmanager

import pytest
from django.db import connection, connections

from employers import assessing, framing, rounds
from employers.models import AssessmentRound, Employer, SelfAssessment
from hubs.actors import system
from hubs.models import LogEntry, Message, Role
from tests.cast import NOW, actor, join, person
from tests.employers.assessments import said_all
from tests.race import together

pytestmark = [
    pytest.mark.needs_postgresql,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]

DAY = dt.timedelta(days=1)
OPENS, CLOSES = dt.date(2026, 10, 1), dt.date(2026, 10, 31)
EMPLOYERS, AT_ONCE = 10, 4


def at(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(9), dt.UTC)


#: The moments of a year: it opens, reminds three times, escalates, closes.
MOMENTS = [at(OPENS), at(CLOSES - 21 * DAY), at(CLOSES - 7 * DAY), at(CLOSES - 2 * DAY), at(CLOSES + DAY)]


@pytest.fixture
def planned(cast) -> AssessmentRound:
    """A round that asks ten employers with a lead each, the cast's two among them."""
    framework = framing.load_framework(cast.hub, by=system(), now=NOW)
    for number in range(EMPLOYERS - 2):
        made = Employer.objects.create(hub=cast.hub, name=f"Employer {number}")
        join(person(f"lead{number}@employers.example", f"Lead {number}"), cast.hub, Role.EMPLOYER_LEAD, made)
    fields = {"framework": framework, "name": "Autumn 2026", "opens_on": OPENS, "closes_on": CLOSES, "sectors": []}
    return rounds.plan_round(cast.hub, fields, by=actor(cast.amina, cast.hub), now=NOW)


def answered(cast) -> SelfAssessment:
    """One of them answers on the first day and is confirmed."""
    by = actor(cast.employer_lead, cast.hub, cast.employer)
    row = assessing.start(cast.employer, by=by, now=at(OPENS))
    assessing.save_answers(row, said_all(row, 3), by=by, now=at(OPENS))
    assessing.submit(row, by=by, now=at(OPENS))
    assessing.confirm(row, by=actor(cast.amina, cast.hub), now=at(OPENS))
    return row


def told() -> Counter:
    return Counter(Message.objects.filter(kind__startswith="round-").values_list("kind", flat=True))


def check(row: AssessmentRound, mine: SelfAssessment, before: tuple) -> None:
    """What one undisturbed run leaves: nine were reminded three times, everybody else once; one log line a move."""
    assert told() == {
        "round-opened": EMPLOYERS, "round-reminder": 3 * (EMPLOYERS - 1), "round-missing": 1, "round-report": 1,
    }  # fmt: skip
    keys = Message.objects.values_list("kind", "address", "version")
    assert len(set(keys)) == len(keys)
    row.refresh_from_db()
    mine.refresh_from_db()
    assert (row.state, row.report["asked"], row.report["answered"], row.report["unproved"]) == (
        "closed",
        EMPLOYERS,
        1,
        [],
    )
    assert (mine.state, mine.result, mine.fingerprint) == ("final", *before)
    moves = LogEntry.objects.filter(subject_type="employers.assessmentround", subject_id=row.pk, to_state__gt="")
    assert sorted(moves.values_list("to_state", flat=True)) == ["closed", "open"]


def test_four_runs_at_once_at_every_moment_leave_what_one_leaves(cast, planned):
    mine, before = None, ()
    for now in MOMENTS:
        outcomes = together(*[lambda now=now: rounds.run_rounds(now) for _run in range(AT_ONCE)])
        assert [one for one in outcomes if isinstance(one, Exception)] == []
        if mine is None:
            mine = answered(cast)
            before = (mine.result, mine.fingerprint)
    check(planned, mine, before)


@pytest.mark.parametrize("seed", range(3))
def test_runs_killed_at_any_moment_leave_what_one_leaves(cast, planned, seed):
    """Processes that run the same moment over and over are killed by SIGKILL wherever they are."""
    chance, mine, before, killed = random.Random(seed), None, (), 0
    for now in MOMENTS:
        alive = [_forked(now) for _process in range(3)]
        for pid in alive:
            time.sleep(chance.uniform(0.0, 0.15))
            os.kill(pid, signal.SIGKILL)
            _pid, status = os.waitpid(pid, 0)
            killed += os.WIFSIGNALED(status)
        rounds.run_rounds(now)  # the next one on the schedule
        if mine is None:
            mine = answered(cast)
            before = (mine.result, mine.fingerprint)
    assert killed == 3 * len(MOMENTS)
    check(planned, mine, before)


def _forked(now: dt.datetime) -> int:
    connections.close_all()  # a connection shared by two processes would serve neither
    pid = os.fork()
    if pid:
        return pid
    try:
        while True:
            rounds.run_rounds(now)
    finally:
        os._exit(1)


@contextmanager
def without_the_key():
    """Messages may be written twice, as they could without their unique key."""
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, "hubs_message")
        (name,) = [
            n for n, one in found.items() if one["unique"] and one["columns"] == ["key"] and not one["index"]
        ] or [n for n, one in found.items() if one["unique"] and one["columns"] == ["key"]]
        cursor.execute(f'ALTER TABLE hubs_message DROP CONSTRAINT "{name}"')
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE hubs_message CASCADE")
            cursor.execute(f'ALTER TABLE hubs_message ADD CONSTRAINT "{name}" UNIQUE (key)')


def invited_by_four_at_once(row: AssessmentRound) -> int:
    rounds.run_rounds(at(OPENS))
    Message.objects.all().delete()
    row.refresh_from_db()
    together(*[lambda: rounds.invite(row, now=at(OPENS)) for _run in range(AT_ONCE)])
    return told()["round-opened"]


def test_it_is_the_key_that_keeps_it_to_once(planned):
    """The negative control: the same race without the key tells people twice."""
    with without_the_key():
        assert invited_by_four_at_once(planned) > EMPLOYERS


def test_with_the_key_the_same_race_tells_everybody_once(planned):
    assert invited_by_four_at_once(planned) == EMPLOYERS
