from __future__ import annotations

import pytest

from tests.tasks.running import Running


@pytest.fixture
def running(migrated, tmp_path):
    with Running(tmp_path / "var", migrated) as up:
        yield up.start()
