"""A hub's rows are found at its own address only: not at another hub's, not at one that is nobody's."""

from __future__ import annotations

import pytest
from django.test import override_settings

from hubs.gate import opened
from tests.isolation.personas import OWN, PERSONAS
from tests.isolation.routes import all_routes
from tests.isolation.walker import Walker

pytestmark = [pytest.mark.django_db, pytest.mark.long]

NOBODY = "nobody.example"
#: What hub B says to everybody.
PUBLIC_THERE = frozenset({"FELLS-OPEN", "FELLSIDE-OPEN"})


def walker_at(world, name: str, host: str) -> Walker:
    return Walker(next(one for one in PERSONAS if one.name == name), world, host=host)


def own_name(walker: Walker) -> frozenset[str]:
    return frozenset({f"{walker.persona.tenant.upper()}-PERSON"})


def visit(walker: Walker, may_read: frozenset[str]) -> str:
    """What is wrong at any address, asked with the persona's own rows."""
    wrong = []
    with override_settings(ALLOWED_HOSTS=["*"]):
        for route in all_routes():
            answer = walker.ask(route, "GET", walker.own(route))
            met = set() if walker.persona.is_root and is_stock(route) else answer.canaries - may_read
            # Wagtail makes its small pictures when somebody looks.
            acted = answer.changed and (answer.is_refusal or not route.pattern.startswith("admin/"))
            if answer.status >= 500 or met or acted:
                what = f"shows {', '.join(sorted(met))}, writes {', '.join(sorted(answer.written))}"
                wrong.append(f"GET {route.pattern} answers {answer.cell}, {what}")
    return "\n".join(wrong)


def is_stock(route) -> bool:
    """A view of Wagtail's own: to the operator of the install it shows the pages and files of every hub."""
    return route.pattern.startswith("admin/") and not set(route.name.split(":")) & opened()


@pytest.mark.parametrize("name", ["anonymous", "coordinator", "employer_lead", "amina"])
def test_an_address_that_is_nobody_s_shows_no_row_of_anybody(world, name):
    walker = walker_at(world, name, NOBODY)
    assert visit(walker, own_name(walker)) == ""


@pytest.mark.parametrize("name", ["coordinator", "employer_lead", "amina"])
def test_at_another_hub_s_address_one_s_own_rows_are_not_found(world, name):
    walker = walker_at(world, name, world.cast.hub_b.hostname)
    assert visit(walker, PUBLIC_THERE | own_name(walker)) == ""


@pytest.mark.parametrize("hub", ["fells", ""])
def test_the_superuser_reads_one_hub_at_a_time(world, hub):
    """At hub B's address, or nobody's, nothing of hub A's is shown, whichever rows the address names."""
    tenants = world.tenants_in(hub) if hub else []
    walker = walker_at(world, "root", world.hubs[hub].hostname if hub else NOBODY)
    assert visit(walker, frozenset(f"{tenant}-{sight}".upper() for tenant in tenants for sight in OWN)) == ""
