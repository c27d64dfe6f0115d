"""The demonstration as it is run: its own folder and SQLite file, and gunicorn in front."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
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
        self.log = folder / f"web-{self.port}.log"
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

    def fill(self, migrated: Path) -> None:
        """Seed it and walk it, once for all workers that share the folder: the others wait."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "filling.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if self.visits_file.exists():
                return
            shutil.copy(migrated, self.folder / "throughline.sqlite3")
            self.python("manage.py", "seed")
            self.visits_file.write_text(self.python("-m", "tests.journey.crawl"))

    @property
    def visits_file(self) -> Path:
        return self.folder / "visits.json"

    def visits(self) -> list[dict]:
        return json.loads(self.visits_file.read_text())

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
