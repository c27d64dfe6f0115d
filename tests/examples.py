"""How many examples a property is tried on."""

from __future__ import annotations

import os


def examples(most: int) -> int:
    """`most` where slow tests run as well, as in CI; a quarter of them, drawn anew each time, in a quick run."""
    return most if os.environ.get("SLOW") else most // 4
