"""What a process that reads strangers' files does first. Imports nothing of ours, so that it starts fast."""

from __future__ import annotations

import contextlib


def limit_self(cpu_seconds: int, memory_bytes: int) -> None:
    """Hard limits of the operating system. Where it has none (memory on macOS) the caller's timeout stays."""
    try:
        import resource
    except ImportError:
        return
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + 1))
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
