"""`manage.py up` as a real process over a folder of its own, for tests that kill parts of it."""

from __future__ import annotations

import email
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from tests.prepared import OUTSIDE, ROOT
from tests.run import free_port

NAMES = ("web", "worker", "beat")


def environment(folder: Path, **more: str) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if key not in OUTSIDE}
    return kept | {"VAR_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "config.settings"} | more


def manage(folder: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess:
    """Run a management command to its end over this folder."""
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=environment(folder, **more),
        capture_output=True,
        text=True,
        timeout=400,
    )


def wait_for(what: Callable[[], object], seconds: float, else_say: Callable[[], str] = str) -> float:
    """Seconds it took until `what()` was true; fails when it does not become so in time."""
    started = time.monotonic()
    while time.monotonic() - started < seconds:
        if what():
            return time.monotonic() - started
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds} s. {else_say()}")


def group_lives(group: int) -> bool:
    """Whether any process of this group still runs (one that waits to be reaped does not)."""
    listing = subprocess.run(["ps", "-A", "-o", "pgid=,stat="], capture_output=True, text=True, check=True).stdout
    rows = (line.split() for line in listing.splitlines())
    return any(row[0] == str(group) and not row[1].startswith("Z") for row in rows if len(row) == 2)


class Running:
    """One `up`; use as a context manager, which leaves no process behind."""

    def __init__(self, folder: Path, database: Path, **more: str) -> None:
        self.folder, self.port = folder, free_port()
        self.environment = {"DELIVER_EVERY_SECONDS": "1"} | more
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(database, folder / "throughline.sqlite3")
        self.groups: set[int] = set()

    def __enter__(self) -> Running:
        return self

    def __exit__(self, *exception: object) -> None:
        for group in self.all_groups():
            if group_lives(group):
                os.killpg(group, signal.SIGKILL)
        self.process.wait()

    def start(self) -> Running:
        self.log = self.folder / "up.log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "up", "--port", str(self.port)],
                cwd=ROOT,
                env=environment(self.folder, PUBLIC_PORT=str(self.port), **self.environment),
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        wait_for(lambda: "Throughline is ready" in self.said(), 120, self.said)
        self.all_groups()
        return self

    def said(self) -> str:
        return self.log.read_text()

    def pid(self, name: str) -> int:
        path = self.folder / "run" / f"{name}.pid"
        return int(path.read_text() or 0) if path.exists() else 0

    def all_groups(self) -> set[int]:
        self.groups |= {self.process.pid, *(pid for name in NAMES if (pid := self.pid(name)))}
        return self.groups

    def kill(self, name: str) -> None:
        """kill -9 one of the three, and wait until another has taken its place."""
        old = self.pid(name)
        os.kill(old, signal.SIGKILL)
        self.replaced(name, old)

    def die(self, moment: str) -> None:
        """Let the worker end itself at this moment of its next message (see drill/mortal.py)."""
        old = self.pid("worker")
        (self.folder / "die").write_text(moment)
        self.replaced("worker", old)

    def replaced(self, name: str, old: int) -> None:
        wait_for(lambda: self.pid(name) not in (0, old), 60, self.said)
        self.all_groups()

    def kill_supervisor(self) -> None:
        """kill -9 `up` itself, and wait until nothing of it is left."""
        self.process.kill()
        self.process.wait()
        wait_for(self.none_left, 30)

    def none_left(self) -> bool:
        return not any(group_lives(group) for group in self.groups)

    def message_ids(self) -> Counter[str]:
        """How often each Message-ID arrived in the mailbox."""
        mails = (self.folder / "mail").glob("*.eml")
        return Counter(str(email.message_from_bytes(path.read_bytes())["Message-ID"]) for path in mails)

    def states(self) -> dict[str, int]:
        """How many message rows are in each state."""
        with sqlite3.connect(self.folder / "throughline.sqlite3", timeout=20) as database:
            return dict(database.execute("SELECT state, COUNT(*) FROM hubs_message GROUP BY state").fetchall())
