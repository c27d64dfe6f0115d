"""What happens by itself says why with a code, and every code has its sentence."""

from __future__ import annotations

import ast

from django.apps import apps

from hubs.reasons import ONCE, REASONS
from placements.models import Placement
from tests.project.test_log import named, texts, trees
from tests.project.test_models import OURS

#: Calls that write what a person said; what is passed on to one as `reason` is somebody's own words.
GETTEXT = {"_", "gettext", "ngettext", "gettext_lazy", "lazy"}
#: Versions of what was replaced: a number, in no language.
NOT_WORDS = {"opportunities/domain/templates.py"}


def passed(name: str):
    """(call, argument) of every call in our code that passes one called `name`."""
    for tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                yield from ((node, one.value) for one in node.keywords if one.arg == name)


def is_ours(value: ast.AST) -> bool:
    """Whether the code itself wrote these words."""
    if isinstance(value, ast.BinOp):
        return is_ours(value.left)
    if isinstance(value, ast.BoolOp):
        return any(is_ours(one) for one in value.values)
    if isinstance(value, ast.Call):
        return named(value) in GETTEXT
    return bool(texts(value) - {""})


def test_every_code_has_its_sentence():
    codes = set().union(*(texts(value) for _call, value in passed("because")))
    assert {"days_changed", "agreement_changed"} <= codes
    assert sorted((codes | {*Placement.Because.values} | {*ONCE.values()}) - {"", *REASONS}) == []


def test_no_words_of_our_own_are_stored_as_somebodys_reason():
    """`Placement(reason=…)` of made-up rows apart: what a verb is given as a reason comes from a person."""
    models = {model.__name__ for app in OURS for model in apps.get_app_config(app).get_models()}
    assert [
        ast.unparse(call) for call, value in passed("reason") if is_ours(value) and named(call) not in {*models, "_row"}
    ] == []
