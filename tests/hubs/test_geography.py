"""Points, distances and what a map may say of a place."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.utils import translation

from hubs.geography import Point, about, kilometres, middles, point_of, rings
from hubs.templatetags.maps import far, point

BRISTOL, BATH = Point(51.4545, -2.5879), Point(51.3811, -2.3590)


def test_a_distance_is_the_great_circle():
    assert kilometres(BRISTOL, BATH) == pytest.approx(17.9, abs=0.1)
    assert kilometres(BRISTOL, BRISTOL) == 0
    assert kilometres(Point(0, 179.9), Point(0, -179.9)) == pytest.approx(22.2, abs=0.1)  # over the date line
    assert kilometres(Point(90, 0), Point(-90, 0)) == pytest.approx(20015, abs=1)


def test_a_town_is_the_middle_of_its_rows_and_the_nameless_are_none():
    rows = [
        SimpleNamespace(town="Bath", latitude=51.0, longitude=-2.0),
        SimpleNamespace(town="Bath", latitude=52.0, longitude=-3.0),
        SimpleNamespace(town="Bath", latitude=None, longitude=None),
        SimpleNamespace(town="", latitude=50.0, longitude=-1.0),
    ]
    assert middles(rows) == {"Bath": Point(51.5, -2.5)}
    assert about(Point(51.45454, -2.58793)) == Point(51.45, -2.59)


@pytest.mark.parametrize(
    ("km", "drawn"), [(0, (5, 10)), (7, (5, 10)), (12, (5, 10, 25)), (26, (10, 25, 50)), (900, (10, 25, 50))]
)
def test_the_last_ring_holds_what_is_that_far(km, drawn):
    assert rings(km) == drawn


def test_what_has_no_point_is_on_no_map():
    assert (point_of(None), point_of(SimpleNamespace(latitude=None, longitude=1.0))) == (None, None)
    assert point(None) == ""


def test_numbers_for_the_map_are_written_alike_in_every_language():
    with translation.override("de"):
        assert point(BRISTOL) == ' data-point="51.45450,-2.58790"'
    assert (far(0.2), far(0.99), far(1.4), far(12.6)) == ("under 1 km", "under 1 km", "1 km", "13 km")
