"""Redis emptied, Redis stopped, two beats: the rows in the database are the truth, so nothing is
lost and nothing comes twice. A Redis server of the test's own; the system's is never touched."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
import redis

from tests.prepared import ROOT
from tests.run import free_port
from tests.tasks.running import Running, environment, wait_for
from tests.tasks.test_up import DRILL, copies_when_all_are_sent, queue, when_arrived

pytestmark = [
    pytest.mark.slow,
    pytest.mark.storm,
    pytest.mark.skipif(shutil.which("redis-server") is None, reason="needs redis-server"),
]
#: Seconds Redis stays away; the long run sets minutes.
AWAY = int(os.environ.get("REDIS_AWAY", "20"))
COUNT = 150


class Redis:
    def __init__(self, folder: Path) -> None:
        self.port, self.folder = free_port(), folder
        self.url = f"redis://127.0.0.1:{self.port}/0"

    def __enter__(self) -> Redis:
        self.start()
        return self

    def start(self) -> None:
        self.process = subprocess.Popen(
            ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", str(self.folder)],
            stdout=subprocess.DEVNULL,
        )
        wait_for(self.answers, 20)

    def answers(self) -> bool:
        try:
            return bool(redis.Redis.from_url(self.url).ping())
        except redis.RedisError:
            return False

    def stop(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def __exit__(self, *exception: object) -> None:
        self.stop()


@pytest.fixture
def up(migrated, tmp_path):
    with (
        Redis(tmp_path) as server,
        Running(tmp_path / "var", migrated, DJANGO_SETTINGS_MODULE=DRILL, REDIS_URL=server.url) as running,
    ):
        running.redis = server
        queue(running, COUNT)
        yield running.start()


def test_flushall_in_the_middle_loses_nothing(up):
    for mails in (10, 40, 70):
        when_arrived(up, mails, COUNT)
        redis.Redis.from_url(up.redis.url).flushall()
    assert copies_when_all_are_sent(up, COUNT) == 0


def page(up, path: str) -> int:
    with urllib.request.urlopen(f"http://127.0.0.1:{up.port}{path}", timeout=30) as answer:
        return answer.status


def test_redis_away_for_long_delays_and_pages_keep_working(up):
    when_arrived(up, 10, COUNT)
    up.redis.stop()
    until = time.monotonic() + AWAY
    while time.monotonic() < until:
        assert [page(up, "/healthz"), page(up, "/accounts/login/")] == [200, 200]
        time.sleep(2)
    up.redis.start()
    assert wait_for(lambda: up.states() == {"sent": COUNT}, 90, up.said) < 60
    assert copies_when_all_are_sent(up, COUNT) == 0


def test_two_beats_at_once_send_nothing_twice(up):
    second = subprocess.Popen(
        [sys.executable, "-m", "celery", "--app", "tasks.celery", "--quiet", "beat", "--pidfile", "",
         "--schedule", str(up.folder / "second-beat")],
        cwd=ROOT, env=environment(up.folder, **up.environment), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        wait_for(lambda: list(up.folder.glob("second-beat*")), 60)
        assert copies_when_all_are_sent(up, COUNT) == 0
    finally:
        second.kill()
        second.wait()
