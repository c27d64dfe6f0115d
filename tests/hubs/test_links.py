"""Signed links: bound to a purpose and a row, expiring, revocable, unreadable at rest."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core import serializers
from django.db import IntegrityError, transaction

from hubs.links import link_for, open_link, revoke_links
from hubs.models import SignedLink

DAY = dt.timedelta(days=1)


def made(row, now, **fields):
    return link_for(row, "consent", **{"now": now, "days": 3, "address": "parent@home.example", **fields})


def test_link_opens_for_its_purpose_only(cast, now):
    link, token = made(cast.school, now)
    assert open_link(token, "consent", now=now) == link
    assert open_link(token, "answer", now=now) is None
    assert open_link(token + "x", "consent", now=now) is None
    assert open_link("", "consent", now=now) is None


def test_link_is_bound_to_row_and_hub(cast, now):
    link, _token = made(cast.school, now)
    assert (link.subject_type, link.subject_id, link.hub_id) == ("schools.school", cast.school.pk, cast.hub.pk)


def test_token_is_not_in_the_database(cast, now):
    _link, token = made(cast.school, now)
    assert len(token) == 43
    assert token not in serializers.serialize("json", SignedLink.objects.all())


def test_token_needs_the_secret_of_the_install(cast, now, settings):
    _link, token = made(cast.school, now)
    settings.SECRET_KEY = "another"
    assert made(cast.school, now)[1] != token


def test_link_made_twice_is_the_same(cast, now):
    first, token = made(cast.school, now)
    assert made(cast.school, now + DAY) == (first, token)
    assert SignedLink.objects.count() == 1


def test_links_of_two_addresses_or_rows_differ(cast, now):
    tokens = {
        made(cast.school, now)[1],
        made(cast.school, now, address="other@home.example")[1],
        made(cast.employer, now)[1],
    }
    assert len(tokens) == 3


def test_link_expires_and_is_then_made_anew(cast, now):
    _first, token = made(cast.school, now)
    assert open_link(token, "consent", now=now + 3 * DAY - dt.timedelta(seconds=1)) is not None
    assert open_link(token, "consent", now=now + 3 * DAY) is None
    _second, renewed = made(cast.school, now + 3 * DAY)
    assert renewed != token
    assert open_link(token, "consent", now=now + 3 * DAY) is None
    assert open_link(renewed, "consent", now=now + 3 * DAY) is not None


def test_revoked_link_opens_nothing(cast, now):
    _link, token = made(cast.school, now)
    _other, kept = link_for(cast.school, "answer", now=now, days=3)
    assert revoke_links(cast.school, now=now, purpose="consent") == 1
    assert open_link(token, "consent", now=now) is None
    assert open_link(kept, "answer", now=now) is not None
    assert revoke_links(cast.school, now=now) == 1
    assert open_link(kept, "answer", now=now) is None


def test_database_allows_one_live_link(cast, now):
    link, _token = made(cast.school, now)
    link.pk, link.nonce, link.token_hash = None, "n", "h"
    with pytest.raises(IntegrityError), transaction.atomic():
        link.save(force_insert=True)


def test_links_are_seen_by_hub_staff_only(cast, now):
    made(cast.school, now)
    people = (cast.amina, cast.coordinator, cast.chloe)
    assert [SignedLink.objects.visible_to(person).count() for person in people] == [1, 0, 0]
