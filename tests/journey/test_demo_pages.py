"""Every page of the demonstration, for every person, keeps what all pages promise."""

from __future__ import annotations

import os

import pytest
from playwright.sync_api import sync_playwright

from config.demo.people import PASSWORD
from tests.journey.crawl import OTHER_HUB
from tests.journey.demo import Demo
from tests.journey.promises import Watched, broken
from tests.journey.stage import launch

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
def demo(tmp_path_factory, migrated):
    """One for all workers: each has its own folder below the run's."""
    own = tmp_path_factory.getbasetemp()
    made = Demo((own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "demonstration")
    made.fill(migrated)
    return made


@pytest.fixture(scope="module")
def visits(demo):
    return demo.visits()


@pytest.fixture(scope="module")
def served(demo):
    with demo.served():
        yield demo


@pytest.mark.parametrize("who", LOOKED_AT)
def test_demo_pages_keep_their_promises_in_a_browser(served, visits, who):
    """No axe violation in light or dark, wide or narrow; small, alone, calm and never sideways."""
    with sync_playwright() as playwright:
        browser = launch(playwright)
        watched = signed_in(browser, served, who)
        wrong = [f"{path} {line}" for path in to_look_at(visits, who) for line in broken(watched, path)]
        browser.close()
    assert wrong == []
    assert "Traceback" not in served.log.read_text()


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
