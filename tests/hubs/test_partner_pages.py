"""The pages of partners' systems in the back office: for leads, and of one hub."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from hubs import delivery, partners
from hubs.domain import partners as domain
from hubs.domain.staff import sync_staff
from hubs.log import record
from hubs.models import LogEntry, Message, PartnerEndpoint
from hubs.partner_calls import NotTaken, secret_of
from tests import scenes
from tests.cast import NOW, actor, join, person

ADDRESS = "https://partner.example.org/in/k3y"


@pytest.fixture
def amina(client, cast, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW + dt.timedelta(hours=1))
    sync_staff(cast.hub)
    client.force_login(cast.amina)
    return client


@pytest.fixture
def placement(cast):
    return scenes.placement(cast, state="offered")


@pytest.fixture
def endpoint(cast, placement):
    fields = {"name": "Records", "address": ADDRESS, "kinds": ["placement"]}
    return domain.add_endpoint(cast.hub, fields, by=actor(cast.amina, cast.hub), now=NOW)


@pytest.fixture
def told(cast, endpoint, placement) -> Message:
    record(placement, "accepted", by=actor(cast.amina, cast.hub), now=NOW)
    partners.tell_all(NOW)
    return Message.objects.get(channel="webhook")


def page(client, endpoint) -> str:
    return client.get(reverse("partners:inspect", args=[endpoint.pk])).content.decode()


def act(client, endpoint, verb: str, text: str = ""):
    return client.post(reverse("partners:act", args=[endpoint.pk, verb]), {"text": text})


def test_lead_adds_one_and_is_led_to_its_page(amina, cast):
    given = {"name": "Records", "address": ADDRESS, "kinds": ["placement", "session"]}
    answer = amina.post(reverse("partners:add"), given)
    endpoint = PartnerEndpoint.objects.get()
    assert answer["Location"] == reverse("partners:inspect", args=[endpoint.pk])
    assert (endpoint.hub, endpoint.address, endpoint.kinds) == (cast.hub, ADDRESS, ["placement", "session"])
    assert LogEntry.objects.about(endpoint).get().verb == "added"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"address": "http://partner.example.org/"}, "must begin with https://"),
        ({"address": "https://10.0.0.1/"}, "not a number"),
        ({"kinds": ["student"]}, "Select a valid choice"),
        ({"kinds": []}, "This field is required"),
    ],
)
def test_form_says_what_is_wrong(amina, cast, change, sentence):
    given = {"name": "Records", "address": ADDRESS, "kinds": ["placement"]} | change
    assert sentence in amina.post(reverse("partners:add"), given).content.decode()
    assert PartnerEndpoint.objects.count() == 0


def test_lead_changes_one(amina, endpoint):
    given = {"name": "Archive", "address": ADDRESS, "kinds": ["encounter"]}
    amina.post(reverse("partners:edit", args=[endpoint.pk]), given)
    endpoint.refresh_from_db()
    assert (endpoint.name, endpoint.kinds) == ("Archive", ["encounter"])


def test_list_names_the_host_and_no_more_of_the_address(amina, endpoint):
    shown = amina.get(reverse("partners:index")).content.decode()
    assert ("Records" in shown, "partner.example.org" in shown, "k3y" in shown) == (True, True, False)


def test_page_shows_the_secret_and_what_was_told(amina, endpoint, told, monkeypatch):
    monkeypatch.setattr("hubs.partner_calls.post", lambda *args, **options: 204)
    delivery.drain(lambda: NOW, partners=True)
    shown = page(amina, endpoint)
    assert secret_of(endpoint) in shown
    assert f'<tr><th scope="row">{told.pk}</th>' in shown
    assert "<td><code>placement.accepted</code></td><td>sent</td><td>1</td><td>204</td>" in shown


def test_page_shows_what_went_wrong(amina, endpoint, told, monkeypatch):
    monkeypatch.setattr("hubs.partner_calls.post", lambda *args, **options: 503)
    delivery.drain(lambda: NOW, partners=True)
    assert f"<td>due</td><td>1</td><td>{NotTaken.__name__}: 503</td>" in page(amina, endpoint)


@pytest.mark.parametrize("rows", [1, 3])
def test_page_costs_the_same_however_much_was_told(amina, cast, endpoint, placement, rows, django_assert_num_queries):
    for _ in range(rows):
        record(placement, "accepted", by=actor(cast.amina, cast.hub), now=NOW)
    partners.tell_all(NOW)
    page(amina, endpoint)
    with django_assert_num_queries(13):
        page(amina, endpoint)


def test_each_act_does_what_it_says(amina, endpoint, told):
    act(amina, endpoint, "test")
    act(amina, endpoint, "again", str(told.pk))
    act(amina, endpoint, "replay", "2026-09-15 09:00")
    act(amina, endpoint, "new-secret")
    act(amina, endpoint, "switch-off")
    verbs = LogEntry.objects.about(endpoint).order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["added", "tried", "called_again", "replayed", "secret_renewed", "switched_off"]
    endpoint.refresh_from_db()
    assert (endpoint.is_active, endpoint.generation) == (False, 2)
    assert "Told again last: " in page(amina, endpoint)
    act(amina, endpoint, "switch-on")
    endpoint.refresh_from_db()
    assert endpoint.is_active


def test_buttons_are_those_that_do_something(amina, endpoint, told):
    assert reverse("partners:act", args=[endpoint.pk, "switch-off"]) in page(amina, endpoint)
    PartnerEndpoint.objects.update(is_active=False)
    shown = page(amina, endpoint)
    for verb, there in (("switch-on", True), ("switch-off", False), ("test", False), ("again", False)):
        assert (reverse("partners:act", args=[endpoint.pk, verb]) in shown) is there


def test_refusal_is_a_sentence_on_the_page(amina, endpoint):
    assert "as in 2026-09-15 08:00" in act(amina, endpoint, "replay", "yesterday").content.decode()


@pytest.mark.parametrize("role", ["careers_manager", "hub_viewer"])
def test_others_of_the_hub_see_nothing_of_it(client, cast, endpoint, told, role):
    other = join(person("other@harbour.example", "Other"), cast.hub, role)
    sync_staff(cast.hub)
    client.force_login(other)
    routes = [
        reverse("partners:index"), reverse("partners:add"), reverse("partners:inspect", args=[endpoint.pk]),
        reverse("partners:edit", args=[endpoint.pk]), reverse("partners:act", args=[endpoint.pk, "new-secret"]),
    ]  # fmt: skip
    assert [client.get(route).status_code for route in routes] == [403] * 5
    assert act(client, endpoint, "new-secret").status_code == 403
    assert reverse("partners:index") not in client.get("/admin/").content.decode()
    messages = client.get(reverse("messages:index")).content.decode()
    assert ("partner.example.org" in messages, "k3y" in messages) == (True, False)


def test_another_hub_finds_nothing(client, cast, endpoint):
    sync_staff(cast.hub_b)
    client.force_login(cast.chloe)
    for name, args in (("inspect", []), ("edit", []), ("act", ["new-secret"])):
        route = reverse(f"partners:{name}", args=[endpoint.pk, *args])
        assert client.get(route, headers={"host": "fells.localhost"}).status_code == 404
    endpoint.refresh_from_db()
    assert endpoint.generation == 1
