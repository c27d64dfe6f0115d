"""The waiting list on the school's page of a request."""

from __future__ import annotations

import pytest
from django.urls import reverse

from placements.domain import requests
from tests import scenes
from tests.cast import NOW, actor


@pytest.fixture
def asked(cast):
    """A request whose first wish is full."""
    session = scenes.session(scenes.opportunity(cast.employer), places=8)
    scenes.placement(cast, wanted=session)
    return scenes.request(cast, session, of=scenes.group(cast.school, "10B"))


def test_a_school_joins_sees_where_it_stands_and_leaves(page, asked):
    url, wait = (
        reverse("school-request", args=[asked.pk]),
        reverse("school-request-wait", args=[asked.pk, asked.wishes.get().session_id]),
    )
    assert "Join the waiting list" in page.get(url).content.decode()
    joined = page.post(wait, follow=True).content.decode()
    assert "On the waiting list: number 1 of 1, for 6 places." in joined
    assert "joined a waiting list" in joined
    left = page.post(wait, follow=True).content.decode()
    assert "The request is off the waiting list." in left
    assert "Join the waiting list" in left
    assert page.get(wait).status_code == 405


def test_another_schools_line_is_a_number_only(page, cast, asked):
    group = scenes.group(cast.other_school, "11Z")
    session = asked.wishes.get().session
    theirs = scenes.requests.request_places(
        cast.other_school, group=group, places=4, wished=[session],
        by=actor(cast.other_coordinator, cast.hub, cast.other_school), now=NOW,
    )  # fmt: skip
    page.post(reverse("school-request-wait", args=[asked.pk, session.pk]))
    assert page.post(reverse("school-request-wait", args=[theirs.pk, session.pk])).status_code == 404
    assert cast.other_school.name not in page.get(reverse("school-request", args=[asked.pk])).content.decode()


def test_a_full_wish_of_a_request_taken_back_offers_no_line(page, cast, asked):
    requests.withdraw_request(asked, by=actor(cast.coordinator, cast.hub, cast.school), now=NOW)
    answer = page.post(reverse("school-request-wait", args=[asked.pk, asked.wishes.get().session_id]), follow=True)
    assert "not waiting for the hub any more" in answer.content.decode()
