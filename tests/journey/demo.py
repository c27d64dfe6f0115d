"""The demonstration as it is run: its own folder and SQLite file, and gunicorn in front."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from config.management.commands.up import web_command
from tests.run import free_port

ROOT = Path(__file__).resolve().parent.parent.parent
DROPPED = ("DATABASE_URL", "REDIS_URL", "CELERY_BROKER_URL", "EMAIL_URL", "DEPLOYMENT", "SECRET_KEY", "SCREENSHOTS")


class Demo:
    """`environment` is that of every process of this demonstration."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.base = f"http://localhost:{self.port}"
        self.log = folder / "web.log"
        self.environment = {name: value for name, value in os.environ.items() if name not in DROPPED}
        self.environment |= {
            "VAR_DIR": str(folder),
            "PUBLIC_PORT": str(self.port),
            "DEBUG": "0",
            "DEMO": "1",
            "HUB_STAFF_NEED_MFA": "0",
            "LOG_LEVEL": "ERROR",
        }

    def python(self, *words: str) -> str:
        done = subprocess.run(
            [sys.executable, *words], cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout

    def fill(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.python("manage.py", "migrate", "--verbosity", "0")
        self.python("manage.py", "seed", "--if-empty")

    def walk(self) -> list[dict]:
        return json.loads(self.python("-m", "tests.journey.crawl"))

    @contextmanager
    def served(self) -> Iterator[None]:
        command = [sys.executable, "-m", *web_command("127.0.0.1", self.port)]
        with self.log.open("w") as log:
            process = subprocess.Popen(command, cwd=ROOT, env=self.environment, stderr=log)
        try:
            self.await_answer(process)
            yield
        finally:
            process.terminate()
            process.wait(timeout=20)

    def await_answer(self, process: subprocess.Popen) -> None:
        until = time.monotonic() + 60
        while process.poll() is None and time.monotonic() < until:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=5):
                    return
            except OSError:
                time.sleep(0.3)
        raise AssertionError("the demonstration did not start")
