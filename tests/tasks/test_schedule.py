from __future__ import annotations

import datetime as dt

import pytest

from hubs import heartbeat
from tasks.celery import app
from tasks.schedule import SCHEDULE


def test_schedule_names_only_jobs_that_exist():
    app.loader.import_default_modules()
    ours = {name for name in app.tasks if name.startswith("tasks.")}
    assert {entry["task"] for entry in SCHEDULE.values()} == ours


def test_schedule_counts_seconds_and_never_reads_a_wall_clock():
    assert {type(entry["schedule"]) for entry in SCHEDULE.values()} == {int}
    assert app.conf.timezone == "UTC"


def test_job_outlives_a_worker_whose_clock_is_two_hours_ahead_and_expires_all_the_same():
    for name, entry in SCHEDULE.items():
        assert max(entry["schedule"], 2 * 3600) < entry["options"]["expires"] + 1 <= 86401, name


def test_every_job_runs_on_an_empty_database_and_leaves_its_heartbeat(db):
    app.loader.import_default_modules()
    assert {name: app.tasks[entry["task"]].run() for name, entry in SCHEDULE.items()} == dict.fromkeys(SCHEDULE, 0)
    assert [type(heartbeat.last(name)) for name in SCHEDULE] == [dt.datetime] * len(SCHEDULE)


def test_heartbeat_stays_away_when_a_job_fails(db, monkeypatch, now):
    heartbeat.record("deliver", now=now)
    app.loader.import_default_modules()
    monkeypatch.setattr("hubs.delivery.drain", lambda clock, **options: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        app.tasks["tasks.jobs.deliver"].run()
    assert heartbeat.last("deliver") == now
