"""What every page promises, looked at in a browser; each broken promise is one line of text."""

from __future__ import annotations

import gzip
import urllib.request
from collections.abc import Iterator
from urllib.parse import urlsplit

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

FIRST_LOAD = 100 * 1024  # bytes over the wire: page, style, script, pictures
#: What can differ between light and dark.
COLOURS = ("color-contrast", "link-in-text-block")


class Watched:
    """A page, and what it did that no page may: asked another host, broke its policy, threw."""

    def __init__(self, page: Page, base: str) -> None:
        self.page, self.base = page, base
        self.complaints: list[str] = []
        self.bytes, self.squeezed, self.files = 0, {}, {}
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.complaints.append(f"script error: {error}"))
        page.on("request", self._asked)
        self.wire = wire = page.context.new_cdp_session(page)
        wire.send("Network.enable")
        wire.on("Network.responseReceived", lambda event: self._named(event["requestId"], event["response"]["url"]))
        wire.on("Network.loadingFinished", self._loaded)

    def open(self, path: str, *, first: bool) -> None:
        """With `first`, as somebody whose browser has kept nothing of an earlier page."""
        self.complaints, self.bytes = [], 0
        self.wire.send("Network.setCacheDisabled", {"cacheDisabled": first})
        # A wide window in light first; the other looks need no second load.
        self.page.set_viewport_size({"width": 1280, "height": 900})
        self.page.emulate_media(color_scheme="light")
        self.page.goto(path, wait_until="load")

    def _heard(self, message) -> None:
        if message.type == "error" and "404 (Not Found)" not in message.text:
            self.complaints.append(f"console: {message.text[:200]}")

    def _asked(self, request) -> None:
        host = urlsplit(request.url)
        if host.scheme in ("http", "https") and host.port != urlsplit(self.base).port:
            self.complaints.append(f"left the host: {request.url}")

    def _named(self, number: str, url: str) -> None:
        self.files[number] = url

    def _loaded(self, event: dict) -> None:
        url = self.files.get(event["requestId"], "")
        if urlsplit(url).path.startswith("/static/"):
            self.bytes += self._as_production_sends(url)
        else:
            self.bytes += int(event["encodedDataLength"])

    def _as_production_sends(self, url: str) -> int:
        """Static files are compressed when production collects them; the demonstration sends them plain."""
        if url not in self.squeezed:
            with urllib.request.urlopen(url, timeout=10) as response:
                self.squeezed[url] = len(gzip.compress(response.read())) + 400
        return self.squeezed[url]


def broken(watched: Watched, path: str) -> Iterator[str]:
    """Every promise that the page at `path` breaks, from one load of it. Wagtail's own pages are judged
    in `main` only, and not by their size.

    All rules are asked wide and light, and again narrow and dark: between them every colour and
    every order of things is looked at. The two other pairs differ from these in colours at most.
    """
    admin = path.startswith("/admin/")
    watched.open(path, first=not admin)
    page = watched.page
    if not admin and watched.bytes > FIRST_LOAD:
        yield f"first load is {watched.bytes // 1024} KB"
    inside = "main" if admin else None
    page.evaluate(AXE_SCRIPT)
    yield from axe(page, "1280 light", inside)
    page.emulate_media(color_scheme="dark")
    settle(page)
    yield from axe(page, "1280 dark", inside, COLOURS)
    page.set_viewport_size({"width": 375, "height": 812})
    settle(page)
    yield from axe(page, "375 dark", inside)
    page.emulate_media(color_scheme="light")
    settle(page)
    yield from axe(page, "375 light", inside, COLOURS)
    if not admin:
        page.set_viewport_size({"width": 320, "height": 700})
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > 320:
            yield f"scrolls sideways at 320: {wide}"
    yield from watched.complaints


#: Ends what is on its way from one colour to another; what never ends is taken away.
FINISH = """() => document.getAnimations().forEach(one => {
    Number.isFinite(one.effect.getComputedTiming().endTime) ? one.finish() : one.cancel();
})"""


def nothing_is_wider_than_the_screen(page: Page) -> None:
    """A page just asked for has no root for a moment, so its body is waited for."""
    page.locator("body").wait_for(state="attached")
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), page.url


def settle(page: Page) -> None:
    """Wagtail's buttons take a moment to change their colour; ours do not move."""
    page.evaluate(FINISH)


def axe(page: Page, look: str, inside: str | None, only: tuple[str, ...] = ()) -> Iterator[str]:
    options: dict = {"resultTypes": ["violations"]}
    if only:
        options["runOnly"] = {"type": "rule", "values": list(only)}
    found = page.evaluate("([inside, options]) => axe.run(inside || document, options)", [inside, options])
    for violation in found["violations"]:
        nodes = violation["nodes"]
        yield f"{look}: {violation['id']} ×{len(nodes)}: {nodes[0]['html'][:160]}"
