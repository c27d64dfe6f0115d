"""Web, worker and beat in one foreground command: how the embedded deployment runs."""

from __future__ import annotations

import json
import os
import shutil
import signal
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor
from django.utils.translation import gettext as _

from config.supervisor import Child, Supervisor, hold, port_is_free
from hubs.mailbox import at_this_port

LOCK = "up.lock"
SIGN_INS = "demo-sign-ins.txt"
#: What an embedded deployment writes into its folder; anything else there is somebody's.
ITS_OWN = ("beat", "broker", "cache", "mail", "media", "private", "run", SIGN_INS)


class Command(BaseCommand):
    help = "Run web, worker and beat in the foreground until Ctrl-C."
    requires_system_checks = ()  # they cost a second; `check` runs them where it matters

    def add_arguments(self, parser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this machine only)")
        parser.add_argument("--port", type=int, default=settings.PUBLIC_PORT)
        parser.add_argument(
            "--prepare", action="store_true", help="first migrate, and seed an empty database when DEMO is on"
        )
        parser.add_argument("--forget", action="store_true", help="remove everything the embedded demo keeps, and end")

    def handle(self, *args, **options) -> None:
        started = time.monotonic()
        folder = Path(settings.VAR_DIR)
        lock = hold(folder / LOCK)
        if lock is None:
            raise CommandError(
                _("Throughline is already running over %(folder)s. Stop it there, or set VAR_DIR to another folder.")
                % {"folder": folder}
            )
        with lock:
            if options["forget"]:
                self.forget(folder)
                return
            try:
                self.run(folder, options["host"], options["port"], options["prepare"], started)
            except KeyboardInterrupt:  # while preparing; once processes run, the supervisor hears it
                self.say(_("Stopped before it was ready. Nothing half made is kept; start again at any time."))
                raise SystemExit(130) from None

    def run(self, folder: Path, host: str, port: int, prepare: bool, started: float) -> None:
        self.refuse_taken_port(host, port)
        with insisting():
            self.prepare(prepare)
        connections.close_all()  # the supervisor itself needs no database
        make_folders(folder)
        supervisor = Supervisor(children(folder, host, port), folder / "run", self.say)
        status = supervisor.run(lambda: answers(host, port), lambda: self.announce(folder, port, started))
        self.say(_("Stopped."))
        if status:
            raise SystemExit(status)

    def say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()

    def refuse_taken_port(self, host: str, port: int) -> None:
        if port_is_free(host, port):
            return
        raise CommandError(
            _("Port %(port)d is taken by another program. Choose a free one, for example: make demo PORT=%(other)d")
            % {"port": port, "other": port + 1}
        )

    def prepare(self, wanted: bool) -> None:
        """Migrate and seed when asked; otherwise refuse a database that is not up to date."""
        executor = MigrationExecutor(connection)
        pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if pending and not wanted:
            raise CommandError(_("The database is not up to date. Run: python manage.py migrate"))
        if pending:
            self.say(_("Making the tables…"))
            call_command("migrate", interactive=False, verbosity=0)
        if wanted and settings.DEMO and "seed" in get_commands():
            call_command("seed", if_empty=True)

    def forget(self, folder: Path) -> None:
        """Remove the embedded deployment's files; a database elsewhere is somebody's real one."""
        name = str(connection.settings_dict["NAME"])
        here = Path(name).parent == folder and (Path(name).is_file() or not any(folder.iterdir()))
        if settings.PRODUCTION or connection.vendor != "sqlite" or not here:
            raise CommandError(
                _("The database is not the demo's own (%(name)s), so nothing was removed.") % {"name": name}
            )
        database = Path(name).name
        for entry in sorted(folder.iterdir()):
            if entry.name not in ITS_OWN and not entry.name.startswith(database):
                continue
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            else:
                entry.unlink()
        self.say(_("Removed everything the demo kept in %(folder)s.") % {"folder": folder})

    def announce(self, folder: Path, port: int, started: float) -> None:
        seconds = time.monotonic() - started
        self.say("")
        self.say(_("Throughline is ready: %(address)s") % {"address": f"http://localhost:{port}/"})
        if settings.DEMO:
            self.say(_("Outgoing mail: %(address)s") % {"address": f"http://localhost:{port}/demo/mail/"})
            if not settings.HUB_STAFF_NEED_MFA:
                self.say(_("Demo: hub staff sign in without a second factor, and everybody's mail is shown."))
            if (folder / SIGN_INS).is_file():
                self.say("")
                self.say(at_this_port((folder / SIGN_INS).read_text(encoding="utf-8").rstrip()))
        self.say("")
        self.say(_("Started in %(seconds).1f s. Ctrl-C stops everything.") % {"seconds": seconds})


@contextmanager
def insisting(again: float = 1.0) -> Iterator[None]:
    """A Ctrl-C within the block is said once more every `again` seconds until the block ends: whatever catches
    everything may swallow the first, and the demo was then made to its end and started."""

    def interrupt(number, frame) -> None:
        signal.setitimer(signal.ITIMER_REAL, again)
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in (signal.SIGINT, signal.SIGALRM)}
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in before.items():
            signal.signal(number, handler)


def make_folders(folder: Path) -> None:
    """The folders of the embedded broker, emptied: rows are the work, so its messages may go."""
    for name in ("queue", "control"):
        shutil.rmtree(folder / "broker" / name, ignore_errors=True)
        (folder / "broker" / name).mkdir(parents=True)
    for name in ("beat", "mail", "cache"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)  # WhiteNoise warns when it is absent


def drop_torn_tables(control: Path) -> None:
    """A worker killed while writing its routing table leaves half of it, which stops the next one."""
    for path in control.glob("*.exchange"):
        try:
            json.loads(path.read_text(encoding="utf-8"))
        except ValueError:
            path.unlink(missing_ok=True)


def children(folder: Path, host: str, port: int) -> list[Child]:
    """The three processes, as `python -m` commands."""
    os.environ["PUBLIC_PORT"] = str(port)  # every link any of them writes leads back here
    celery = ["celery", "--app", "tasks.celery", "--quiet"]
    return [
        Child("web", web_command(host, port)),
        Child(
            "worker",
            [*celery, "worker", "--pool", "solo", "--loglevel", "ERROR", "--without-gossip", "--without-mingle"],
            before=lambda: drop_torn_tables(folder / "broker" / "control"),
        ),
        Child(
            "beat",
            [*celery, "beat", "--loglevel", "ERROR", "--pidfile", "", "--schedule", str(folder / "beat" / "schedule")],
        ),
    ]


def web_command(host: str, port: int) -> list[str]:
    # One process with threads: the embedded database has one writer anyway.
    options = {"--bind": f"{host}:{port}", "--worker-class": "gthread", "--workers": "1", "--threads": "8"}
    options |= {"--log-level": "warning", "--graceful-timeout": "5", "--no-control-socket": ""}
    return ["gunicorn", *(word for pair in options.items() for word in pair if word), "config.wsgi:application"]


def answers(host: str, port: int) -> bool:
    """Whether the web process says it is alive."""
    host = "127.0.0.1" if host == "0.0.0.0" else host  # noqa: S104 - compared, not bound
    try:
        with urllib.request.urlopen(f"http://{host}:{port}/healthz", timeout=2) as response:
            return response.status == 200
    except (urllib.error.URLError, OSError):
        return False
