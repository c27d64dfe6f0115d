"""The walk notices what it is there for."""

from __future__ import annotations

import pytest
from django.test import override_settings

from tests.isolation import table
from tests.isolation.personas import PERSONAS
from tests.isolation.routes import all_routes
from tests.isolation.rows import ROWS
from tests.isolation.test_walk import walk_one
from tests.isolation.walker import Walker

pytestmark = pytest.mark.django_db

LEAKING = "tests.isolation.leaking_urls"


@pytest.fixture
def leaks(world, monkeypatch):
    """What the walk says of each wrong address, as the coordinator."""
    monkeypatch.setitem(ROWS, "leaks/", {"pk": "student"})
    walker = Walker(next(one for one in PERSONAS if one.name == "coordinator"), world)
    routes = {one.pattern.split("/")[1]: one for one in all_routes(LEAKING) if one.pattern.startswith("leaks/")}
    with override_settings(ROOT_URLCONF=LEAKING):
        yield {name: " ".join(walk_one(walker, route, "GET")[1]) for name, route in routes.items()}


def test_walk_notices_a_row_shown_to_a_stranger(leaks):
    assert "answers 200, and should answer 404" in leaks["any"]
    assert "shows NORTHGATE-HOSTED" in leaks["any"]


def test_walk_notices_a_neighbour_beside_ones_own_row(leaks):
    assert "shows TARN-" in leaks["list"]
    assert "should answer 404" not in leaks["list"]


def test_walk_notices_a_refusal_that_changed_something(leaks):
    assert "answers 404 and changed rows of schools_student" in leaks["change"]


def test_an_address_without_a_row_in_the_table_is_missed():
    known = {pattern for pattern, _method in table.read()}
    new = {one.pattern for one in all_routes(LEAKING)} - known
    assert new == {"leaks/any/<int:pk>/", "leaks/list/<int:pk>/", "leaks/change/<int:pk>/"}


def test_an_argument_nobody_described_is_said(monkeypatch):
    route = next(one for one in all_routes(LEAKING) if one.pattern.startswith("leaks/any"))
    monkeypatch.delitem(ROWS, "leaks/", raising=False)
    from tests.isolation.rows import kinds_of

    with pytest.raises(LookupError, match="which row is pk"):
        kinds_of(route)
