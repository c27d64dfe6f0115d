"""A stage for journeys: the product served by this process, and a Chromium."""

from __future__ import annotations

import pytest
from django.db import connection
from playwright.sync_api import sync_playwright
from wagtail.models import Collection

from tests.journey.stage import Clock, Stage, freeze, launch
from tests.journey.test_main_job import BEGINS


@pytest.fixture(scope="session")
def whole_again(django_db_setup, django_db_blocker):
    """The rows that migrations made, back at the end: a flush took them, and --reuse-db wants them."""
    yield
    with django_db_blocker.unblock():
        if not Collection.objects.exists():
            connection.creation.deserialize_db_from_string(connection._test_serialized_contents)


@pytest.fixture
def stage(settings, monkeypatch, whole_again, live_server, tmp_path):
    # Playwright's own loop runs in this thread; the test talks to the database between scenes.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    settings.DEMO = True
    settings.UPLOADS_HELD_UNSCANNED = True
    settings.EMAIL_BACKEND = "hubs.mailbox.MailboxBackend"  # pytest-django puts another in
    settings.ALLOWED_HOSTS = ["localhost"]
    settings.PUBLIC_PORT = live_server.thread.port
    settings.MEDIA_ROOT = str(tmp_path / "media")
    clock = Clock(BEGINS)
    freeze(monkeypatch, clock)
    with sync_playwright() as playwright:
        browser = launch(playwright)
        stage = Stage(browser, f"http://localhost:{live_server.thread.port}", clock)
        yield stage
        stage.close()
        browser.close()
