"""`python -m bench [MODULE ...]`: run the measures and write bench/results.json.

Every module here has `CASES`, a dict from a name to a function without arguments; one that
writes rows sets `DATABASE = True` and is run in a throwaway test database, after its
`prepare()`, which may fill `CASES`; `SLOW_MS` marks what takes longer. Each case runs once
unmeasured, then `RUNS` times; the median counts.
"""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
import platform
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import django

HERE = Path(__file__).resolve().parent
RUNS = int(os.environ.get("BENCH_RUNS", "7"))


def modules(wanted: list[str]) -> list[ModuleType]:
    names = [info.name for info in pkgutil.iter_modules([str(HERE)]) if not info.name.startswith("_")]
    unknown = sorted(set(wanted) - set(names))
    if unknown:
        raise SystemExit(f"No such measure: {', '.join(unknown)}. There are: {', '.join(names)}.")
    return [importlib.import_module(f"bench.{name}") for name in names if not wanted or name in wanted]


def measure(case) -> dict[str, float]:
    """Milliseconds: median, least and most of `RUNS` runs."""
    case()
    times = []
    for _run in range(RUNS):
        started = time.perf_counter()
        case()
        times.append((time.perf_counter() - started) * 1000)
    return {
        "median_ms": round(statistics.median(times), 3),
        "min_ms": round(min(times), 3),
        "max_ms": round(max(times), 3),
    }


@contextmanager
def throwaway_database(needed: bool) -> Iterator[None]:
    from django.test.utils import setup_databases, teardown_databases

    if not needed:
        yield
        return
    made = setup_databases(verbosity=0, interactive=False, serialized_aliases=())
    try:
        yield
    finally:
        teardown_databases(made, verbosity=0)


def results(chosen: list[ModuleType]) -> Iterator[tuple[str, dict[str, float], str]]:
    with throwaway_database(any(getattr(module, "DATABASE", False) for module in chosen)):
        for module in chosen:
            if hasattr(module, "prepare"):
                module.prepare()
            for name, case in module.CASES.items():
                figures = measure(case)
                slow = figures["median_ms"] > getattr(module, "SLOW_MS", float("inf"))
                yield f"{module.__name__.removeprefix('bench.')}.{name}", figures, "  slow" if slow else ""


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from django.db import connection

    cases = {}
    for name, figures, mark in results(modules(sys.argv[1:])):
        cases[name] = figures
        print(f"{name:50} {figures['median_ms']:10.1f} ms{mark}", flush=True)  # noqa: T201 - its output
    machine = {"python": platform.python_version(), "cpus": os.cpu_count(), "database": connection.vendor}
    written = {"machine": machine, "runs": RUNS, "cases": cases}
    (HERE / "results.json").write_text(json.dumps(written, indent=2, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
