from __future__ import annotations

import hashlib
import shutil

import pytest

from tests.tasks.running import ROOT, Running, manage


def fingerprint() -> str:
    """Changes whenever the tables might: with our migrations or with the packages locked."""
    digest = hashlib.sha256()
    for path in [*sorted(ROOT.glob("*/migrations/*.py")), ROOT / "requirements" / "run.txt"]:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


@pytest.fixture(scope="session")
def migrated(tmp_path_factory, pytestconfig):
    """An SQLite file with every table and nothing in it but what migrations write. It takes a
    minute to make, so pytest's cache keeps it for the next run."""
    kept = pytestconfig.cache.mkdir("migrated") / f"{fingerprint()}.sqlite3"
    if not kept.exists():
        folder = tmp_path_factory.mktemp("migrated")
        done = manage(folder, "migrate", "--verbosity", "0")
        assert done.returncode == 0, done.stderr
        shutil.move(folder / "throughline.sqlite3", kept)
    return kept


@pytest.fixture
def running(migrated, tmp_path):
    with Running(tmp_path / "var", migrated) as up:
        yield up.start()
