"""A demo stopped while it is made: no traceback, and nothing that only looks whole."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from config.demo import build as demo
from config.management.commands import up
from hubs.models import User
from tests.prepared import ROOT
from tests.run import free_port
from tests.tasks.running import environment, wait_for


@pytest.fixture
def short(monkeypatch, settings, tmp_path):
    """The demo without its hubs and its year: first and last steps alone."""
    settings.VAR_DIR, settings.MAILBOX_DIR = tmp_path, tmp_path / "mail"
    monkeypatch.setattr(demo, "HUBS", ())
    monkeypatch.setattr(demo, "_jobs", lambda tick, end: None)
    return tmp_path


def test_a_demo_stopped_at_its_last_step_leaves_an_empty_database(db, short, monkeypatch):
    def stopped(hubs):
        raise KeyboardInterrupt

    monkeypatch.setattr(demo.people, "sign_in_sheet", stopped)
    with pytest.raises(KeyboardInterrupt):
        demo.build(timezone.now())
    assert User.objects.count() == 0


def test_the_sheet_of_sign_ins_is_there_before_the_demo_counts(db, short, monkeypatch):
    seen, before = [], len(connection.savepoint_ids)
    monkeypatch.setattr(demo.people, "sign_in_sheet", lambda hubs: seen.append(len(connection.savepoint_ids)) or "x")
    demo.build(timezone.now())
    assert (seen[0] > before, (short / demo.SIGN_INS).read_text(), User.objects.count()) == (True, "x", 1)


def test_mails_of_a_demo_that_was_stopped_are_taken_away(db, short):
    (short / "mail").mkdir()
    (short / "mail" / "20260101-stale.eml").write_text("x")
    demo.build(timezone.now())
    assert list((short / "mail").glob("*.eml")) == []


def test_a_ctrl_c_that_something_swallows_is_heard_the_next_time():
    swallowed, before = [], signal.getsignal(signal.SIGINT)

    def work() -> None:
        try:
            signal.raise_signal(signal.SIGINT)
        except KeyboardInterrupt as interrupt:  # as a library that catches everything does
            swallowed.append(interrupt)
        time.sleep(5)  # until it is heard

    with pytest.raises(KeyboardInterrupt), up.insisting(again=0.05):
        work()
    assert (len(swallowed), signal.getsignal(signal.SIGINT), signal.getitimer(signal.ITIMER_REAL)[0]) == (1, before, 0)


@pytest.mark.slow
def test_ctrl_c_while_the_demo_is_made_says_so_and_keeps_no_hub(migrated, tmp_path):
    folder = tmp_path / "var"
    folder.mkdir()
    shutil.copy(migrated, folder / "throughline.sqlite3")
    port, log = free_port(), Path(folder / "up.log")
    with log.open("w") as out:
        running = subprocess.Popen(
            [sys.executable, "manage.py", "up", "--prepare", "--port", str(port)],
            cwd=ROOT,
            env=environment(folder, DEMO="1", PUBLIC_PORT=str(port)),
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        wait_for(lambda: "Inventing two hubs" in log.read_text(), 120, log.read_text)
        wait_for(lambda: (folder / "throughline.sqlite3-wal").exists(), 60, log.read_text)
        os.kill(running.pid, signal.SIGINT)
        assert running.wait(timeout=60) == 130
    finally:
        if running.poll() is None:
            running.kill()
    said = log.read_text()
    assert ("Traceback" in said, said.rstrip().endswith("start again at any time.")) == (False, True)
    with sqlite3.connect(folder / "throughline.sqlite3") as rows:
        assert rows.execute("select count(*) from hubs_hub").fetchone() == (0,)
    assert not (folder / "demo-sign-ins.txt").exists()
