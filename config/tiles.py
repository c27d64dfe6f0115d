"""The server of map tiles an install may name; none is asked unless it does."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

_HOST = re.compile(r"(\{s\}\.)?[a-z0-9.-]+(:\d+)?", re.IGNORECASE)


def what_is_wrong(tiles: str, credit: str) -> str:
    """Why the address cannot be used, in a sentence; "" when it can."""
    where = urlsplit(tiles)
    if where.scheme != "https" or not _HOST.fullmatch(where.netloc):
        return "MAP_TILES is no https address."
    if not all(part in where.path + where.query for part in ("{z}", "{x}", "{y}")):
        return "MAP_TILES does not say where {z}, {x} and {y} go."
    if not credit.strip():
        return "MAP_TILES_CREDIT is empty: whoever draws the maps wants to be named."
    return ""


def origin_of(tiles: str) -> list[str]:
    """What the content policy lets pictures come from besides this host: nothing, or that one server."""
    where = urlsplit(tiles)
    if where.scheme != "https" or not _HOST.fullmatch(where.netloc):
        return []
    return [f"https://{where.netloc.replace('{s}', '*')}"]
