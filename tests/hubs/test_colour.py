"""Any colour a hub chooses can be read, in light and in dark."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import hubs
from hubs import colour
from hubs.theme import etag, stylesheet

hex_colours = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [("#000000", "#ffffff", 21.0), ("#777777", "#ffffff", 4.48), ("#abc", "#aabbcc", 1.0)],
)
def test_contrast_agrees_with_wcag(one, other, ratio):
    assert round(colour.contrast(one, other), 2) == ratio


@given(hex_colours)
def test_accent_is_readable_on_every_surface(wished):
    tokens = colour.theme(wished)
    for accent, surfaces in (
        (tokens.light, colour.LIGHT_SURFACES),
        (tokens.dark, colour.DARK_SURFACES),
    ):
        for shade in (accent.accent, accent.strong):
            ratios = [colour.contrast(shade, s) for s in (*surfaces, accent.soft, accent.on_accent)]
            assert min(ratios) >= colour.LEAST_CONTRAST


@given(hex_colours)
def test_ink_is_readable_on_the_tint(wished):
    tokens = colour.theme(wished)
    assert colour.contrast("#17191a", tokens.light.soft) >= 7
    assert colour.contrast("#eceeed", tokens.dark.soft) >= 7


@given(hex_colours)
def test_oklch_round_trip_returns_the_colour(wished):
    there_and_back = colour._from_oklch(*colour._to_oklch(wished))
    apart = [abs(int(wished[at : at + 2], 16) - int(there_and_back[at : at + 2], 16)) for at in (1, 3, 5)]
    assert max(apart) <= 2


def test_a_colour_that_already_reads_well_is_kept():
    assert colour.theme("#1f5f8b").light.accent == "#1f5f8b"


@pytest.mark.parametrize("broken", ["", "blue", "#12", "#12345g", "red;}body{display:none"])
def test_an_unreadable_colour_gives_the_default(broken):
    assert colour.theme(broken) == colour.theme(colour.DEFAULT_COLOUR)


def test_tidy_hex_says_what_is_wrong():
    with pytest.raises(ValueError, match="'mauve' is not a colour such as #1f5f8b"):
        colour.tidy_hex("mauve")


def test_stylesheet_names_each_token_once_per_scheme():
    sheet = stylesheet("#ffcc00")
    tokens = re.findall(r"--([a-z-]+):", sheet)
    assert sorted(set(tokens)) == ["accent", "accent-soft", "accent-strong", "on-accent"]
    assert len(tokens) == 8


def test_etag_changes_with_the_colour():
    assert etag("#ffcc00") != etag("#1f5f8b")
    assert etag("#ffcc00") == etag("#ffcc00")


def test_the_surfaces_are_those_of_the_stylesheet():
    css = (Path(hubs.__file__).parent / "static/hubs/portal.css").read_text()
    papers = re.findall(r"--paper: (#[0-9a-f]{6})", css)
    grounds = re.findall(r"--ground: (#[0-9a-f]{6})", css)
    assert list(zip(papers, grounds, strict=True))[:2] == [
        colour.LIGHT_SURFACES,
        colour.DARK_SURFACES,
    ]
