from __future__ import annotations

import pytest

from tests.tasks.running import Running, manage


@pytest.fixture(scope="session")
def migrated(tmp_path_factory):
    """An SQLite file with every table and nothing in it but what migrations write."""
    folder = tmp_path_factory.mktemp("migrated")
    done = manage(folder, "migrate", "--verbosity", "0")
    assert done.returncode == 0, done.stderr
    return folder / "throughline.sqlite3"


@pytest.fixture
def running(migrated, tmp_path):
    with Running(tmp_path / "var", migrated) as up:
        yield up.start()
