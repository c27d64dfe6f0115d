"""`python -m tests.run [pytest arguments]`: pytest, with PostgreSQL and Redis when there are any.

DATABASE_URL and REDIS_URL are used as given. Otherwise, where the servers' programs are
installed, throwaway ones are started on free ports in a temporary folder and stopped at the
end. Otherwise the tests run on SQLite, and the last lines say what did not run.
WORKERS says how many processes share the work (default: one for each core, at most 4).
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.prepared import TEMPLATE, postgresql_migrated, sqlite_migrated

SERVER_USER = "postgres"  # PostgreSQL refuses to run as root
#: A test's database is made anew each time, so a crash may lose it. Its rows are rolled back: what autovacuum
#: learns between two tests (a large table without a row) only misleads the planner in the next.
FAST = (
    "fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off",
    "max_connections=120", "shared_buffers=128MB",
)  # fmt: skip


def program(name: str) -> str:
    """The path of an installed server program, or ""."""
    if found := shutil.which(name):
        return found
    versions = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda p: int(p.parts[4]), reverse=True)
    return str(versions[0]) if versions else ""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def identity() -> dict:
    """Who runs PostgreSQL: this user, or when this is root, the server's own."""
    if os.geteuid() != 0:
        return {}
    entry = pwd.getpwnam(SERVER_USER)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


@contextmanager
def server(command: list[str], port: int, stop: signal.Signals, **options) -> Iterator[None]:
    """Run a server until the block ends; raises when it does not answer within 20 s."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options)
    try:
        until = time.monotonic() + 20
        while process.poll() is None and time.monotonic() < until:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    yield
                    return
            time.sleep(0.1)
        raise SystemExit(f"{command[0]} did not start on port {port}")
    finally:
        process.send_signal(stop)
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def postgresql(folder: Path) -> Iterator[str]:
    who = identity()
    data, port = folder / "data", free_port()
    if who:
        shutil.chown(folder, who["user"], who["group"])
    initdb = [program("initdb"), "-D", str(data), "-U", "throughline", "-A", "trust", "-E", "UTF8", "--no-sync"]
    subprocess.run([*initdb, "--locale=C.UTF-8"], check=True, stdout=subprocess.DEVNULL, cwd=folder, **who)
    settings = [word for setting in FAST for word in ("-c", setting)]
    command = [program("postgres"), "-D", str(data), "-p", str(port), "-h", "127.0.0.1", "-k", str(folder), *settings]
    with server(command, port, signal.SIGINT, cwd=folder, start_new_session=True, **who):
        yield f"postgres://throughline@127.0.0.1:{port}/postgres"


@contextmanager
def redis(folder: Path) -> Iterator[str]:
    port = free_port()
    command = [program("redis-server"), "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    with server([*command, "--maxmemory-policy", "noeviction"], port, signal.SIGTERM, start_new_session=True):
        yield f"redis://127.0.0.1:{port}/0"


def may_run_postgresql() -> bool:
    if not (program("postgres") and program("initdb")):
        return False
    try:
        identity()
    except KeyError:
        return False  # root, and no user to run it as
    return True


def start_services(stack: ExitStack, environment: dict[str, str], folder: Path) -> None:
    """Fill DATABASE_URL and REDIS_URL in, starting what is installed and was not given."""
    starters = (("DATABASE_URL", postgresql, may_run_postgresql()), ("REDIS_URL", redis, bool(program("redis-server"))))
    for variable, starter, installed in starters:
        if environment.get(variable) or environment.get("SERVICES") == "none":
            continue
        if installed:
            own = folder / starter.__name__
            own.mkdir()
            environment[variable] = stack.enter_context(starter(own))


def prepare_databases(stack: ExitStack, environment: dict[str, str], folder: Path) -> None:
    """Migrate once what every worker copies: both kinds at the same time, for there are two cores."""
    with sqlite_migrated(environment, folder / "migrated"):
        if environment.get("DATABASE_URL", "").startswith("postgres"):
            environment[TEMPLATE] = stack.enter_context(postgresql_migrated(environment))


def stopped(tests: subprocess.Popen) -> int:
    """Ask pytest to stop its own way, so that fixtures clean up; end it when it does not."""
    for number in (signal.SIGINT, signal.SIGTERM):
        tests.send_signal(number)
        try:
            return tests.wait(timeout=20)
        except subprocess.TimeoutExpired:
            continue
    tests.kill()
    return tests.wait()


def main() -> int:
    environment = dict(os.environ)
    # A terminated run must stop its servers too: turn the signal into an ordinary exit.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="throughline-tests-")))
        folder.chmod(0o755)
        start_services(stack, environment, folder)
        prepare_databases(stack, environment, folder)
        # Every worker has its own database; tests.sharing says which tests each is given.
        workers = ["-n", environment.get("WORKERS") or str(min(os.cpu_count() or 1, 4)), "--dist", "loadscope"]
        tests = subprocess.Popen([sys.executable, "-m", "pytest", *workers, *sys.argv[1:]], env=environment)
        try:
            return tests.wait()
        except (KeyboardInterrupt, SystemExit):
            return stopped(tests)


if __name__ == "__main__":
    sys.exit(main())
