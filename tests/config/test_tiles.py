"""A server of map tiles: none unless it is named, whole or not at all."""

from __future__ import annotations

import pytest

from config.checks import map_tiles_are_whole
from config.tiles import origin_of, what_is_wrong

WHOLE = "https://tiles.example.org/{z}/{x}/{y}.png"


def test_nothing_leaves_the_host_unless_a_server_is_named(client, settings):
    assert (settings.MAP_TILES, settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]["img-src"]) == ("", ["'self'", "data:"])
    assert map_tiles_are_whole(None) == []


@pytest.mark.parametrize(
    ("tiles", "origin"),
    [
        (WHOLE, ["https://tiles.example.org"]),
        ("https://{s}.tiles.example.org:8443/{z}/{x}/{y}", ["https://*.tiles.example.org:8443"]),
        ("http://tiles.example.org/{z}/{x}/{y}", []),
        ("https://a.example; script-src https://evil.example/{z}{x}{y}", []),
        ("https://*/{z}/{x}/{y}", []),
        ("", []),
    ],
)
def test_the_policy_takes_in_one_server_and_nothing_else(tiles, origin):
    assert origin_of(tiles) == origin


@pytest.mark.parametrize(
    ("tiles", "credit", "said"),
    [
        (WHOLE, "© somebody", ""),
        (WHOLE, " ", "MAP_TILES_CREDIT is empty: whoever draws the maps wants to be named."),
        ("http://tiles.example.org/{z}/{x}/{y}.png", "© somebody", "MAP_TILES is no https address."),
        ("https://tiles.example.org/{z}/{x}.png", "© somebody", "MAP_TILES does not say where {z}, {x} and {y} go."),
    ],
)
def test_half_a_setting_stops_the_start_with_a_sentence(settings, tiles, credit, said):
    settings.MAP_TILES, settings.MAP_TILES_CREDIT = tiles, credit
    assert what_is_wrong(tiles, credit) == said
    assert [error.msg for error in map_tiles_are_whole(None)] == ([said] if said else [])
