"""What partners' systems are told, against a real TLS server that takes the calls."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import json
from pathlib import Path

import pytest
from django.core.management import call_command

from hubs import delivery, partners
from hubs.domain import partners as domain
from hubs.log import record
from hubs.models import LogEntry, Message, MessageAttempt, PartnerEndpoint
from hubs.partner_calls import secret_of
from placements.worklists_rows import say_message
from tests import scenes
from tests.cast import actor
from tests.hubs.partner_calls import ALL, URL, call_all, happened, rows, sent
from tests.hubs.web_server import NAME, PUBLIC, moved, plain

MINUTE = dt.timedelta(minutes=1)


def test_a_move_is_told_with_codes_and_numbers_alone(cast, server, endpoint, placement, lead, now):
    entry = happened(placement, lead, now, from_state="offered", to_state="accepted")
    call_all(now)
    [(headers, body)] = sent(server)
    assert json.loads(body) == {
        "type": "placement.accepted",
        "timestamp": now.isoformat(),
        "data": {
            "hub": cast.hub.slug,
            "subject_type": "placement",
            "subject_id": placement.pk,
            "state_before": "offered",
            "state_after": "accepted",
            "url": cast.hub.url(f"/api/v1/placements/{placement.pk}/"),
        },
    }
    assert b"Ada" not in server.requests[0]
    assert server.requests[0].startswith(b"POST /in/k3y HTTP/1.1\r\n")
    assert headers["content-type"] == "application/json"
    assert headers["webhook-id"] == f"evt_{endpoint.pk}_{entry.pk}"
    message = Message.objects.get(channel="webhook")
    assert (message.state, message.provider_id, message.address) == ("sent", "200", NAME)


def test_signature_is_that_of_standard_webhooks(server, endpoint, placement, lead, now):
    happened(placement, lead, now)
    call_all(now)
    [(headers, body)] = sent(server)
    key = base64.b64decode(secret_of(endpoint).removeprefix("whsec_"), validate=True)
    said = b".".join([headers["webhook-id"].encode(), headers["webhook-timestamp"].encode(), body])
    assert len(key) == 32
    assert headers["webhook-timestamp"] == str(int(now.timestamp()))
    assert headers["webhook-signature"] == "v1," + base64.b64encode(hmac.digest(key, said, hashlib.sha256)).decode()


def test_the_lines_in_the_documentation_check_it(server, endpoint, placement, lead, now, settings, monkeypatch):
    happened(placement, lead, now)
    call_all(now)
    [(headers, body)] = sent(server)
    words = (Path(settings.BASE_DIR) / "docs/webhooks.md").read_text()
    found: dict = {}
    exec(words.partition("```python\n")[2].partition("```")[0], found)
    is_genuine, secret = found["is_genuine"], secret_of(endpoint)
    monkeypatch.setattr(found["time"], "time", lambda: now.timestamp() + 299)
    assert is_genuine(headers, body, secret)
    domain.renew_secret(endpoint, by=lead, now=now)
    endpoint.refresh_from_db()
    assert not is_genuine(headers, body, secret_of(endpoint))
    assert not is_genuine(headers, body + b" ", secret)
    assert not is_genuine({**headers, "webhook-id": "evt_0_0"}, body, secret)
    monkeypatch.setattr(found["time"], "time", lambda: now.timestamp() + 301)
    assert not is_genuine(headers, body, secret)


def test_documentation_names_every_kind(settings):
    words = (Path(settings.BASE_DIR) / "docs/webhooks.md").read_text()
    assert [name for name in partners.FAMILIES if f"\n| `{name}` |" not in words] == []


def test_new_secret_signs_and_the_old_one_does_not(endpoint, lead, now):
    old = secret_of(endpoint)
    domain.renew_secret(endpoint, by=lead, now=now)
    assert secret_of(PartnerEndpoint.objects.get()) != old


def test_secrets_of_two_endpoints_differ(cast, endpoint, lead, now):
    other = domain.add_endpoint(cast.hub, {"name": "B", "address": URL, "kinds": ALL}, by=lead, now=now)
    assert secret_of(other) != secret_of(endpoint)


def test_what_was_before_it_is_not_told(server, endpoint, now):
    assert LogEntry.objects.filter(subject_type="placements.placement").exists()
    call_all(now)
    assert (rows(), server.connections) == ([], 0)


def test_entries_of_another_hub_never_go_out(cast, server, endpoint, lead, now):
    theirs = scenes.opportunity(cast.employer_b, title="Fells")
    record(theirs, "published", by=actor(cast.chloe, cast.hub_b), now=now)
    call_all(now)
    assert (rows(), server.connections) == ([], 0)
    record(theirs, "published", by=actor(cast.chloe, cast.hub_b), now=now)
    domain.replay(endpoint, now - dt.timedelta(days=9), by=lead, now=now)
    hubs = set(LogEntry.objects.filter(pk__in=[m.facts["entry"] for m in Message.objects.filter(channel="webhook")])
               .values_list("hub", flat=True))  # fmt: skip
    assert hubs == {cast.hub.pk}


@pytest.mark.parametrize(
    ("kinds", "told"),
    [
        (["placement"], ["accepted", "completed"]),
        (["encounter"], ["marked", "completed"]),
        (["session"], []),
        (["placement", "encounter"], ["accepted", "marked", "completed"]),
    ],
)
def test_each_is_told_what_it_asked_for(endpoint, placement, lead, now, kinds, told):
    domain.change_endpoint(endpoint, {"kinds": kinds}, by=lead, now=now)
    for verb in ("accepted", "marked", "completed"):
        happened(placement, lead, now, verb)
    partners.tell_all(now)
    found = Message.objects.filter(channel="webhook").order_by("pk")
    assert [message.facts["type"] for message in found] == [f"placement.{verb}" for verb in told]


def test_every_family_has_its_address_in_the_api(cast, endpoint):
    data = [
        partners._data(LogEntry(subject_type=one.subject_type, subject_id=7, verb="added"), endpoint)["url"]
        for one in partners.FAMILIES.values()
    ]
    paths = ["opportunities", "sessions", "requests", "placements", "placements"]
    assert sorted(data) == sorted(cast.hub.url(f"/api/v1/{path}/7/") for path in paths)


def test_one_entry_is_told_once_however_often_it_is_looked_for(server, endpoint, placement, lead, now):
    happened(placement, lead, now)
    for later in range(0, 30, 3):
        call_all(now + later * MINUTE)
    assert (rows(), server.connections) == ([("sent", 1)], 1)
    assert PartnerEndpoint.objects.get().told_until >= LogEntry.objects.about(placement).first().pk


def test_moved_address_is_not_told_everything_anew(server, endpoint, placement, lead, now):
    happened(placement, lead, now)
    call_all(now)
    domain.change_endpoint(endpoint, {"address": f"{URL}/new"}, by=lead, now=now)
    call_all(now)
    assert len(rows()) == 1


def test_many_are_told_in_batches_and_none_is_left(monkeypatch, endpoint, placement, lead, now):
    monkeypatch.setattr(partners, "BATCH", 3)
    made = [happened(placement, lead, now) for _ in range(8)]
    later = now + 20 * MINUTE
    assert [partners.tell_all(later) for _ in range(4)] == [3, 3, 2, 0]
    assert PartnerEndpoint.objects.get().told_until >= made[-1].pk


@pytest.mark.parametrize("status", ["500 Oh", "429 Slow down", "404 Not Found", "302 Found", "199 What"])
def test_any_other_answer_is_tried_again_and_in_the_end_given_up(server, endpoint, placement, lead, now, status):
    server.answer = lambda request, write: write(plain(b"", status=status))
    happened(placement, lead, now)
    moment = now
    for _ in range(7):
        call_all(moment)
        moment += dt.timedelta(hours=3)
    message = Message.objects.get(channel="webhook")
    assert (message.state, message.attempts, message.problem) == ("failed", 5, "gave_up")
    assert message.problem_text == f"NotTaken: {status[:3]}"
    assert list(Message.objects.on_desk()) == [message]
    assert server.connections == 5
    assert len({headers["webhook-id"] for headers, _body in sent(server)}) == 1


def test_a_redirect_is_not_followed(server, endpoint, placement, lead, now):
    server.answer = lambda request, write: write(moved("/elsewhere"))
    happened(placement, lead, now)
    call_all(now)
    assert (rows(), server.connections) == ([("due", 1)], 1)


@pytest.mark.parametrize("ip", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "::ffff:10.0.0.1"])
def test_nothing_goes_to_an_address_that_is_not_public(server, endpoint, placement, lead, now, ip):
    server.ips = [PUBLIC, ip]
    happened(placement, lead, now)
    call_all(now)
    assert (rows(), server.connections) == ([("due", 1)], 0)
    assert MessageAttempt.objects.get(message__channel="webhook").detail == "NotTaken: not_public"


def test_one_that_wants_no_more_is_switched_off_and_the_desk_says_so(server, endpoint, placement, lead, now):
    server.answer = lambda request, write: write(plain(b"", status="410 Gone"))
    first, _second = happened(placement, lead, now), happened(placement, lead, now, "completed")
    call_all(now)
    assert rows() == [("failed", 1), ("skipped", 1)]
    [desk] = Message.objects.on_desk()
    shown = say_message(desk, desk.hub, now)
    assert (shown.title, shown.who) == (f"Records: {desk.problem_text}", NAME)
    assert (desk.facts["entry"], desk.problem) == (first.pk, "refused")
    assert desk.problem_text == "The partner's system answered 410: it wants no more. It was switched off."
    assert PartnerEndpoint.objects.get().is_active is False
    assert LogEntry.objects.about(endpoint).filter(verb="switched_off", hat="system").count() == 1
    happened(placement, lead, now)
    call_all(now)
    assert (len(rows()), server.connections) == (2, 1)


def test_what_waits_is_not_sent_once_it_is_switched_off(server, endpoint, placement, lead, now):
    happened(placement, lead, now)
    partners.tell_all(now)
    domain.switch(endpoint, on=False, by=lead, now=now)
    call_all(now)
    assert ([state for state, _attempts in rows()], server.connections) == (["skipped"], 0)


def test_nothing_is_sent_for_a_hub_that_is_closed(cast, server, endpoint, placement, lead, now):
    happened(placement, lead, now)
    partners.tell_all(now)
    type(cast.hub).objects.filter(pk=cast.hub.pk).update(is_active=False)
    happened(placement, lead, now)
    call_all(now)
    assert ([state for state, _attempts in rows()], server.connections) == (["skipped"], 0)


def test_switched_on_again_it_is_told_from_then_on(server, endpoint, placement, lead, now):
    domain.switch(endpoint, on=False, by=lead, now=now)
    happened(placement, lead, now)
    domain.switch(endpoint, on=True, by=lead, now=now)
    entry = happened(placement, lead, now, "completed")
    call_all(now)
    assert [message.facts["entry"] for message in Message.objects.filter(channel="webhook")] == [entry.pk]


def test_one_that_is_down_costs_one_call_a_minute_whatever_waits(server, endpoint, placement, lead, now):
    server.answer = lambda request, write: write(plain(b"", status="503 Down"))
    for _ in range(5):
        happened(placement, lead, now)
    call_all(now)
    call_all(now + 0.9 * MINUTE)
    assert (sorted(rows()), server.connections) == ([("due", 0)] * 4 + [("due", 1)], 1)
    server.answer = lambda request, write: write(plain(b""))
    call_all(now + MINUTE)
    assert {state for state, _attempts in rows()} == {"sent"}


def test_mails_do_not_wait_for_partners_nor_partners_for_mails(server, endpoint, placement, lead, now):
    happened(placement, lead, now)
    partners.tell_all(now)
    delivery.drain(lambda: now)
    assert (rows(), server.connections) == ([("due", 0)], 0)


def test_command_tells_partners_without_a_worker(server, endpoint, placement, lead, monkeypatch, now):
    monkeypatch.setattr("hubs.management.commands.deliver.database_now", lambda: now)
    happened(placement, lead, now)
    call_command("deliver")
    assert (rows(), server.connections) == ([("sent", 1)], 1)
