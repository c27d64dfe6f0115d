"""`make pictures`: the homes of three roles in the demo that runs at PORT, into docs/, as the README shows them."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from tests.prepared import ROOT
from tests.services import chromium

#: Of everybody the demo has, whose home says most.
PEOPLE = {
    "coordinator": "careers@quayside.example",
    "employer": "joan@brightwater.example",
    "hub": "amina@harbour.example",
}
PASSWORD = "salt-and-heather"  # shown by the demo itself
WIDE = {"width": 1280, "height": 800}


def picture(browser: Browser, base: str, email: str, path: Path) -> None:
    page = browser.new_context(viewport=WIDE, color_scheme="light").new_page()
    page.goto(f"{base}/accounts/login/")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.locator("main").get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "/accounts/login" not in url)
    page.wait_for_load_state("networkidle")
    with tempfile.TemporaryDirectory() as folder:
        page.screenshot(path=(taken := Path(folder) / "taken.png"))
        # A page has few colours; the same picture is a third of the size with a palette of its own.
        Image.open(taken).convert("RGB").quantize(128, dither=Image.Dither.NONE).save(path, optimize=True)
    page.context.close()


def main() -> None:
    base = f"http://localhost:{os.environ.get('PORT', '8000')}"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        for name, email in PEOPLE.items():
            picture(browser, base, email, ROOT / "docs" / f"{name}.png")
        browser.close()


if __name__ == "__main__":
    main()
