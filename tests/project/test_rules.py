"""Rules of the house that the source itself can show, read as a tree."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.project.test_models import OURS
from tests.tasks.running import ROOT

MOST_STATEMENTS = 15
MOST_LINES = 400
#: Python that writes a page's words or draws every piece once: long because the words are.
PROSE = ("cms/starter/", "hubs/views_styleguide.py")
#: Where an import waits on purpose: apps register once models exist; the child that reads
#: files limits itself before anything else is loaded.
LATE_IMPORTS = ("schools/parse_child.py", "employers/paper_child.py", "employers/sheet_child.py", "hubs/limits.py")
#: Still longer than the rule says.
TO_SPLIT = {
    "config/settings.py",  # every setting in one place, read from top to bottom
    "employers/models/standards.py",
}
#: The one door for locks, and three that want another: a sender waits for its own row under its own lease, of a
#: waiting list whoever is being looked at is passed over, and seeds of second factors are locked one by one.
LOCKING = {"hubs/locks.py", "hubs/delivery.py", "hubs/locked.py", "placements/domain/waiting.py"}
#: How an import inside anything looks: on a line of its own that is indented, or after another statement.
INDENTED_IMPORT = r"(^[ \t]+|[:;][ \t]*)(import|from)\b"
#: What reads the clock; the domain is told the time.
CLOCKS = {("timezone", "now"), ("datetime", "now"), ("datetime", "utcnow"), ("date", "today"), ("time", "time")}


def sources(*, tests: bool = False) -> Iterator[tuple[str, str]]:
    """The text of our modules by their path from the root, migrations left out."""
    for app in (*OURS, "config", "tasks", *(["tests"] if tests else [])):
        for path in sorted((ROOT / app).rglob("*.py")):
            if "migrations" not in path.parts:
                yield str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")


def trees(
    *, of: Callable[[str], bool] = bool, saying: str = "", tests: bool = False
) -> Iterator[tuple[str, ast.Module]]:
    """Modules read as trees: those a rule is about by their name, whose text has what it looks for. Reading a tree
    takes longer than all the rest, so a text that cannot hold a breach is left unread."""
    wanted = re.compile(saying, re.MULTILINE)
    for name, text in sources(tests=tests):
        if of(name) and wanted.search(text):
            yield name, ast.parse(text)


def functions(tree: ast.Module) -> list[ast.FunctionDef]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]


def is_edge(name: str) -> bool:
    parts = Path(name).parts
    return "views" in parts or parts[-1].startswith(("views", "api", "viewsets"))


def is_domain(name: str) -> bool:
    return "domain" in Path(name).parts or name.endswith("/domain.py")


def statements(node: ast.FunctionDef) -> int:
    """How many there are in the body, at any depth; a docstring is none, a function inside counts for itself."""
    found = [one for part in node.body for one in ast.walk(part) if isinstance(one, ast.stmt)]
    inner = [one for part in node.body for one in ast.walk(part) if isinstance(one, ast.FunctionDef)]
    return len(found) - sum(map(statements, inner)) - (ast.get_docstring(node) is not None)


def inline_imports(tree: ast.Module) -> list[int]:
    return [
        one.lineno for node in functions(tree) for one in ast.walk(node) if isinstance(one, ast.Import | ast.ImportFrom)
    ]


def clocks(tree: ast.Module) -> list[int]:
    """Lines that read the clock, called there or handed on."""
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and (getattr(node.value, "id", getattr(node.value, "attr", "")), node.attr) in CLOCKS
    ]


def verbs_without_a_time(tree: ast.Module) -> list[str]:
    """Public functions that write to the log and are not told when."""
    found = []
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            told = {one.arg for one in (*node.args.args, *node.args.kwonlyargs)}
            logs = {
                getattr(one.func, "id", getattr(one.func, "attr", ""))
                for one in ast.walk(node)
                if isinstance(one, ast.Call)
            }
            if logs & {"record", "move"} and not {"by", "now"} <= told and "now" not in told:
                found.append(node.name)
    return found


def test_functions_of_edges_are_short():
    assert [
        f"{name}:{node.lineno} {node.name} has {statements(node)}"
        for name, tree in trees(of=is_edge)
        if not name.startswith(PROSE)
        for node in functions(tree)
        if statements(node) > MOST_STATEMENTS
    ] == []


def test_modules_are_short():
    assert [
        name for name, text in sources(tests=True) if name not in TO_SPLIT and len(text.splitlines()) > MOST_LINES
    ] == []


def test_nothing_is_imported_inside_a_function():
    assert [
        f"{name}:{line}"
        for name, tree in trees(saying=INDENTED_IMPORT)
        if not name.endswith("/apps.py") and name not in LATE_IMPORTS
        for line in inline_imports(tree)
    ] == []


def test_the_domain_is_told_the_time():
    assert [f"{name}:{line}" for name, tree in trees(of=is_domain) for line in clocks(tree)] == []


def test_what_the_domain_logs_has_a_time():
    assert [f"{name} {verb}" for name, tree in trees(of=is_domain) for verb in verbs_without_a_time(tree)] == []


def locks(tree: ast.Module) -> list[int]:
    """Functions, by their line, that lock rows and list keys: what `hubs.locks.lock_rows` is for."""
    found = []
    for node in functions(tree):
        called = [one.func for one in ast.walk(node) if isinstance(one, ast.Call)]
        if {"select_for_update", "values_list"} <= {getattr(one, "attr", "") for one in called}:
            found.append(node.lineno)
    return found


def flushing(tree: ast.Module) -> list[str]:
    """Tests and fixtures that empty the tables and do not ask for what migrations wrote: the next one's setup fails."""
    return [
        node.name
        for node in functions(tree)
        if "transactional_db" in (asked := {one.arg for one in node.args.args})
        and "django_db_serialized_rollback" not in asked
    ]


def test_what_empties_the_tables_puts_the_migrations_rows_back():
    assert [
        f"{name} {one}" for name, tree in trees(saying="transactional_db", tests=True) for one in flushing(tree)
    ] == []


def test_several_rows_are_locked_by_one_door():
    """Elsewhere a single row is read while it is locked; nobody else locks for the lock alone."""
    assert {name for name, tree in trees(saying="select_for_update") if locks(tree)} == LOCKING


def test_breaches_would_be_found():
    assert locks(ast.parse("def hold(all):\n    rows = all.select_for_update()\n    list(rows.values_list('pk'))")) == [
        1
    ]
    assert flushing(ast.parse("def test_race(transactional_db): ...")) == ["test_race"]
    tree = ast.parse("def act(row):\n    import os\n    record(row, 'set', now=timezone.now())\n")
    assert (inline_imports(tree), clocks(tree), verbs_without_a_time(tree)) == ([2], [3], ["act"])
    assert statements(functions(tree)[0]) == 2


def test_a_text_left_unread_holds_no_breach():
    """What a text is searched for stands in whatever the tree of it would show."""
    inside = ("def act():\n    import os", "def act():\n\tfrom os import path", "def act(): import os")
    assert all(re.search(INDENTED_IMPORT, text, re.MULTILINE) and inline_imports(ast.parse(text)) for text in inside)
    assert not re.search(INDENTED_IMPORT, "import os\nfrom os import path\n", re.MULTILINE)
