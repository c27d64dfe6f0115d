"""Whoever leaves takes no calendar along."""

from __future__ import annotations

import pytest
from django.urls import reverse

from hubs.models import Role
from placements.domain import feeds
from tests import scenes
from tests.cast import NOW, actor, join

pytestmark = pytest.mark.django_db


def school(cast):
    return actor(cast.coordinator, cast.hub, cast.school)


@pytest.mark.parametrize("gone", ["left", "closed", "only elsewhere"])
def test_who_left_takes_no_calendar_of_the_school_along(cast, gone):
    _made, token = feeds.make_feed(cast.school, by=school(cast), now=NOW)
    _theirs, by_staff = feeds.make_feed(cast.school, by=actor(cast.amina, cast.hub, cast.school), now=NOW)
    assert feeds.feed_of(token) is not None
    if gone == "closed":
        type(cast.coordinator).objects.filter(pk=cast.coordinator.pk).update(is_active=False)
    else:
        cast.coordinator.memberships.all().delete()
    if gone == "only elsewhere":
        join(cast.coordinator, cast.hub, Role.COORDINATOR, cast.other_school)
        join(cast.coordinator, cast.hub_b, Role.CAREERS_MANAGER)
    assert feeds.feed_of(token) is None
    assert feeds.feed_of(by_staff) is not None


def test_page_says_whose_calendar_answers_nobody_any_more(cast, client):
    feeds.make_feed(cast.school, by=school(cast), now=NOW)
    client.force_login(cast.school_member)
    said = b"who made it has left"
    assert said not in client.get(reverse("school-feeds")).content
    cast.coordinator.memberships.all().delete()
    assert said in client.get(reverse("school-feeds")).content


def test_who_left_sees_nothing_in_their_own_calendar(cast):
    scenes.placement(cast, state="accepted")
    made, token = feeds.make_feed(cast.school, personal=True, by=school(cast), now=NOW)
    cast.coordinator.memberships.all().delete()
    found = feeds.feed_of(token)
    assert found == made
    assert list(feeds.events_of(found, now=NOW)) == []
