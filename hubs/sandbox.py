"""Read a stranger's file in a process of its own, with a limit on seconds and memory.

The readers refuse what is known to be dangerous; this is for what is not known yet. Costs about a third of a second.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

# Waiting for a busy machine is not the file's fault: much longer than the processor time allowed.
WALL_SECONDS = 30
PROJECT = Path(__file__).resolve().parent.parent


class CannotFinish(Exception):
    """The process reached a limit, or died."""


def run_child(
    module: str, header: dict[str, Any], data: bytes, *, cpu_seconds: int, memory_bytes: int
) -> dict[str, Any]:
    """Run ``python -m module`` with a line of JSON and the file on its input; its answer, one JSON object.

    The child limits itself with ``hubs.limits.limit_self``. Raises Stopped when there was no answer.
    """
    header = {**header, "cpu_seconds": cpu_seconds, "memory_bytes": memory_bytes}
    try:
        child = subprocess.run(  # noqa: S603 - `module` is one of our own
            [sys.executable, "-m", module],
            input=json.dumps(header).encode() + b"\n" + data,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=PROJECT,
            env=_bare_environment(),
            timeout=WALL_SECONDS + cpu_seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise CannotFinish from error
    try:
        answer = json.loads(child.stdout)
    except ValueError as error:
        # Killed by a limit in the middle, or the interpreter itself ran out of memory: no answer, nothing read.
        raise CannotFinish from error
    if not isinstance(answer, dict):
        raise CannotFinish
    return answer


def _bare_environment() -> dict[str, str]:
    """No secrets for the process that reads strangers' files: only what Python needs to find its modules."""
    keep = ("PATH", "SYSTEMROOT", "LANG", "LC_ALL", "VIRTUAL_ENV", "PYTHONHOME", "TZDIR", "PYTHONTZPATH")
    environment = {name: os.environ[name] for name in keep if name in os.environ}
    return {**environment, "PYTHONPATH": os.pathsep.join([str(PROJECT), *filter(None, sys.path)])}
