"""The embedded deployment as a person meets it: started, stopped, and killed in parts."""

from __future__ import annotations

import json
import os
import signal
import socket
import urllib.request

import pytest

from tests.tasks.running import NAMES, Running, group_lives, manage, wait_for

pytestmark = pytest.mark.slow
DRILL = "tests.tasks.drill.settings"


def get(port: int, path: str) -> dict:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as response:
        return json.load(response)


def test_up_answers_delivers_and_leaves_nothing_on_ctrl_c(running):
    assert get(running.port, "/healthz") == {"status": "ok", "demo": False}
    wait_for(lambda: get(running.port, "/readyz")["last_delivery_at"], 30, running.said)
    assert running.all_groups() == {running.process.pid, *(running.pid(name) for name in NAMES)}
    os.killpg(running.process.pid, signal.SIGINT)
    assert running.process.wait(timeout=15) == 0
    assert running.none_left()
    assert running.said().rstrip().endswith("Stopped.")
    assert sorted((running.folder / "run").iterdir()) == []


def test_up_leaves_nothing_when_it_is_killed_itself(running):
    os.kill(running.process.pid, signal.SIGKILL)
    running.process.wait()
    wait_for(running.none_left, 10)


def test_up_starts_each_process_again_when_it_is_killed(running):
    for name in NAMES:
        running.kill(name)
    wait_for(lambda: get_or_none(running.port) == {"status": "ok", "demo": False}, 20, running.said)
    assert [f"The {name} process was killed by signal 9" in running.said() for name in NAMES] == [True] * 3
    os.kill(running.process.pid, signal.SIGTERM)
    assert running.process.wait(timeout=15) == 0
    assert running.none_left()


def get_or_none(port: int) -> dict | None:
    try:
        return get(port, "/healthz")
    except OSError:
        return None


def kill_through(up: Running, kills: tuple[tuple[int, str], ...], count: int) -> None:
    """Start over `count` queued rows, kill each named process once so many mails arrived, and
    see every row sent, every mail there, and no more second copies than kills of the worker."""
    queued = manage(up.folder, "queue_drill", str(count), DJANGO_SETTINGS_MODULE=DRILL)
    assert queued.returncode == 0, queued.stderr
    assert up.states() == {"due": count}
    up.start()
    for mails, name in kills:
        wait_for(lambda mails=mails: len(up.message_ids()) >= mails, 30, up.said)
        assert up.states() != {"sent": count}, "the kill came too late to show anything"
        up.kill(name)
    wait_for(lambda: up.states() == {"sent": count}, 30, up.said)
    arrived = up.message_ids()
    assert len(arrived) == count
    assert sum(arrived.values()) - count <= [name for _mails, name in kills].count("worker")
    os.kill(up.process.pid, signal.SIGTERM)
    assert up.process.wait(timeout=15) == 0
    assert up.none_left()


def test_killing_processes_loses_no_message_and_repeats_only_those_in_flight(migrated, tmp_path):
    kills = ((5, "worker"), (20, "worker"), (30, "beat"), (35, "web"), (40, "worker"))
    with Running(tmp_path / "var", migrated, DJANGO_SETTINGS_MODULE=DRILL) as up:
        kill_through(up, kills, 60)


@pytest.mark.needs_redis
def test_killing_the_worker_over_redis_loses_no_message_either(migrated, tmp_path, redis_url):
    with Running(tmp_path / "var", migrated, DJANGO_SETTINGS_MODULE=DRILL, REDIS_URL=redis_url) as up:
        kill_through(up, ((5, "worker"), (20, "worker")), 40)


def test_up_says_when_the_port_is_taken(migrated, tmp_path):
    up = Running(tmp_path / "var", migrated)
    with socket.socket() as other:
        other.bind(("127.0.0.1", up.port))
        other.listen()
        refused = manage(up.folder, "up", "--port", str(up.port))
    assert refused.returncode == 1
    assert refused.stderr == (
        f"CommandError: Port {up.port} is taken by another program. "
        f"Choose a free one, for example: make demo PORT={up.port + 1}\n"
    )


def test_up_refuses_a_second_start_over_the_same_folder(running):
    refused = manage(running.folder, "up", "--port", "0")
    forgotten = manage(running.folder, "up", "--forget")
    sentence = (
        f"CommandError: Throughline is already running over {running.folder}. "
        "Stop it there, or set VAR_DIR to another folder.\n"
    )
    assert [refused.stderr, forgotten.stderr] == [sentence, sentence]
    assert group_lives(running.process.pid)


def test_up_refuses_a_database_without_its_tables(tmp_path):
    refused = manage(tmp_path, "up", "--port", "0")
    assert refused.stderr == "CommandError: The database is not up to date. Run: python manage.py migrate\n"


def test_up_forgets_only_its_own_files(tmp_path):
    folder = tmp_path / "var"
    (folder / "mail").mkdir(parents=True)
    (folder / "mail" / "1.eml").write_text("x")
    (folder / "throughline.sqlite3").write_text("")
    elsewhere = manage(folder, "up", "--forget", DATABASE_URL=f"sqlite:///{tmp_path}/other.sqlite3")
    assert elsewhere.stderr == (
        f"CommandError: The database is not the demo's own ({tmp_path}/other.sqlite3), so nothing was removed.\n"
    )
    assert (folder / "mail" / "1.eml").exists()
    done = manage(folder, "up", "--forget")
    assert done.stdout == f"Removed everything the demo kept in {folder}.\n"
    assert [path.name for path in folder.iterdir()] == ["up.lock"]
