"""What ical.js, a reader in another language, makes of a calendar."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent
SCRIPT = HERE / "read.mjs"
FOLDER = HERE.parent.parent / "var" / "ical.js"
INSTALLED = FOLDER / "node_modules" / "ical.js" / "dist" / "ical.js"


def need() -> None:
    """Skip with the reason, or fail where services are required and npm could have brought it."""
    if shutil.which("node") and INSTALLED.exists():
        return
    if os.environ.get("SERVICES") == "required" and shutil.which("npm"):
        pytest.fail("ical.js is not installed: make ical-js")
    pytest.skip("ical.js needs node and npm: make ical-js")


def events(content: bytes) -> list[dict]:
    """Each event as {uid, sequence, status, summary, description, location, stamp, starts: [...], ends}."""
    done = subprocess.run(
        ["node", str(SCRIPT), str(INSTALLED)], input=content, capture_output=True, timeout=60, check=True
    )
    return json.loads(done.stdout)
