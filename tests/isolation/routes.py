"""Every address the resolver answers, as a pattern a person can read, and an address made of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.urls import URLPattern, get_resolver

READING, WRITING = "GET", "POST"
#: An argument: <int:pk>, (?P<pk>…) or an unnamed group.
_HOLE = re.compile(r"<[^>]+>|\(\?P<.*?>.*?\)(?=/|-|\$|$)|\((?:[^()]|\([^()]*\))*\)")


@dataclass(frozen=True)
class Route:
    """`pattern` as written in the urlconfs; `arguments` in their order, unnamed ones as _1, _2."""

    pattern: str
    name: str
    methods: tuple[str, ...]
    arguments: tuple[str, ...]
    view: Any = field(compare=False, hash=False)

    def address(self, values: dict[str, Any]) -> str:
        parts = iter(self.arguments)
        text = _HOLE.sub(lambda _match: f"\0{next(parts)}\0", self.pattern)
        text = text.replace("\\.", ".").replace("^", "").replace("$", "")
        return "/" + re.sub("\0(.*?)\0", lambda m: str(values[m.group(1)]), text)


def all_routes(urlconf: str | None = None) -> list[Route]:
    """In the order of the resolver. Two patterns that read the same are one: the first answers."""
    found: dict[str, Route] = {}
    for pattern, names, entry in _walk(get_resolver(urlconf), "", ()):
        found.setdefault(pattern, _route(pattern, names, entry))
    return list(found.values())


def _walk(resolver, prefix: str, names: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...], URLPattern]]:
    for entry in resolver.url_patterns:
        pattern = prefix + str(entry.pattern)
        if isinstance(entry, URLPattern):
            yield pattern, (*names, entry.name or ""), entry
        else:
            yield from _walk(entry, pattern, (*names, *filter(None, [entry.namespace])))


def _route(pattern: str, names: tuple[str, ...], entry: URLPattern) -> Route:
    named = re.findall(r"<(?:\w+:)?(\w+)>", pattern)
    unnamed = 0 if named else entry.pattern.regex.groups
    arguments = tuple(named) or tuple(f"_{n}" for n in range(1, unnamed + 1))
    actions = getattr(entry.callback, "actions", None)
    methods = tuple(sorted(verb.upper() for verb in actions)) if actions else (READING, WRITING)
    return Route(pattern, ":".join(names), methods, arguments, entry.callback)
