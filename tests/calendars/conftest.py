"""Every calendar these tests see passes the linter."""

from __future__ import annotations

import pytest

from tests.calendars import linter


@pytest.fixture
def sound():
    def check(content: bytes) -> bytes:
        assert linter.problems(content) == []
        return content

    return check
