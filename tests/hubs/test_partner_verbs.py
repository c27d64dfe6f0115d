"""What a lead does with partners' systems: tests, calls once more, replays, and who may."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from hubs.domain import partners as domain
from hubs.domain.messages import resend
from hubs.errors import CannotAct, Refused
from hubs.models import Message
from tests.cast import actor
from tests.hubs.partner_calls import ALL, URL, call_all, happened, rows, sent
from tests.hubs.web_server import plain

MINUTE = dt.timedelta(minutes=1)


def test_a_test_says_nothing_of_anybody(cast, server, endpoint, lead, now):
    domain.send_test(endpoint, by=lead, now=now)
    domain.send_test(endpoint, by=lead, now=now)
    call_all(now)
    [(headers, body)] = sent(server)
    assert json.loads(body) == {"type": "test", "timestamp": now.isoformat(), "data": {"hub": cast.hub.slug}}
    assert headers["webhook-id"].startswith("test_")


def test_one_call_is_sent_again_under_its_own_id(server, endpoint, placement, lead, now):
    server.answer = lambda request, write: write(plain(b"", status="410 Gone"))
    happened(placement, lead, now)
    call_all(now)
    domain.switch(endpoint, on=True, by=lead, now=now)
    server.answer = lambda request, write: write(plain(b""))
    first = Message.objects.get(channel="webhook")
    endpoint.refresh_from_db()
    domain.send_again(endpoint, str(first.pk), by=lead, now=now + MINUTE)
    call_all(now + MINUTE)
    assert rows() == [("failed", 1), ("sent", 1)]
    assert [headers["webhook-id"] for headers, _body in sent(server)] == [sent(server)[0][0]["webhook-id"]] * 2
    assert list(Message.objects.on_desk()) == []


@pytest.mark.parametrize("number", ["", "x", "0", "999999"])
def test_no_other_call_is_sent_again(endpoint, lead, now, number):
    with pytest.raises(Refused, match="no such call"):
        domain.send_again(endpoint, number, by=lead, now=now)


def test_the_desk_does_not_send_a_call_to_an_address_somebody_types(server, endpoint, placement, lead, now):
    server.answer = lambda request, write: write(plain(b"", status="410 Gone"))
    happened(placement, lead, now)
    call_all(now)
    with pytest.raises(Refused, match="on the page of the partner's system"):
        resend(Message.objects.get(channel="webhook"), "elsewhere.example.org", by=lead, now=now)


def test_replay_tells_once_more_what_happened_since(server, endpoint, placement, lead, now):
    early, late, now = now + dt.timedelta(hours=1), now + dt.timedelta(hours=3), now + dt.timedelta(hours=4)
    happened(placement, lead, early)
    entry = happened(placement, lead, late, "completed")
    call_all(now)
    assert domain.replay(endpoint, late, by=lead, now=now) == 1
    call_all(now)
    identifiers = [headers["webhook-id"] for headers, _body in sent(server)]
    assert (len(identifiers), identifiers.count(f"evt_{endpoint.pk}_{entry.pk}")) == (3, 2)


def test_a_replay_asked_for_twice_is_one(endpoint, placement, lead, now):
    now += dt.timedelta(hours=1)
    happened(placement, lead, now)
    asked = [domain.replay(endpoint, now, by=lead, now=now + far) for far in (0 * MINUTE, MINUTE, 11 * MINUTE)]
    assert asked == [1, 1, 1]
    assert Message.objects.filter(channel="webhook").count() == 2


def test_replay_has_a_limit_and_says_how_far_it_came(monkeypatch, endpoint, placement, lead, now):
    monkeypatch.setattr(domain, "MOST_REPLAYED", 2)
    now += dt.timedelta(hours=1)
    for far in range(3):
        happened(placement, lead, now + far * MINUTE)
    assert domain.replay(endpoint, now, by=lead, now=now + 5 * MINUTE) == 2
    facts = domain.last_replay(endpoint).facts
    assert (facts["entries"], facts["until"]) == (2, (now + MINUTE).isoformat())


@pytest.mark.parametrize(
    ("text", "since"),
    [("2026-09-15 08:00", "2026-09-15T07:00:00+00:00"), ("2026-09-15T08:00+02:00", "2026-09-15T06:00:00+00:00")],
)
def test_since_is_read_on_the_wall_clock_of_the_hub(endpoint, now, text, since):
    assert domain.read_since(text, endpoint, now) == dt.datetime.fromisoformat(since)


@pytest.mark.parametrize("text", ["", "yesterday", "2026-09-31 08:00", "2026-09-16 08:00"])
def test_what_is_no_moment_or_still_to_come_is_refused(endpoint, now, text):
    with pytest.raises(Refused):
        domain.read_since(text, endpoint, now)


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("http://partner.example.org/", "scheme"), ("webcal://partner.example.org/", "scheme"),
        ("https://127.0.0.1/", "name"), ("https://localhost/", "name"),
        ("https://a:b@partner.example.org/", "userinfo"),
        ("https://partner.example.org:8443/", "port"), ("partner", "scheme"), ("", "address"),
    ],
)  # fmt: skip
def test_only_public_https_names_are_kept(cast, lead, now, address, code):
    with pytest.raises(Refused) as refused:
        domain.add_endpoint(cast.hub, {"name": "A", "address": address, "kinds": ALL}, by=lead, now=now)
    assert refused.value.code == code


@pytest.mark.parametrize("kinds", [[], ["student"], ["placement", "student"]])
def test_kinds_are_those_there_are(cast, lead, now, kinds):
    with pytest.raises(Refused, match="at least one"):
        domain.add_endpoint(cast.hub, {"name": "A", "address": URL, "kinds": kinds}, by=lead, now=now)


def test_nothing_is_done_with_one_that_is_switched_off(endpoint, lead, now):
    domain.switch(endpoint, on=False, by=lead, now=now)
    endpoint.refresh_from_db()
    for act in (
        lambda: domain.send_test(endpoint, by=lead, now=now),
        lambda: domain.send_again(endpoint, "1", by=lead, now=now),
        lambda: domain.replay(endpoint, now, by=lead, now=now),
        lambda: domain.switch(endpoint, on=False, by=lead, now=now),
    ):
        with pytest.raises(Refused):
            act()


def test_only_leads_of_the_hub_decide(cast, endpoint, now):
    for person, hub in ((cast.ben, cast.hub), (cast.chloe, cast.hub_b)):
        by = actor(person, hub)
        for act in (
            lambda by=by: domain.change_endpoint(endpoint, {"name": "X"}, by=by, now=now),
            lambda by=by: domain.renew_secret(endpoint, by=by, now=now),
            lambda by=by: domain.switch(endpoint, on=False, by=by, now=now),
            lambda by=by: domain.send_test(endpoint, by=by, now=now),
            lambda by=by: domain.send_again(endpoint, "1", by=by, now=now),
            lambda by=by: domain.replay(endpoint, now, by=by, now=now),
        ):
            with pytest.raises(CannotAct):
                act()
    with pytest.raises(CannotAct):
        domain.add_endpoint(cast.hub_b, {"name": "A", "address": URL, "kinds": ALL}, by=actor(cast.amina, cast.hub),
                            now=now)  # fmt: skip
