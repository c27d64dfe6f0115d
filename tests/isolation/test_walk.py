"""Each persona goes to every address with rows of their own and with everybody else's."""

from __future__ import annotations

import os

import pytest

from tests.isolation import table
from tests.isolation.personas import PERSONAS, Persona
from tests.isolation.routes import all_routes
from tests.isolation.walker import SAFE, Walker

pytestmark = pytest.mark.django_db

ROUTES = all_routes()
KEYS = [(route.pattern, method) for route in ROUTES for method in route.methods]
WRITING = os.environ.get("PERMISSIONS") == "write"
CHOSEN = os.environ.get("ROUTES", "")
WALKED = table.chosen(ROUTES, CHOSEN, table.read() if WRITING else None) if CHOSEN else ROUTES
FOUND: dict[table.Key, dict[str, str]] = {(route.pattern, method): {} for route in WALKED for method in route.methods}
WHAT_TO_DO = (
    "What is meant is written into tests/permissions.csv by LONG=1 PERMISSIONS=write ROUTES='<regular expression on "
    "the address>' python -m pytest tests/isolation/test_walk.py (without ROUTES: every row). Read the difference "
    "before it is committed; tests/isolation/table.py tells more."
)


@pytest.mark.long
@pytest.mark.parametrize("persona", PERSONAS, ids=lambda persona: persona.name)
def test_walk(world, persona: Persona):
    walker, cells = Walker(persona, world), table.read()
    wrong = []
    for route in WALKED:
        for method in route.methods:
            cell, found = walk_one(walker, route, method)
            FOUND[route.pattern, method][persona.name] = cell
            wrong += found
            told = cells.get((route.pattern, method), {}).get(persona.name)
            if not WRITING and cell != told:
                wrong.append(f"{method} {route.pattern} as {persona.name} answers {cell}; the table says {told}.")
    assert not wrong, "\n" + "\n".join([*wrong, WHAT_TO_DO])


def walk_one(walker: Walker, route, method: str) -> tuple[str, list[str]]:
    """The cell of one address and method, and everything that is wrong there."""
    where = f"{method} {route.pattern} as {walker.persona.name}"
    answer = walker.ask(route, method, walker.own(route))
    wrong = _judge(walker, route, method, answer, where)
    if answer.is_refusal and not walker.has_own(route):
        return answer.cell, wrong  # it was somebody else's already
    for values in walker.foreign(route):
        there = f"{where} with {values}"
        theirs = walker.ask(route, method, values)
        wrong += _judge(walker, route, method, theirs, there)
        # Who may not do it at all (403), or not this way (405), is told so whatever the row.
        refused = theirs.status == 404 or (theirs.is_refusal and theirs.cell == answer.cell)
        if not refused:
            wrong.append(f"{there} answers {theirs.cell}, and should answer 404.")
    return answer.cell, wrong


def _judge(walker: Walker, route, method: str, answer, where: str) -> list[str]:
    wrong = []
    if answer.status >= 500:
        wrong.append(f"{where} answers {answer.cell}: an error page is no answer.")
    if answer.status in (301, 302, 307, 308) and not answer.location:
        wrong.append(f"{where} answers {answer.cell} and leads nowhere.")
    if not route.pattern.startswith("admin/") and ("default-src" not in answer.policy or "unsafe" in answer.policy):
        wrong.append(f"{where} is sent without the strict policy: {answer.policy or 'none at all'}.")
    if answer.changed and (answer.is_refusal or (method in SAFE and not _may_note(route))):
        wrong.append(f"{where} answers {answer.cell} and changed rows of {', '.join(sorted(answer.written))}.")
    met = answer.canaries - walker.may_read(route)
    if met and not walker.persona.is_root:
        wrong.append(f"{where} answers {answer.cell} and shows {', '.join(sorted(met))}.")
    return wrong


def _may_note(route) -> bool:
    """Addresses whose looking is noted: the reading of a feed, an editing session of Wagtail."""
    return route.name == "feed" or route.pattern.startswith("admin/")


@pytest.mark.long
@pytest.mark.parametrize("method", ["PUT", "DELETE"])
@pytest.mark.parametrize("name", ["coordinator", "employer_lead", "amina"])
def test_a_method_no_address_knows_changes_nothing(world, name: str, method: str):
    """The table has the methods an address is made for; views of Django answer others, too."""
    walker = Walker(next(one for one in PERSONAS if one.name == name), world)
    wrong = []
    for route in WALKED:
        if method not in route.methods:
            answer = walker.ask(route, method, walker.own(route))
            if answer.written and not answer.is_refusal:
                wrong.append(f"{method} {route.pattern} answers {answer.cell} and writes {sorted(answer.written)}.")
    assert wrong == []


if WRITING:  # not a skipped test in every other run

    def test_write_the_table():
        assert "PYTEST_XDIST_WORKER" not in os.environ, "Write the table in one process: call pytest without -n."
        table.write(table.merged(table.read(), FOUND, KEYS))


def test_no_cell_of_the_table_is_an_error():
    errors = [
        f"{method} {pattern} as {name} answers {cell}"
        for (pattern, method), cells in table.read().items()
        for name, cell in cells.items()
        if cell.startswith("5")
    ]
    assert not errors, f"An error page answers nobody: mend {'; '.join(errors)}."


def test_table_has_a_row_for_every_address_and_no_other():
    rows = set(table.read())
    missing = [f"{method} {pattern}" for pattern, method in KEYS if (pattern, method) not in rows]
    gone = sorted(f"{method} {pattern}" for pattern, method in rows - set(KEYS))
    assert not missing, (
        f"tests/permissions.csv has no row for {'; '.join(missing)}. Say in tests/isolation/rows.py which rows the "
        f"arguments name. {WHAT_TO_DO}"
    )
    assert not gone, f"tests/permissions.csv has rows for addresses that are gone: {'; '.join(gone)}. {WHAT_TO_DO}"
