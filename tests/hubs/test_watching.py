"""Is everything being sent? What is stuck, what has fallen silent, and who may ask."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from django.apps import apps
from django.db.migrations.recorder import MigrationRecorder
from django.urls import reverse

from hubs import heartbeat, metrics, watching
from hubs.actors import system
from hubs.domain.staff import sync_staff
from hubs.log import record
from hubs.models import Message
from hubs.outbox import KINDS
from tasks.schedule import SCHEDULE
from tests.hubs.outbox_kind import GATHERED, KIND, queued

DAY, MINUTE = dt.timedelta(days=1), dt.timedelta(minutes=1)


def written(cast, at, state="sent", kind=KIND, **fields) -> Message:
    row = queued(cast.hub, cast.school, "the open day", at)
    sent_at = at if state == "sent" else None
    Message.objects.filter(pk=row.pk).update(state=state, sent_at=sent_at, kind=kind, **fields)
    return row


def test_kind_that_is_due_and_not_sent_is_stuck_after_half_an_hour(cast, now):
    written(cast, now - 31 * MINUTE, "due")
    written(cast, now - 29 * MINUTE, "due", GATHERED)
    written(cast, now + 5 * MINUTE, "due", GATHERED)
    assert [(one.name, one.stuck) for one in watching.kinds_today(cast.hub, now)] == [(GATHERED, False), (KIND, True)]
    assert [one.name for one in watching.alarms(cast.hub, now)] == [KIND]
    assert watching.alarms(cast.hub_b, now) == []
    assert watching.oldest_due(now) == 31 * MINUTE
    assert watching.oldest_due(now, cast.hub_b) == dt.timedelta(0)


def test_kind_that_falls_silent_raises_the_alarm(cast, now):
    for number in range(20):
        written(cast, now - 8 * DAY - number * DAY * 1.3)
    assert [(one.name, one.usual, one.week) for one in watching.alarms(cast.hub, now)] == [(KIND, 5.0, 0)]
    written(cast, now - DAY)
    assert watching.alarms(cast.hub, now) == []


def entries(cast, verb: str, *at) -> None:
    for one in at:
        record(cast.school, verb, by=system(cast.hub.pk), now=one)


def test_kind_is_missed_only_as_far_as_what_it_is_written_with_happened(cast, now, monkeypatch):
    monkeypatch.setitem(KINDS, KIND, replace(KINDS[KIND], after="schools.school:opened"))
    for number in range(20):
        written(cast, now - 8 * DAY - number * DAY * 1.3)
    entries(cast, "opened", *(now - 8 * DAY - number * DAY * 1.3 for number in range(20)))
    entries(cast, "closed", *(now - number * DAY for number in range(5)))
    found = watching.kinds_today(cast.hub, now)
    assert ([(one.usual, one.wanted) for one in found], watching.alarms(cast.hub, now)) == ([(5.0, 0.0)], [])
    entries(cast, "opened", *(now - number * DAY for number in range(4)))
    assert ([one.wanted for one in watching.kinds_today(cast.hub, now)], watching.alarms(cast.hub, now)) == ([4.0], [])
    entries(cast, "opened", now - MINUTE)
    assert [(one.name, one.wanted) for one in watching.alarms(cast.hub, now)] == [(KIND, 5.0)]


def test_what_a_kind_is_written_with_is_a_move_there_is():
    """A word of the log that nothing writes would keep a kind from ever being missed."""
    named = [kind.after for kind in KINDS.values() if kind.after]
    assert len(named) > 15
    for thing, verb in (one.split(":") for one in named):
        assert verb in {move[1] for move in apps.get_model(thing).MOVES}, (thing, verb)


def test_kind_that_was_always_rare_is_no_alarm(cast, now):
    for number in range(19):
        written(cast, now - 8 * DAY - number * DAY * 1.3)
    assert watching.alarms(cast.hub, now) == []


def test_kind_that_comes_in_bursts_is_no_alarm_in_between(cast, now):
    for number in range(40):
        written(cast, now - 8 * DAY - number * DAY / 4)
    assert [(one.usual, one.weeks) for one in watching.kinds_today(cast.hub, now)] == [(10.0, 2)]
    assert watching.alarms(cast.hub, now) == []


def test_today_counts_what_was_due_against_what_became_of_it(cast, now):
    midnight = dt.datetime(2026, 9, 14, 23, 0, tzinfo=dt.UTC)  # of the hub's own day
    written(cast, midnight)
    written(cast, midnight - MINUTE)
    written(cast, now - MINUTE, "failed", problem="gave_up")
    written(cast, now - MINUTE, "due")
    one = watching.kinds_today(cast.hub, now)[0]
    assert (one.expected, one.done, one.sent, one.failed) == (3, 2, 1, 1)


def test_job_is_late_after_three_turns(db, now, monkeypatch):
    monkeypatch.setattr(heartbeat, "EXPECTED", {})
    heartbeat.record("quick", now=now - dt.timedelta(seconds=151), every=30)
    heartbeat.record("slow", now=now - DAY, every=86400)
    heartbeat.record("by hand", now=now - 30 * DAY)
    assert [(job.name, job.late) for job in watching.jobs(now)] == [
        ("by hand", False),
        ("quick", True),
        ("slow", False),
    ]


def test_job_that_never_ran_is_late_three_turns_after_the_deployment(db, now, monkeypatch):
    monkeypatch.setattr(heartbeat, "EXPECTED", {"daily": 86400, "quick": 30, "ran": 30})
    MigrationRecorder.Migration.objects.update(applied=now - dt.timedelta(seconds=151))
    heartbeat.record("ran", now=now, every=30)
    assert [(job.name, job.late, job.ever) for job in watching.jobs(now)] == [
        ("daily", False, False),
        ("quick", True, False),
        ("ran", False, True),
    ]
    lines = metrics.exposition(now).decode().splitlines()
    assert [line for line in lines if line.startswith("throughline_job_late")] == [
        'throughline_job_late{job="daily"} 0.0',
        'throughline_job_late{job="quick"} 1.0',
        'throughline_job_late{job="ran"} 0.0',
    ]


def test_every_job_of_the_schedule_is_waited_for():
    assert {name: entry["schedule"] for name, entry in SCHEDULE.items()} == heartbeat.EXPECTED


def test_metrics_count_and_name_nobody(cast, now, monkeypatch):
    monkeypatch.setattr(heartbeat, "EXPECTED", {})
    written(cast, now - MINUTE, "due")
    written(cast, now - MINUTE)
    heartbeat.record("deliver", now=now - MINUTE, every=30)
    lines = [line for line in metrics.exposition(now).decode().splitlines() if not line.startswith("#")]
    assert lines == [
        "throughline_oldest_due_seconds 60.0",
        'throughline_messages_waiting{hub="harbour",kind="test-note"} 1.0',
        'throughline_messages_day{hub="harbour",kind="test-note",state="due"} 1.0',
        'throughline_messages_day{hub="harbour",kind="test-note",state="sent"} 1.0',
        'throughline_job_age_seconds{job="deliver"} 60.0',
        'throughline_job_late{job="deliver"} 0.0',
    ]


def test_metrics_are_for_whoever_brings_the_token(cast, client, settings):
    asked = [{}, {"Authorization": "Bearer "}, {"Authorization": "Bearer secret"}]
    assert [client.get("/metrics", headers=one).status_code for one in asked] == [404, 404, 404]
    settings.METRICS_TOKEN = "secret"
    assert [client.get("/metrics", headers=one).status_code for one in asked] == [404, 404, 200]


@pytest.mark.parametrize("rows", [1, 3])
def test_page_costs_the_same_however_much_was_sent(cast, client, django_assert_num_queries, rows):
    at = dt.datetime.now(dt.UTC) - MINUTE
    for number in range(rows):
        written(cast, at, kind=f"kind-{number}")
    sync_staff(cast.hub)
    client.force_login(cast.ben)
    client.get(reverse("sending:index"))
    with django_assert_num_queries(PAGE):
        page = client.get(reverse("sending:index"))
    assert [one.name for one in page.context["kinds"]] == [f"kind-{number}" for number in range(rows)]
    assert "Everything that was due is on its way" in page.content.decode()


PAGE = 13
