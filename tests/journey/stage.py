"""What a journey is played on: a clock, people with their own browsers, the mail, the camera.

The server runs in this process, so that its clock can be moved (`django.utils.timezone.now`
is the only thing replaced) and the outbox drained between two scenes, which is all the
worker does.
"""

from __future__ import annotations

import datetime as dt
import os
import re
from collections.abc import Callable
from pathlib import Path

from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect

from hubs import delivery
from placements.domain import jobs
from tests.services import chromium

PASSWORD = "pebbles under the old pier"
DESK, PHONE = {"width": 1280, "height": 900}, {"width": 375, "height": 812}
FLAGS = ["--no-sandbox", "--disable-dev-shm-usage", "--host-resolver-rules=MAP *.localhost 127.0.0.1"]
#: The longest wait for one thing on a page, in milliseconds; pages come in well under a second.
PATIENCE = 15_000


class Clock:
    """An aware UTC instant that only the story moves."""

    def __init__(self, now: dt.datetime) -> None:
        self.now = now

    def __call__(self) -> dt.datetime:
        return self.now

    def move_to(self, now: dt.datetime) -> None:
        assert now > self.now, "stories go forwards"
        self.now = now


def launch(playwright) -> Browser:
    return playwright.chromium.launch(executable_path=chromium(), args=FLAGS)


class Stage:
    """`base` is the server's address; `complaints` collects what no page may do."""

    def __init__(self, browser: Browser, base: str, clock: Clock) -> None:
        self.browser, self.base, self.clock = browser, base, clock
        self.contexts: dict[str, BrowserContext] = {}
        self.complaints: list[str] = []
        #: Called with every new page, so that somebody may count what is seen.
        self.watchers: list[Callable[[Page], None]] = []
        # `make screenshots` names a folder; otherwise the camera stays in its bag, for speed.
        self.folder = Path(os.environ.get("SCREENSHOTS", ""))

    # ---- People ------------------------------------------------------------------
    def stranger(self, **options) -> Page:
        """A new browser that nobody is signed in to."""
        context = self.browser.new_context(
            base_url=self.base, viewport=options.pop("viewport", DESK), locale="en-GB", **options
        )
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))
        page.on("request", self._asked)
        for watch in self.watchers:
            watch(page)
        return page

    def at(self, email: str) -> Page:
        """This person's own browser, signed in; again when the session has lapsed."""
        if email not in self.contexts:
            self.contexts[email] = self.stranger().context
        page = self.contexts[email].pages[0]
        page.goto("/home/")
        if "/accounts/login/" in page.url:
            self.sign_in(page, email)
        return page

    def sign_in(self, page: Page, email: str, password: str = PASSWORD) -> None:
        page.get_by_label("E-mail").fill(email)
        page.get_by_label("Password", exact=True).fill(password)
        page.locator("main").get_by_role("button", name="Sign in").click()

    def joined(self, email: str, page: Page) -> None:
        """This page's browser belongs to the person from now on."""
        self.contexts[email] = page.context

    # ---- Time and mail -----------------------------------------------------------
    def work(self) -> int:
        """What the worker does: take what was prepared, begin what has begun, send what is due."""
        jobs.settle_preparation(self.clock())
        jobs.begin_due(self.clock())
        return delivery.drain(self.clock)

    def mail(self, to: str, subject: str, page: Page | None = None) -> Page:
        """Open the newest such mail on the mail page, in a browser of its own."""
        self.work()
        page = page or self.stranger()
        page.goto(f"/demo/mail/?to={to}")
        page.locator("main").get_by_role("link", name=re.compile(subject)).first.click()
        return page

    def follow(self, page: Page, name: str | re.Pattern) -> Page:
        """Press the mail's button, inside the frame it is shown in."""
        with page.expect_navigation():
            page.frame_locator("iframe.mail-frame").get_by_role("link", name=name).first.click()
        return page

    # ---- Looking -----------------------------------------------------------------
    def shot(self, page: Page, name: str, *, phone: bool = False) -> None:
        if not self.folder.name:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=self.folder / f"{name}-{(page.viewport_size or DESK)['width']}.png", full_page=True)
        if phone:
            before = page.viewport_size or DESK
            page.set_viewport_size(PHONE)
            page.screenshot(path=self.folder / f"{name}-375.png", full_page=True)
            page.set_viewport_size(before)

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type == "error" and "status of 404" not in message.text:
            self.complaints.append(message.text)

    def _asked(self, request) -> None:
        if not request.url.startswith((self.base, "data:", "blob:", "about:")):
            self.complaints.append(f"left the host: {request.url}")

    def close(self) -> None:
        for context in self.browser.contexts:
            context.close()


def fill(page: Page, **values: str) -> None:
    """Fill fields by their name attribute."""
    for name, value in values.items():
        page.locator(f"[name={name}]").first.fill(value)


def said(page: Page, words: str | re.Pattern) -> None:
    """The page says this somewhere a reader sees it."""
    expect(page.get_by_text(words).first).to_be_visible(timeout=PATIENCE)


def freeze(monkeypatch, clock: Clock) -> None:
    monkeypatch.setattr(timezone, "now", clock)
