"""The shell, the hub's colour and the style guide, as a browser gets them."""

import re
from pathlib import Path

import pytest

import hubs
from hubs.theme import stylesheet

STATIC = Path(hubs.__file__).parent / "static/hubs"
INLINE = re.compile(r"\sstyle=|\son[a-z]+=|<style|<script(?![^>]*\ssrc=)")


def test_theme_is_the_colour_of_the_hub_that_was_asked(client, cast):
    cast.hub.colour = "#ffcc00"
    cast.hub.save()
    answer = client.get("/theme.css")
    assert answer.content.decode() == stylesheet("#ffcc00")
    assert answer["Content-Type"] == "text/css; charset=utf-8"
    other = client.get("/theme.css", headers={"host": cast.hub_b.hostname})
    assert other.content.decode() == stylesheet("#7a3b1d")


def test_theme_is_not_sent_twice(client, cast):
    tag = client.get("/theme.css")["ETag"]
    again = client.get("/theme.css", headers={"if-none-match": tag})
    assert (again.status_code, again.content) == (304, b"")


def test_theme_takes_no_post(client, cast):
    assert client.post("/theme.css").status_code == 405


def test_theme_answers_where_no_hub_lives(client, cast):
    cast.hub.is_active = cast.hub_b.is_active = False
    cast.hub.save()
    cast.hub_b.save()
    assert client.get("/theme.css").status_code == 200


def test_style_guide_is_for_the_demo_only(client, cast, settings):
    settings.DEMO = settings.DEBUG = False
    assert client.get("/style-guide/").status_code == 404


@pytest.mark.parametrize("query", ["", "?errors&messages", "?shell=focus", "?shell=site"])
def test_style_guide_carries_nothing_inline(client, cast, settings, query):
    settings.DEMO = True
    client.force_login(cast.coordinator)
    answer = client.get(f"/style-guide/{query}")
    assert answer.status_code == 200
    assert INLINE.findall(answer.content.decode()) == []


@pytest.mark.parametrize(
    "path",
    [
        "/accounts/login/",
        "/accounts/signup/",
        "/accounts/password/reset/",
        "/accounts/password/reset/done/",
        "/nowhere/",
    ],
)
def test_pages_for_strangers_name_the_hub_and_carry_nothing_inline(client, cast, path):
    page = client.get(path).content.decode()
    assert cast.hub.name in page
    assert INLINE.findall(page) == []


@pytest.mark.parametrize("path", ["email/", "password/change/", "2fa/", "logout/"])
def test_account_pages_wear_the_shell(client, cast, path):
    client.force_login(cast.coordinator)
    page = client.get(f"/accounts/{path}").content.decode()
    assert page.count('class="top"') == 1
    assert INLINE.findall(page) == []


def test_the_stylesheet_stays_small():
    assert (STATIC / "portal.css").stat().st_size < 34 * 1024  # 8 KB on the wire
    assert (STATIC / "portal.js").stat().st_size < 2_000
