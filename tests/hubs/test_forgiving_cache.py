"""Redis away: a miss everywhere, and pages that ask it go on."""

from __future__ import annotations

import pytest
from django.core.cache import caches
from django.urls import reverse

from tests.run import free_port


@pytest.fixture
def away(settings):
    settings.CACHES = {
        "default": {
            "BACKEND": "hubs.forgiving_cache.ForgivingRedisCache",
            "LOCATION": f"redis://127.0.0.1:{free_port()}/0",
            "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 1},
        }
    }
    return caches["default"]


def test_everything_is_a_miss(away):
    assert [away.get("a"), away.get("a", 7), away.get_many(["a"]), away.has_key("a"), "a" in away] == [
        None, 7, {}, False, False,
    ]  # fmt: skip
    assert [away.set("a", 1), away.add("a", 1), away.touch("a"), away.delete("a"), away.set_many({"a": 1})] == [
        None, True, False, False, [],
    ]  # fmt: skip
    assert [away.delete_many(["a"]), away.clear(), away.get_or_set("a", 5)] == [None, False, 5]
    with pytest.raises(ValueError, match="not found"):
        away.incr("a")


def test_pages_and_the_api_go_on(away, cast, client):
    assert client.get(reverse("account_login")).status_code == 200
    answer = client.post(
        reverse("account_login"), {"login": cast.coordinator.email, "password": "correct horse battery"}
    )
    assert answer.status_code == 302
    assert client.get(reverse("home")).status_code == 200
    assert (
        client.get("/api/v1/placements/", headers={"Throughline-Organisation": str(cast.school.pk)}).status_code == 200
    )
    assert client.get("/").status_code in (200, 302, 404)
