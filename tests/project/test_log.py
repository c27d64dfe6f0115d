"""Every verb the domain records has its words."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from django.apps import apps

from hubs.verbs import VERBS
from tests.project.test_models import OURS, own_models
from tests.tasks.running import ROOT


def trees() -> Iterator[ast.Module]:
    for app in OURS:
        for path in (ROOT / app).rglob("*.py"):
            if "migrations" not in path.parts:
                yield ast.parse(path.read_text(encoding="utf-8"), str(path))


def named(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def texts(node: ast.AST) -> set[str]:
    """The strings an argument may be: one, or one of two."""
    if isinstance(node, ast.IfExp):
        return texts(node.body) | texts(node.orelse)
    return {node.value} if isinstance(node, ast.Constant) and isinstance(node.value, str) else set()


def places_of_verbs(tree: ast.Module) -> dict[str, int]:
    """Functions that take a verb, and where among their arguments: `record`, and those that pass one on."""
    found = {"record": 1, "record_own": 1}
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            names = [argument.arg for argument in node.args.args]
            if "verb" in names and "by" in {argument.arg for argument in node.args.kwonlyargs}:
                found[node.name] = names.index("verb")
    return found


def recorded() -> set[str]:
    """Verbs written in the code, and the states that moves are logged under."""
    found = {row[1] for model in own_models() for row in getattr(model, "MOVES", ())}
    for tree in trees():
        places = places_of_verbs(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and named(node) in places:
                place = places[named(node)]
                if len(node.args) > place:
                    found |= texts(node.args[place])
    return found


def test_every_verb_is_in_the_table():
    known = {verb.rpartition(".")[2] for verb in VERBS}
    verbs = recorded()
    assert {"adopted", "moved", "published", "put_aside"} <= verbs
    assert sorted(verbs - known) == []


def test_words_for_one_kind_of_row_name_a_kind_there_is():
    labels = {model._meta.label_lower for model in apps.get_models()}
    assert sorted(v for v in VERBS if "." in v and v.rpartition(".")[0] not in labels) == []


def test_verbs_are_written_one_way():
    assert [
        verb for verb in VERBS if not verb.replace(".", "_").replace("_", "").isalpha() or verb != verb.lower()
    ] == []
