"""Who is near whom: the pure part against a plain one, and the hub's page of it."""

from __future__ import annotations

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from employers.models import Site
from hubs.geography import Point, kilometres
from insights.nearness import Neighbours, neighbours
from insights.views_map import MOST_MISSING
from schools.models import School

PAGE = 11  # statements

POINTS = st.lists(st.builds(Point, st.floats(-89, 89), st.floats(-180, 180)), max_size=6)


@given(POINTS, POINTS, st.sampled_from([5, 50, 4000]))
def test_neighbours_are_those_a_ruler_finds(heres, theres, km):
    for here, found in zip(heres, neighbours(heres, theres, km), strict=True):
        away = [kilometres(here, there) for there in theres]
        if not theres:
            assert found == Neighbours((), None, None)
            continue
        assert found.km == pytest.approx(min(away), abs=0.1)
        assert [away[at] for at in found.within] == pytest.approx(sorted(away[at] for at in found.within), abs=0.1)
        certain = {at for at, one in enumerate(away) if one < km - 0.1}
        assert certain <= set(found.within) <= {at for at, one in enumerate(away) if one < km + 0.1}


@pytest.fixture
def office(office, cast):
    Site.objects.all().delete()
    School.objects.filter(pk=cast.school.pk).update(latitude=54.48, longitude=-0.61)
    return office


def site(employer, name: str, latitude: float | None) -> Site:
    longitude = None if latitude is None else -0.61
    return Site.objects.create(hub=employer.hub, employer=employer, name=name, latitude=latitude, longitude=longitude)


def shown(office, query: str = ""):
    return office.get(reverse("map:index") + query)


def test_the_hub_sees_who_is_near_and_who_has_nobody(office, cast):
    School.objects.filter(pk=cast.other_school.pk).update(latitude=55.48, longitude=-0.61)
    site(cast.employer, "Forge", 54.50)
    site(cast.employer, "Depot", 54.51)
    site(cast.other_employer, "Bakery", 56.9)
    site(cast.employer_b, "CANARY", 54.48)
    page = shown(office)
    said = [(one["school"], one["employers"], str(one["nearest"])) for one in page.context["lines"]]
    assert said == [(cast.other_school, 0, "Depot"), (cast.school, 1, "Forge")]
    assert (page.context["alone"], "nobody near" in page.content.decode(), b"CANARY" in page.content) == (
        1,
        True,
        False,
    )
    assert [(str(one["site"]), one["far"]) for one in page.context["workplaces"]] == [
        ("Forge", False), ("Depot", False), ("Bakery", True),
    ]  # fmt: skip
    assert shown(office, "?km=5").context["km"] == 5
    assert shown(office, "?km=7").context["km"] == 10  # nobody can choose it


def test_around_one_school_those_near_it_are_listed(office, cast):
    site(cast.employer, "Depot", 54.51)
    site(cast.employer, "Forge", 54.50)
    site(cast.other_employer, "Bakery", 56.9)
    page = shown(office, f"?school={cast.school.pk}&km=5")
    assert [str(one["site"]) for one in page.context["workplaces"]] == ["Forge", "Depot"]
    assert "data-centre" in page.content.decode()
    assert shown(office, f"?school={cast.school_b.pk}").status_code == 404
    assert shown(office, "?school=x").status_code == 404
    School.objects.filter(pk=cast.school.pk).update(latitude=None, longitude=None)
    assert "data-centre" not in shown(office, f"?school={cast.school.pk}").content.decode()


def test_what_is_on_no_map_is_named_so_that_somebody_puts_it_there(office, cast):
    for number in range(MOST_MISSING + 2):
        site(cast.employer, f"Yard {number:02}", None)
    page = shown(office)
    assert [len(page.context["missing"][1]["rows"]), page.context["missing"][1]["more"]] == [MOST_MISSING, 2]
    said = page.content.decode()
    assert ("And 2 more sites." in said, "more school" in said) == (True, False)
    School.objects.update(latitude=None, longitude=None)
    assert "Nothing is on the map yet." in shown(office).content.decode()


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_takes_as_many_statements_for_three_as_for_one(office, cast, rows, django_assert_num_queries):
    shown(office)
    for number in range(rows):
        site(cast.employer, f"Yard {number}", 54.5 + number)
    with django_assert_num_queries(PAGE):
        shown(office)
