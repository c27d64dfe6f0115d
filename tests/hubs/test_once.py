"""A page sent twice is done once, and answers the same both times."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse

from hubs.domain import keys
from hubs.models import IdempotencyRecord
from placements.models import PlacementRequest
from tests import scenes
from tests.cast import NOW
from tests.race import together


@pytest.fixture
def asking(cast, client, monkeypatch):
    monkeypatch.setattr("hubs.middleware.timezone.now", lambda: NOW)
    group, session = scenes.group(cast.school), scenes.session(scenes.opportunity(cast.employer))
    client.force_login(cast.coordinator)
    return f"{reverse('school-request-new')}?session={session.pk}&group={group.pk}"


def test_the_page_has_a_key_of_its_own_each_time(client, asking):
    keys = [re.findall(r'name="once" value="(\w{32})"', client.get(asking).content.decode()) for _time in range(2)]
    assert [len(one) for one in keys] == [1, 1]
    assert keys[0] != keys[1]


def test_sent_twice_it_is_done_once_and_leads_to_the_same_page(client, asking):
    first, second = (client.post(asking, {"who": "whole", "once": "a" * 32}) for _time in range(2))
    assert (first.status_code, second.status_code, second.url) == (302, 302, first.url)
    assert PlacementRequest.objects.count() == 1


def test_a_refused_page_keeps_no_key_and_may_be_mended(client, asking):
    bad = client.post(asking, {"who": "some", "places": "", "once": "b" * 32})
    assert (bad.status_code, IdempotencyRecord.objects.count()) == (200, 0)
    good = client.post(asking, {"who": "some", "places": "3", "once": "b" * 32})
    assert (good.status_code, PlacementRequest.objects.get().places) == (302, 3)


def test_something_else_under_the_same_key_changes_nothing_and_is_said(client, asking):
    client.post(asking, {"who": "some", "places": "3", "once": "c" * 32})
    other = client.post(asking, {"who": "some", "places": "4", "once": "c" * 32}, follow=True)
    assert "What was sent first counts" in other.content.decode()
    assert PlacementRequest.objects.get().places == 3


def test_a_key_is_its_owners_own(client, cast, asking):
    client.post(asking, {"who": "whole", "once": "d" * 32})
    client.force_login(cast.amina)
    assert IdempotencyRecord.objects.get().user == cast.coordinator


def test_keys_are_forgotten_after_a_week_with_what_was_answered(client, cast, asking):
    client.post(asking, {"who": "whole", "once": "f" * 32})
    assert [keys.forget_keys(NOW + dt.timedelta(days=days)) for days in (7, 8, 8)] == [0, 1, 0]
    assert not IdempotencyRecord.objects.exists()


@pytest.mark.needs_postgresql
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_five_presses_at_once_are_one_request(cast, client, asking):
    def press():
        try:
            one = Client()
            one.force_login(cast.coordinator)
            return one.post(asking, {"who": "whole", "once": "e" * 32}).url
        finally:
            connections.close_all()

    answers = together(*[press] * 5)
    assert len(set(answers)) == 1, answers
    assert PlacementRequest.objects.count() == 1
