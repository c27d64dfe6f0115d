"""A real server over the test database, and racers that are processes of their own."""

from __future__ import annotations

import http.client
import json
import multiprocessing
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from django.db import connection, connections

ROOT = Path(__file__).resolve().parents[2]
HOST = "testserver"  # the name of the cast's hub
PATIENCE = 60  # seconds a racer waits for its answer
_forked = multiprocessing.get_context("fork")


class Call(NamedTuple):
    path: str
    body: dict
    token: str
    key: str = ""
    method: str = "POST"


class Answer(NamedTuple):
    status: int
    body: dict | list
    headers: dict


@dataclass(frozen=True)
class Server:
    port: int
    process: subprocess.Popen = field(compare=False)

    def ask(self, call: Call, wire: http.client.HTTPConnection | None = None) -> Answer:
        wire = wire or self.wire()
        headers = {"Host": HOST, "Authorization": f"Bearer {call.token}", "Content-Type": "application/json"}
        if call.key:
            headers["Idempotency-Key"] = call.key
        wire.request(call.method, f"/api/v1/{call.path}", json.dumps(call.body), headers)
        answer = wire.getresponse()
        text = answer.read()
        body = json.loads(text) if text[:1] in (b"{", b"[") else {"text": text[:200].decode(errors="replace")}
        return Answer(answer.status, body, dict(answer.getheaders()))

    def wire(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)

    def race(self, calls: Sequence[Call], seed: int = 0) -> list[Answer]:
        """Every call by a process of its own, released at once but for a few random milliseconds."""
        connections.close_all()  # a connection shared by two processes would serve neither
        gate, chance = _forked.Barrier(len(calls)), random.Random(seed)
        pipes, racers = [], []
        for call in calls:
            mine, theirs = _forked.Pipe(duplex=False)
            racer = _forked.Process(target=self._racer, args=(call, gate, theirs, chance.uniform(0, 0.01)))
            racer.start()
            theirs.close()
            pipes.append(mine)
            racers.append(racer)
        answers = [Answer(*pipe.recv()) for pipe in pipes]
        for racer in racers:
            racer.join()
        return answers

    def _racer(self, call: Call, gate, pipe, delay: float) -> None:
        try:
            wire = self.wire()
            wire.connect()
            gate.wait(timeout=PATIENCE)
            time.sleep(delay)
            pipe.send(tuple(self.ask(call, wire)))
        except Exception as error:  # is the answer
            pipe.send((0, {"error": repr(error)}, {}))
        finally:
            os._exit(0)


def database_url() -> str:
    at = connection.settings_dict
    password = f":{at['PASSWORD']}" if at["PASSWORD"] else ""
    return f"postgres://{at['USER']}{password}@{at['HOST']}:{at['PORT'] or 5432}/{at['NAME']}"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def serving(folder: Path, *, app: str = "application", workers: int = 4, threads: int = 4) -> Iterator[Server]:
    """gunicorn with processes and threads over the test database, until the block ends."""
    port = free_port()
    command = [
        sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--worker-class", "gthread", "--preload",
        "--workers", str(workers), "--threads", str(threads), "--backlog", "512", "--timeout", "120",
        "--worker-tmp-dir", str(folder), "--log-level", "error", "--no-control-socket", f"tests.storm.wsgi:{app}",
    ]  # fmt: skip
    environment = {
        **os.environ, "DJANGO_SETTINGS_MODULE": "tests.storm.settings", "DATABASE_URL": database_url(),
        "VAR_DIR": str(folder), "DEPLOYMENT": "embedded",
    }  # fmt: skip
    log = (folder / "server.log").open("wb")
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True)
    try:
        _wait_for(port, process, folder / "server.log")
        yield Server(port, process)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        log.close()


def _wait_for(port: int, process: subprocess.Popen, log: Path) -> None:
    until = time.monotonic() + 120
    while process.poll() is None and time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
    raise RuntimeError(f"the server did not start: {log.read_text()[-2000:]}")
