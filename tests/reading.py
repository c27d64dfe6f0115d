"""A stranger's file, read without a process of its own: the child's road in this process, but for its limits.

A process costs a third of a second, and tests load hundreds of files. Where slow tests run too, as in CI on PostgreSQL,
files are read as in production; so are the files of the tests of the limits themselves, which keep no rows.
"""

from __future__ import annotations

import importlib
import io
import json
import sys
from typing import Any

import pytest


def read_here(module: str, header: dict[str, Any], data: bytes, **limits: int) -> dict[str, Any]:
    """As `hubs.sandbox.run_child`."""
    asked, answered = (
        io.TextIOWrapper(io.BytesIO(json.dumps({**header, **limits}).encode() + b"\n" + data)),
        io.StringIO(),
    )
    child = importlib.import_module(module)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(child, "limit_self", lambda *limits: None)
        patch.setattr(sys, "stdin", asked)
        patch.setattr(sys, "stdout", answered)
        child.main()
    return json.loads(answered.getvalue())
