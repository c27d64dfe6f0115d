"""`make bench` fails when something takes more than it may, and says what."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest

from bench import __main__ as bench
from bench import fit


def measures(**given) -> SimpleNamespace:
    return SimpleNamespace(__name__="bench.pages", CASES={"a page": lambda: None, "a list": lambda: None}, **given)


@pytest.mark.parametrize(
    ("given", "over"),
    [
        ({"SLOW_MS": 300, "MANY": 25, "QUERIES": {"a page": 25}}, []),
        ({"SLOW_MS": 300, "MANY": 25, "QUERIES": {"a page": 26}}, ["pages: a page"]),
        ({"LIMITS": {"a list": -1}}, ["pages: a list"]),
        ({"MEMORY": {"a page": 501}, "MOST_MB": 500}, ["pages: a page"]),
    ],
)
def test_what_takes_more_than_it_may_is_named_and_fails(monkeypatch, tmp_path, given, over):
    monkeypatch.setattr(bench, "modules", lambda wanted: [measures(**given)])
    monkeypatch.setattr(bench, "HERE", tmp_path)
    monkeypatch.setenv("VAR_DIR", str(tmp_path))
    monkeypatch.setattr(bench.sys, "argv", ["bench"])
    said = ""
    try:
        bench.main()
    except SystemExit as ended:
        said = str(ended.code)
    assert said == "\n".join(["These take more than they may:", *(f"  {name}" for name in over)] if over else [])
    assert sorted(json.loads((tmp_path / "results.json").read_text())["cases"]) == ["pages: a list", "pages: a page"]


def test_what_fit_promises_is_held_against_what_it_measures():
    """A limit under a name nobody measures would never be passed."""
    promised = {50: "compile", 200: "one_", 500: "dates_over_60_days"}
    assert set(fit.LIMITS) <= set(fit.CASES)
    assert sorted(fit.LIMITS.values()) == [50, 200, 200, 500]
    assert all(name.startswith(promised[limit]) for name, limit in fit.LIMITS.items())
