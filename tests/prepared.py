"""Migrated databases, made once: each worker's, and each embedded deployment under test, is a copy.

`tests.run` prepares both kinds at the same time before the first test. A plain `pytest` makes
only what it meets: its own database as pytest-django does, and the SQLite file when a test asks.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

ROOT = Path(__file__).resolve().parent.parent
#: The PostgreSQL database that workers copy; set for this run's pytest, and by `tests.run` alone.
TEMPLATE = "MIGRATED_TEMPLATE"
#: What the shell of a run points at, which must not reach an embedded deployment under test.
OUTSIDE = (
    "DATABASE_URL",
    "REDIS_URL",
    "CELERY_BROKER_URL",
    "EMAIL_URL",
    "DEPLOYMENT",
    "DEBUG",
    "VAR_DIR",
    "PUBLIC_PORT",
)


def sqlite_file() -> Path:
    """Where the migrated SQLite file is kept from run to run. Its name changes whenever the
    tables might: with our migrations or with the packages locked."""
    digest = hashlib.sha256()
    for path in [*sorted(ROOT.glob("*/migrations/*.py")), ROOT / "requirements" / "run.txt"]:
        digest.update(path.read_bytes())
    return ROOT / ".pytest_cache" / "migrated" / f"{digest.hexdigest()[:16]}.sqlite3"


def migrating(environment: dict[str, str], **more: str) -> subprocess.Popen:
    command = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    return subprocess.Popen(command, cwd=ROOT, env={**environment, "DJANGO_SETTINGS_MODULE": "config.settings", **more})


def finished(process: subprocess.Popen) -> None:
    if process.wait():
        raise SystemExit("The tables could not be made; what went wrong is above.")


@contextmanager
def sqlite_migrated(environment: dict[str, str], folder: Path) -> Iterator[Path]:
    """The file, begun in `folder` if there is none yet and whole at the end of the block."""
    kept = sqlite_file()
    if kept.exists():
        yield kept
        return
    process = migrating({key: value for key, value in environment.items() if key not in OUTSIDE}, VAR_DIR=str(folder))
    try:
        yield kept
        finished(process)
    finally:
        process.kill()
        process.wait()
    kept.parent.mkdir(parents=True, exist_ok=True)
    beside = shutil.move(folder / "throughline.sqlite3", kept.with_suffix(f".{os.getpid()}"))
    Path(beside).replace(kept)  # whole or not at all, whoever else makes it now


@contextmanager
def postgresql_migrated(environment: dict[str, str]) -> Iterator[str]:
    """The name of a migrated database beside DATABASE_URL's, dropped at the end of the block."""
    given = urlsplit(environment["DATABASE_URL"])
    name = f"test_{given.path.lstrip('/')}_template"
    drop = sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name))
    with psycopg.connect(given.geturl(), autocommit=True) as server:
        server.execute(drop)
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    process = migrating(environment, DATABASE_URL=given._replace(path=f"/{name}").geturl())
    try:
        finished(process)
        yield name
    finally:
        process.kill()
        process.wait()
        with psycopg.connect(given.geturl(), autocommit=True) as server:
            server.execute(drop)
