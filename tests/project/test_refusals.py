"""Every sentence with which requests, placements and what follows refuse is named by a test.

A test that only says which exception comes passes for the wrong reason as well. So a sentence counts as named when some
test has it, a part of it of three words, or a pattern that fits it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
REFUSING = [*sorted((ROOT / "placements" / "domain").glob("*.py")), ROOT / "placements" / "rules.py"]
PART = 3  # words in a row
GAP = r"%\(\w+\)s"
ANYTHING = "zzzz qqqq xxxx."


def sentences(source: str) -> Iterator[tuple[int, str]]:
    """(line, sentence) of what is raised, and of what functions that say "why not, or None" answer."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Raise):
            yield from _texts(node)
        elif isinstance(node, ast.FunctionDef) and node.returns and ast.unparse(node.returns) == "str | None":
            for inner in ast.walk(node):
                if isinstance(inner, ast.Return):
                    yield from _texts(inner)


def _texts(node: ast.AST) -> Iterator[tuple[int, str]]:
    for call in ast.walk(node):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in ("_", "ngettext"):
            first = call.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield first.lineno, first.value


def said_in_tests() -> list[str]:
    """Every text of several words in the tests, but for those of this file."""
    found = set()
    for path in sorted((ROOT / "tests").rglob("*.py")):
        if path != Path(__file__):
            tree = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            found |= {one.value for one in tree if isinstance(one, ast.Constant) and isinstance(one.value, str)}
    return sorted(one for one in found if len(one.split()) > 1 and len(one) >= 10)


def is_named(sentence: str, said: list[str], together: str, patterns: list[re.Pattern]) -> bool:
    filled = re.sub(GAP, "10A", sentence)
    like = re.compile(".*".join(map(re.escape, re.split(GAP, sentence))))
    if any(like.search(one) for one in said):
        return True
    for chunk in re.split(GAP, sentence):
        words = chunk.split()
        parts = (" ".join(words[n : n + PART]) for n in range(len(words) - PART + 1))
        if any(part in together for part in parts):
            return True
    return any(one.strip() in filled for one in said) or any(one.search(filled) for one in patterns)


def patterns_of(said: list[str]) -> list[re.Pattern]:
    """Those that are patterns, but for what would fit anything."""
    found = []
    for one in said:
        if len(one) < 200 and re.search(r"[*+\\|^$]", one):
            try:
                pattern = re.compile(one)
            except re.error:
                continue
            if not pattern.search(ANYTHING):
                found.append(pattern)
    return found


@pytest.fixture(scope="module")
def known() -> tuple[list[str], str, list[re.Pattern]]:
    said = said_in_tests()
    return said, "\n".join(said), patterns_of(said)


def test_every_refusal_is_named_by_a_test(known):
    unnamed = [
        f"{path.relative_to(ROOT)}:{line}: {sentence}"
        for path in REFUSING
        for line, sentence in sentences(path.read_text(encoding="utf-8"))
        if not is_named(sentence, *known)
    ]
    assert unnamed == []


def test_a_refusal_nobody_names_would_be_found(known):
    source = """
def may(row) -> str | None:
    return _("The moon stands %(how)s over the brewery.")
def verb():
    raise Refused(_("Herrings play chess on %(day)s."))
def title() -> str:
    return _("No refusal at all")
"""
    found = [sentence for _line, sentence in sentences(source)]
    assert found == ["The moon stands %(how)s over the brewery.", "Herrings play chess on %(day)s."]
    assert [is_named(sentence, *known) for sentence in found] == [False, False]
    assert is_named("Only the hub places holds for herrings.", ["Only the hub places"], "Only the hub places", [])
