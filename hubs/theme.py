"""The hub's colour as a stylesheet: pages carry no inline style, so the policy stays strict."""

import hashlib
from functools import lru_cache

from hubs.colour import Accent, theme

# Unlayered on purpose: it wins over every layer of portal.css, whatever the order of loading.
_SHEET = """:root{{{light}}}
@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}
"""


@lru_cache(maxsize=256)
def stylesheet(colour: str) -> str:
    """The accent tokens for any hex colour, as CSS; an unreadable colour gives the default's."""
    tokens = theme(colour)
    return _SHEET.format(light=_declarations(tokens.light), dark=_declarations(tokens.dark))


def etag(colour: str) -> str:
    """A quoted tag of what is sent, not of what was asked: the recipe may change under a colour."""
    return f'"{hashlib.sha256(stylesheet(colour).encode()).hexdigest()[:16]}"'


def _declarations(accent: Accent) -> str:
    return (
        f"--accent:{accent.accent};--accent-strong:{accent.strong};"
        f"--accent-soft:{accent.soft};--on-accent:{accent.on_accent}"
    )
