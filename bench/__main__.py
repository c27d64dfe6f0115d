"""`python -m bench [MODULE ...]`: run the measures and write bench/results.json.

Every module here has `CASES`, a dict from a name to a function without arguments; one that
writes rows sets `DATABASE = True` and is run in a throwaway test database, after its
`prepare()`, which may fill `CASES`, and `QUERIES` with the statements of each; `SLOW_MS` (or
`LIMITS` by case) and `MANY` mark what takes more, `MOST_MB` what needs more of `MEMORY`.
`COUNTS` says how many things a case does, for a rate; `ONCE` holds what `prepare()` measured itself.
Each case runs once unmeasured, then `RUNS` times; the median counts, and the worst comes first. A
module's own `RUNS = 1` is for what takes minutes. What takes more than it may is named at the end,
which is then a failure.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import pkgutil
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import django

from bench import RUNS

HERE = Path(__file__).resolve().parent


def modules(wanted: list[str]) -> list[ModuleType]:
    names = [info.name for info in pkgutil.iter_modules([str(HERE)]) if not info.name.startswith("_")]
    unknown = sorted(set(wanted) - set(names))
    if unknown:
        raise SystemExit(f"No such measure: {', '.join(unknown)}. There are: {', '.join(names)}.")
    return [importlib.import_module(f"bench.{name}") for name in names if not wanted or name in wanted]


def measure(case, runs: int = RUNS) -> dict[str, float]:
    """Milliseconds: median, least and most of `runs` runs; what runs once is measured the first time."""
    gc.collect()  # what the case before left is not paid for by this one
    if runs > 1:
        case()
    times = []
    for _run in range(runs):
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


def results(module: ModuleType) -> Iterator[tuple[str, dict[str, float], bool]]:
    """(name, figures, whether it takes more than it may), worst first."""
    short = module.__name__.removeprefix("bench.")
    found = {name: {"median_ms": round(taken, 3)} for name, taken in getattr(module, "ONCE", {}).items()}
    found |= {name: measure(case, getattr(module, "RUNS", RUNS)) for name, case in module.CASES.items()}
    for name, figures in sorted(found.items(), key=lambda one: -one[1]["median_ms"]):
        slow = getattr(module, "LIMITS", {}).get(name, getattr(module, "SLOW_MS", float("inf")))
        too_much = figures["median_ms"] > slow
        if name in getattr(module, "QUERIES", {}):
            figures["queries"] = module.QUERIES[name]
            too_much = too_much or module.QUERIES[name] > module.MANY
        if name in getattr(module, "MEMORY", {}):
            figures["peak_mb"] = module.MEMORY[name]
            too_much = too_much or module.MEMORY[name] > module.MOST_MB
        if count := getattr(module, "COUNTS", {}).get(name):
            figures["per_second"] = round(count / figures["median_ms"] * 1000, 1)
        yield f"{short}: {name}", figures, too_much


def line(name: str, figures: dict[str, float], too_much: bool) -> str:
    text = f"{figures['median_ms']:9.1f} ms"
    if "queries" in figures:
        text += f" {figures['queries']:4} queries"
    if "peak_mb" in figures:
        text += f" {figures['peak_mb']:6.1f} MB"
    if "per_second" in figures:
        text += f" {figures['per_second']:9.1f} a second"
    return f"{text}  {name}{'  TOO MUCH' if too_much else ''}"


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    with tempfile.TemporaryDirectory(prefix="throughline-bench-") as folder:
        os.environ["VAR_DIR"] = folder  # mails and files of a measure are no business of the demonstration's
        django.setup()
        cases, over = run(modules(sys.argv[1:]))
        write(cases)
    if over:
        raise SystemExit("\n".join(["These take more than they may:", *(f"  {name}" for name in over)]))


def run(chosen: list[ModuleType]) -> tuple[dict[str, dict[str, float]], list[str]]:
    """The figures of every case, and the names of those over a limit of theirs."""
    cases, over = {}, []
    for module in chosen:
        with throwaway_database(getattr(module, "DATABASE", False)):  # each its own: two want to fill it
            if hasattr(module, "prepare"):
                module.prepare()
            for name, figures, too_much in results(module):
                cases[name] = figures
                if too_much:
                    over.append(name)
                print(line(name, figures, too_much), flush=True)  # noqa: T201 - its output
    return cases, over


def write(cases: dict[str, dict[str, float]]) -> None:
    from django.db import connection

    machine = {"python": platform.python_version(), "cpus": os.cpu_count(), "database": connection.vendor}
    written = {"machine": machine, "runs": RUNS, "cases": cases}
    (HERE / "results.json").write_text(json.dumps(written, indent=2, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
