"""Keeps a handful of processes running in the foreground until told to stop."""

from __future__ import annotations

import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import IO

from django.utils.translation import gettext as _

TICK = 0.1  # seconds between looks at the children
STOP_WITHIN = 10.0  # seconds a child gets to finish what is in hand
STEADY_AFTER = 30.0  # seconds after which a death no longer counts as a failed start
LONGEST_WAIT = 30.0
FAILED_STARTS = 4  # before anything worked: then the fault is not a passing one


def port_is_free(host: str, port: int) -> bool:
    """Whether a server could listen there: nobody answers, and the address can be bound."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # A Mac lets one bind 127.0.0.1 beside a server on every address, so ask first.
        probe.settimeout(0.5)
        if probe.connect_ex((host, port)) == 0:
            return False
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def hold(path: Path) -> IO[str] | None:
    """Take the lock file for as long as this process lives; None when another one has it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = path.open("a+", encoding="utf-8")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        handle.close()
        return None
    handle.seek(0)
    handle.truncate()
    handle.write(f"{os.getpid()}\n")
    handle.flush()
    return handle


@dataclass
class Child:
    """One process to keep: `command` is a module and its arguments; `before` runs before each start."""

    name: str
    command: Sequence[str]
    before: Callable[[], None] = lambda: None
    process: subprocess.Popen | None = None
    started: float = 0.0
    failures: int = 0
    again_at: float = field(default=0.0)


class Supervisor:
    """`run()` returns an exit status once every child is gone. `say` prints a line."""

    def __init__(self, children: Sequence[Child], folder: Path, say: Callable[[str], None]) -> None:
        self.children = children
        self.folder = folder  # where each child's pid is written, for people and tests
        self.say = say
        self.stopping = False
        self.ready = False

    def run(self, is_ready: Callable[[], bool], announce: Callable[[], None]) -> int:
        """Start the first child, once it `is_ready` the others, `announce` it, and keep all until a signal.

        The first is the one people wait for: started together, on two cores, each waits for all.
        """
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._asked_to_stop)
        self.folder.mkdir(parents=True, exist_ok=True)
        read_end, write_end = os.pipe()
        try:
            return self._keep(read_end, is_ready, announce)
        finally:
            self._stop_all()
            os.close(read_end)
            os.close(write_end)

    def _keep(self, leash: int, is_ready: Callable[[], bool], announce: Callable[[], None]) -> int:
        self._start(self.children[0], leash)
        while not self.stopping:
            for child in self.children if self.ready else self.children[:1]:
                self._tend(child, leash)
            if hopeless := self._hopeless():
                self.say(
                    _("The %(name)s process does not stay up; its own words are above. Stopping.")
                    % {"name": hopeless.name}
                )
                return 1
            if not self.ready and is_ready():
                self.ready = True
                announce()
            time.sleep(TICK)
        return 0

    def _hopeless(self) -> Child | None:
        if self.ready:
            return None
        return next((child for child in self.children if child.failures >= FAILED_STARTS), None)

    def _start(self, child: Child, leash: int) -> None:
        child.before()
        child.process = subprocess.Popen(  # noqa: S603 - our own modules
            [sys.executable, "-m", "config.leash", str(leash), *child.command],
            pass_fds=(leash,),
            stdin=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C must reach the supervisor alone, which stops them in order
        )
        child.started = time.monotonic()
        (self.folder / f"{child.name}.pid").write_text(f"{child.process.pid}\n")

    def _tend(self, child: Child, leash: int) -> None:
        """Start again, after a pause that grows, a child that has died."""
        if child.process is None:
            if time.monotonic() >= child.again_at:
                self._start(child, leash)
            return
        status = child.process.poll()
        if status is None:
            return
        self._signal(child, signal.SIGKILL)  # its own children, if it left any
        child.process = None
        steady = time.monotonic() - child.started > STEADY_AFTER
        child.failures = 1 if steady else child.failures + 1
        wait = min(0.5 * 2 ** (child.failures - 1), LONGEST_WAIT)
        child.again_at = time.monotonic() + wait
        sentence = (
            _("The %(name)s process was killed by signal %(number)d; starting it again in %(wait)g s.")
            if status < 0
            else _("The %(name)s process ended with status %(number)d; starting it again in %(wait)g s.")
        )
        self.say(sentence % {"name": child.name, "number": abs(status), "wait": wait})

    def _asked_to_stop(self, number: int, frame: FrameType | None) -> None:
        self.stopping = True

    def _signal(self, child: Child, number: int) -> None:
        if child.process is None:
            return
        # Gone already is fine (a Mac says "not permitted" of a group of the dead).
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(child.process.pid, number)  # a session leader's group has its own number

    def _stop_all(self) -> None:
        self.stopping = True
        for child in self.children:
            if child.process and child.process.poll() is None:
                # To the leader only: it ends its own children in order.
                child.process.terminate()
        end = time.monotonic() + STOP_WITHIN
        for child in self.children:
            if child.process:
                self._wait(child.process, end - time.monotonic())
                self._signal(child, signal.SIGKILL)
                child.process.wait()
            (self.folder / f"{child.name}.pid").unlink(missing_ok=True)

    @staticmethod
    def _wait(process: subprocess.Popen, seconds: float) -> None:
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=max(seconds, 0))
