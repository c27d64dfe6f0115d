"""The desk's lists of open requests, and the one step by which each is moved on from there, by keyboard alone."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from placements.domain import brokering
from placements.models import Placement
from tests import scenes
from tests.cast import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(cast, client, office):
    client.force_login(cast.amina)
    return lambda: client.get(reverse("desk:index")).content.decode()


def headings(page: str) -> list[str]:
    found = re.findall(r'<h2 id="(?:open|held|asked)" class="w-h3">([^<]*)<span class="tl-count">(\d+)', page)
    return [f"{title.strip()} {number}" for title, number in found]


def wanted(cast, name: str):
    session = scenes.session(scenes.opportunity(cast.employer))
    return scenes.request(cast, session, of=scenes.group(cast.school, name)), session


def test_each_request_stands_in_the_list_of_its_next_step(cast, desk):
    wanted(cast, "10A")
    held = scenes.placement(cast, of=scenes.group(cast.school, "10B"))
    asked = scenes.placement(cast, state="offered", of=scenes.group(cast.school, "10C"))
    page = desk()
    assert headings(page) == ["To find places for 1", "Held: to be asked 1", "Asked: the answer is to come 1"]
    for row, verb in ((held, "offer"), (held, "release"), (asked, "withdraw")):
        assert reverse("placements:act", args=[row.pk, verb]) in page
    assert reverse("placements:act", args=[asked.pk, "offer"]) not in page


def test_the_first_wish_is_held_from_the_list_and_one_is_back_there(cast, desk, client):
    request, session = wanted(cast, "10A")
    assert "Hold the first wish" in desk()
    sent = {"session": session.pk, "next": reverse("desk:index") + "?whose=mine"}
    said = client.post(reverse("desk:hold", args=[request.pk]), sent)
    assert said["Location"] == "/admin/desk/?whose=mine"
    assert Placement.objects.get().places == request.places
    assert headings(desk()) == ["Held: to be asked 1"]


def test_no_address_of_another_site_is_gone_back_to(cast, desk, client):
    request, session = wanted(cast, "10A")
    sent = {"session": session.pk, "next": "https://elsewhere.example/"}
    said = client.post(reverse("desk:hold", args=[request.pk]), sent)
    assert said["Location"] == reverse("desk:request", args=[request.pk])


def test_a_wish_that_cannot_be_had_whole_is_not_offered_to_be_held(cast, desk):
    request, session = wanted(cast, "10A")
    type(session).objects.filter(pk=session.pk).update(places=request.places - 1)
    page = desk()
    assert (headings(page), "Hold the first wish" in page) == (["To find places for 1"], False)


def test_who_only_looks_is_shown_no_step(cast, desk, client):
    wanted(cast, "10A")
    scenes.placement(cast, of=scenes.group(cast.school, "10B"))
    client.force_login(cast.ben)
    page = desk()
    assert [word for word in ("Hold the first wish", "Give back", ">Offer<") if word in page] == []


@pytest.mark.parametrize("rows", [1, 3])
def test_the_lists_cost_the_same_for_one_and_for_three(cast, desk, rows, django_assert_num_queries):
    for n in range(rows):
        request, session = wanted(cast, f"10{n}")
        if n:
            brokering.hold(request, session, by=scenes.desk(cast), now=NOW)
    desk()  # the first page of a session asks what the next ones know
    with django_assert_num_queries(12):
        desk()
