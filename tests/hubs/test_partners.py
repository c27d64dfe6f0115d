"""What partners' systems are told, against a real TLS server that takes the calls."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import json
from functools import partial

import pytest
from django.core.management import call_command

from hubs import delivery, partners
from hubs.domain import partners as domain
from hubs.domain.messages import resend
from hubs.errors import CannotAct, Refused
from hubs.fetch import post
from hubs.log import record
from hubs.models import LogEntry, Message, MessageAttempt, PartnerEndpoint
from hubs.partner_calls import secret_of
from tests import scenes
from tests.cast import actor
from tests.hubs.web_server import NAME, PUBLIC, Server, moved, plain

URL = f"https://{NAME}/in/k3y"
ALL = ["opportunity", "session", "placement_request", "placement", "encounter"]
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def server(tmp_path, monkeypatch):
    made = Server(tmp_path)
    made.ips = [PUBLIC]
    call = partial(post, resolver=lambda host: made.ips, connector=made.connector)
    monkeypatch.setattr("hubs.partner_calls.post", call)
    yield made
    made.close()


@pytest.fixture
def lead(cast):
    return actor(cast.amina, cast.hub)


@pytest.fixture
def placement(cast):
    return scenes.placement(cast, state="offered")


@pytest.fixture
def endpoint(cast, lead, now, placement):
    """Of hub A, for everything; the placement was there before it."""
    return domain.add_endpoint(cast.hub, {"name": "Records", "address": URL, "kinds": ALL}, by=lead, now=now)


def happened(placement, lead, now, verb="accepted", **more) -> LogEntry:
    return record(placement, verb, by=lead, now=now, reason="Ada Byron rang", pupil="Ada Byron", **more)


def sent(server) -> list[tuple[dict, bytes]]:
    """(headers, body) of each call the server took."""
    calls = []
    for request in server.requests:
        head, _blank, body = request.partition(b"\r\n\r\n")
        lines = [line.split(": ", 1) for line in head.decode().split("\r\n")[1:]]
        calls.append(({name.lower(): value for name, value in lines}, body))
    return calls


def call_all(now) -> None:
    partners.tell_all(now)
    delivery.drain(lambda: now, partners=True)


def rows() -> list[tuple]:
    return list(Message.objects.filter(channel="webhook").order_by("pk").values_list("state", "attempts"))


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
