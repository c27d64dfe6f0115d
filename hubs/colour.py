"""A hub's own colour, corrected until it can be read.

A hub chooses any colour. What the pages use are tokens derived from it: the hue is kept, the
lightness moves until text in that colour, and text upon it, reach 4.5:1 (WCAG 2.2, success
criterion 1.4.3) on every surface of the pages, once for light and once for dark.

Colours are "#rrggbb" strings. Mixing happens in OKLCH, where equal steps look equal, so that
a corrected yellow stays a yellow's brother instead of turning brown at once.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

LEAST_CONTRAST = 4.5
DEFAULT_COLOUR = "#1f5f8b"

# The surfaces of portal.css (--paper, --ground); a test keeps the two files in step.
LIGHT_SURFACES = ("#ffffff", "#f4f5f3")
DARK_SURFACES = ("#181a1c", "#101213")

_HEX = re.compile(r"#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})")


@dataclass(frozen=True)
class Accent:
    """The tokens of one scheme.

    `strong` is the accent one step further from the paper, for hover; `soft` is a tint to
    write on, in `accent` or in ink; `on_accent` is what is written on an accent surface.
    """

    accent: str
    strong: str
    soft: str
    on_accent: str


@dataclass(frozen=True)
class Theme:
    light: Accent
    dark: Accent


def tidy_hex(value: str) -> str:
    """Return `value` as "#rrggbb" in lower case; ValueError when it is not a hex colour."""
    match = _HEX.fullmatch(value.strip())
    if match is None:
        raise ValueError(f"{value!r} is not a colour such as #1f5f8b")
    digits = match[1].lower()
    return "#" + (digits if len(digits) == 6 else "".join(d * 2 for d in digits))


def luminance(colour: str) -> float:
    """WCAG relative luminance, from 0 for black to 1 for white."""
    red, green, blue = (_linear(channel) for channel in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """WCAG contrast ratio, from 1 (the same) to 21 (black and white)."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def theme(colour: str) -> Theme:
    """Derive both schemes from any hex colour; an unreadable value gives the default's."""
    try:
        wished = tidy_hex(colour)
    except ValueError:
        wished = DEFAULT_COLOUR
    return Theme(light=_light(wished), dark=_dark(wished))


def _light(wished: str) -> Accent:
    lightness, chroma, hue = _to_oklch(wished)
    soft = _from_oklch(0.955, min(chroma, 0.025), hue)
    accent = _darken(min(lightness, 0.62), chroma, hue, (*LIGHT_SURFACES, soft))
    depth = _to_oklch(accent)[0]
    return Accent(accent, _from_oklch(max(depth - 0.09, 0.0), chroma, hue), soft, LIGHT_SURFACES[0])


def _dark(wished: str) -> Accent:
    lightness, chroma, hue = _to_oklch(wished)
    soft = _from_oklch(0.27, min(chroma, 0.035), hue)
    # Strong colours glow on dark paper: hold the chroma back a little.
    chroma = min(chroma, 0.13)
    accent = _lighten(max(lightness, 0.72), chroma, hue, (*DARK_SURFACES, soft))
    height = _to_oklch(accent)[0]
    return Accent(accent, _from_oklch(min(height + 0.08, 1.0), chroma, hue), soft, DARK_SURFACES[1])


def _darken(lightness: float, chroma: float, hue: float, surfaces: tuple[str, ...]) -> str:
    while lightness > 0:
        colour = _from_oklch(lightness, chroma, hue)
        if _readable(colour, surfaces):
            return colour
        lightness -= 0.01
    return "#000000"


def _lighten(lightness: float, chroma: float, hue: float, surfaces: tuple[str, ...]) -> str:
    while lightness < 1:
        colour = _from_oklch(lightness, chroma, hue)
        if _readable(colour, surfaces):
            return colour
        lightness += 0.01
    return "#ffffff"


def _readable(colour: str, surfaces: tuple[str, ...]) -> bool:
    return all(contrast(colour, surface) >= LEAST_CONTRAST for surface in surfaces)


def _channels(colour: str) -> tuple[float, float, float]:
    digits = tidy_hex(colour)[1:]
    red, green, blue = (int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4))
    return red, green, blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


def _gamma(channel: float) -> float:
    return channel * 12.92 if channel <= 0.0031308 else 1.055 * channel ** (1 / 2.4) - 0.055


def _to_oklch(colour: str) -> tuple[float, float, float]:
    """Lightness 0 to 1, chroma 0 to about 0.4, hue in radians (Ottosson 2020)."""
    red, green, blue = (_linear(channel) for channel in _channels(colour))
    long = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    medium = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    lightness = 0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short
    a = 1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short
    b = 0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short
    return lightness, math.hypot(a, b), math.atan2(b, a)


def _from_oklch(lightness: float, chroma: float, hue: float) -> str:
    """The nearest colour a screen can show: chroma gives way, hue and lightness stay."""
    while chroma > 0.002:
        channels = _oklch_channels(lightness, chroma, hue)
        if all(-0.0005 <= channel <= 1.0005 for channel in channels):
            return _hex(channels)
        chroma *= 0.96
    return _hex(_oklch_channels(lightness, 0.0, hue))


def _oklch_channels(lightness: float, chroma: float, hue: float) -> tuple[float, float, float]:
    a, b = chroma * math.cos(hue), chroma * math.sin(hue)
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )


def _hex(channels: tuple[float, float, float]) -> str:
    shown = (round(_gamma(min(max(channel, 0.0), 1.0)) * 255) for channel in channels)
    return "#" + "".join(f"{value:02x}" for value in shown)
