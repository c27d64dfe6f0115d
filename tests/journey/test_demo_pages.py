"""Every page of the demonstration, for every person, keeps what all pages promise."""

from __future__ import annotations

import pytest
from playwright.sync_api import sync_playwright

from config.demo.people import PASSWORD
from tests.journey.crawl import OTHER_HUB
from tests.journey.demo import Demo
from tests.journey.promises import Watched, broken
from tests.journey.stage import launch

#: The desk compiles a school's year for each request, and Wagtail's own frame costs 12 of these.
QUERIES, QUERIES_OF_ADMIN = 25, 35
#: In the browser the ones who see what nobody else sees; the others are counted only.
LOOKED_AT = (
    "",
    "careers@quayside.example",
    "careers@millbeck.example",
    "joan@brightwater.example",
    "marek@tidewater.example",
    "amina@harbour.example",
)

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.long]


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    made = Demo(tmp_path_factory.mktemp("demo"))
    made.fill()
    return made


@pytest.fixture(scope="module")
def visits(demo):
    return demo.walk()


def test_demo_pages_answer_and_stay_within_their_queries(visits):
    assert len(visits) > 250
    wrong = [
        (visit["who"], visit["path"], visit["status"], visit["queries"])
        for visit in visits
        if visit["status"] != (404 if visit["path"] == "/no-such-page/" else 200)
        or visit["queries"] > (QUERIES_OF_ADMIN if visit["path"].startswith("/admin/") else QUERIES)
    ]
    assert wrong == []


def test_demo_leads_to_every_signed_link(visits):
    routes = {visit["route"] for visit in visits}
    assert {"invitation", "answer-link", "host-link", "consent-link"} - routes == set()


def test_demo_pages_keep_their_promises_in_a_browser(demo, visits):
    """No axe violation in light or dark, wide or narrow; small, alone, calm and never sideways."""
    wrong = []
    with demo.served(), sync_playwright() as playwright:
        browser = launch(playwright)
        for who in LOOKED_AT:
            watched = signed_in(browser, demo, who)
            for path in to_look_at(visits, who):
                wrong += [f"{who or 'anybody'} {path} {line}" for line in broken(watched, path)]
            watched.page.context.close()
        browser.close()
    assert wrong == []
    assert "Traceback" not in demo.log.read_text()


def to_look_at(visits: list[dict], who: str) -> list[str]:
    """Mails look alike: three of them are enough."""
    mine = [visit for visit in visits if visit["who"] == who]
    mails = [visit["path"] for visit in mine if visit["route"] == "demo-mail-one"]
    return [visit["path"] for visit in mine if visit["path"] not in mails[3:]]


def signed_in(browser, demo: Demo, who: str) -> Watched:
    base = f"http://{OTHER_HUB.get(who, 'localhost')}:{demo.port}"
    page = browser.new_context(base_url=base, locale="en-GB").new_page()
    if who:
        page.goto("/accounts/login/")
        page.get_by_label("E-mail").fill(who)
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.locator("main").get_by_role("button", name="Sign in").click()
        page.wait_for_url(lambda url: "/accounts/login/" not in url)
    return Watched(page, base)
