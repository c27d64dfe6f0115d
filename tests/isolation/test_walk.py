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
FOUND: dict[table.Key, dict[str, str]] = {key: {} for key in KEYS}
MET: dict[str, set[str]] = {persona.name: set() for persona in PERSONAS}


@pytest.mark.long
@pytest.mark.parametrize("persona", PERSONAS, ids=lambda persona: persona.name)
def test_walk(world, persona: Persona):
    walker, cells = Walker(persona, world), table.read()
    wrong = []
    for route in ROUTES:
        for method in route.methods:
            cell, found = walk_one(walker, route, method)
            FOUND[route.pattern, method][persona.name] = cell
            wrong += found
            told = cells.get((route.pattern, method), {}).get(persona.name)
            if not WRITING and cell != told:
                wrong.append(f"{method} {route.pattern} as {persona.name} answers {cell}; the table says {told}.")
    assert wrong == [], "\n" + "\n".join(wrong)


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
        if not refused and not walker.persona.is_root:
            wrong.append(f"{there} answers {theirs.cell}, and should answer 404.")
    return answer.cell, wrong


def _judge(walker: Walker, route, method: str, answer, where: str) -> list[str]:
    wrong = []
    MET[walker.persona.name] |= answer.canaries
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
    for route in ROUTES:
        if method not in route.methods:
            answer = walker.ask(route, method, walker.own(route))
            if answer.written and not answer.is_refusal:
                wrong.append(f"{method} {route.pattern} answers {answer.cell} and writes {sorted(answer.written)}.")
    assert wrong == []


def test_table_has_a_row_for_every_address_and_no_other():
    rows = set(table.read())
    missing = [f"{method} {pattern}" for pattern, method in KEYS if (pattern, method) not in rows]
    gone = sorted(f"{method} {pattern}" for pattern, method in rows - set(KEYS))
    assert not missing, (
        f"tests/permissions.csv has no row for {'; '.join(missing)}. Say in tests/isolation/rows.py which rows the "
        "arguments name, then write the table with PERMISSIONS=write and read the difference."
    )
    assert not gone, f"tests/permissions.csv has rows for addresses that are gone: {'; '.join(gone)}. Take them out."


@pytest.mark.skipif(not WRITING, reason="only with PERMISSIONS=write")
def test_write_the_table():
    table.write(FOUND, KEYS)
