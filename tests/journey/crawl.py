"""`python -m tests.journey.crawl`: every page of the demonstration, for each person, as JSON.

Follows links as the person would, in this process, and counts what each page costs. The
environment says which database: that of a seeded demonstration (see `demo.py`).
"""

from __future__ import annotations

import html
import json
import os
import re
import sys
import time
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from urllib.parse import parse_qs, urlsplit

import django

#: Who walks, and where they begin. Nobody's mail page leads to every signed link.
WALKERS = {
    "": ("/", "/accounts/login/", "/accounts/password/reset/", "/style-guide/", "/demo/mail/", "/no-such-page/"),
    "careers@quayside.example": ("/home/", "/account/", "/people/"),
    "careers@millbeck.example": ("/home/",),
    "joan@brightwater.example": ("/home/", "/account/", "/people/"),
    "tariq@saffron.example": ("/home/",),
    "marek@tidewater.example": ("/home/",),
    "amina@harbour.example": (
        "/admin/",
        "/people/",
        "/admin/templates/",
        "/admin/messages/",
        "/admin/log/",
        "/admin/encounter-types/",
        "/admin/requirements/",
        "/admin/hub/",
    ),
    "funder@harbour.example": ("/admin/",),
    "chloe@fells.example": ("/admin/",),
}
OTHER_HUB = {"chloe@fells.example": "fells.localhost"}
#: No page: files, feeds, parts of pages, ways out.
SKIPPED = re.compile(
    r"^/(static|media|documents/|downloads|feeds/.*\.ics|accounts/logout|admin/(logout|pages|images|documents|snippets))"
    r"|\.(ics|rss|xml|txt|css)$|/html/$|/attachments/|/results/$"
)
LINK = re.compile(r'<a\b[^>]*?\bhref="([^"]+)"')
#: Of each kind of page this many are looked at.
MOST = {"demo-mail": 3, "demo-mail-one": 95, "wagtail_serve": 40, "answer-link": 2, "host-link": 2, "consent-link": 2}
#: The same for everybody: looked at once, by whoever comes first.
SHARED = re.compile(r"^(wagtail_serve|catalogue|search|account_|mfa_|tokens|account$|people-member)")


@dataclass(frozen=True)
class Visit:
    """One page: milliseconds of server time are of this one run."""

    who: str
    host: str
    path: str
    route: str
    status: int
    queries: int
    ms: float
    size: int


def crawl(who: str, starts: tuple[str, ...], known: set[tuple[str, str]]) -> Iterator[Visit]:
    """Breadth first, links of GET pages only; each kind of page once or as `MOST` says.

    `known` holds the shared pages of each hostname that somebody has looked at, and grows.
    """
    host = f"{OTHER_HUB.get(who, 'localhost')}:{os.environ.get('PUBLIC_PORT', '8000')}"
    client = client_of(who, host)
    waiting, seen, kinds = deque(starts), set(starts), Counter()
    while waiting:
        path = waiting.popleft()
        kind = kind_of(path)
        if kind is None or kinds[kind] >= MOST.get(kind, 1):
            continue
        kinds[kind] += 1
        shared = (host, path if kind == "wagtail_serve" else kind)
        if SHARED.match(kind) and (shared in known or known.add(shared)):
            continue
        visit, body = look(client, who, host, path, kind)
        if visit is None:
            continue
        yield visit
        for link in links(body, path, host):
            if link not in seen:
                seen.add(link)
                waiting.append(link)


def client_of(who: str, host: str):
    from django.test import Client

    from hubs.models import User

    client = Client(HTTP_HOST=host)
    if who:
        client.force_login(User.objects.get(email=who))
    return client


def look(client, who: str, host: str, path: str, kind: str) -> tuple[Visit | None, str]:
    """One GET; redirects are followed unmeasured, files are no visit."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as queries:
        started = time.perf_counter()
        response = client.get(path)
        ms = (time.perf_counter() - started) * 1000
    # After a statement that was cut short, every later page would fail, and hide which one it was.
    assert response.status_code < 500, f"{path} answers {who or 'a visitor'} with {response.status_code}"
    if response.status_code in (301, 302):
        return None, f'<a href="{html.escape(response.url)}">'
    if not response.get("Content-Type", "").startswith("text/html"):
        return None, ""
    body = response.content.decode()
    visit = Visit(who, host, path, kind, response.status_code, len(queries), round(ms, 1), len(response.content))
    return visit, body


def links(body: str, path: str, host: str) -> Iterator[str]:
    for raw in LINK.findall(body):
        parts = urlsplit(html.unescape(raw))
        if parts.netloc not in ("", host) or parts.scheme not in ("", "http") or (not parts.path and not parts.query):
            continue
        base = parts.path or urlsplit(path).path
        if base.startswith("/") and not SKIPPED.search(base):
            yield f"{base}?{parts.query}" if parts.query else base


def kind_of(path: str) -> str | None:
    """Pages of one kind have one route and the same words in their query."""
    from django.urls import Resolver404, resolve

    parts = urlsplit(path)
    try:
        found = resolve(parts.path)
    except Resolver404:
        return None
    asked = sorted(set(parse_qs(parts.query)) - {"next", "page", "p"})
    fixed = [str(value) for value in found.kwargs.values() if str(value).isalpha()]
    return " ".join([found.view_name or parts.path, *fixed, *(f"?{name}" for name in asked)])


def walk(wanted: list[str] | None = None) -> list[Visit]:
    known: set[tuple[str, str]] = set()
    return [
        visit for who, starts in WALKERS.items() if not wanted or who in wanted for visit in crawl(who, starts, known)
    ]


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    json.dump([asdict(visit) for visit in walk(sys.argv[1:])], sys.stdout)
