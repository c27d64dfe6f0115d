"""Real threads, each with its own connection, started at once."""

from __future__ import annotations

import threading

from django.db import connections


def race(workers) -> list[str]:
    """Start all at once; what each came back with."""
    barrier, outcomes = threading.Barrier(len(workers)), []

    def run(work):
        try:
            barrier.wait()
            outcomes.append(work())
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(work,)) for work in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(outcomes)
