"""Fixtures shared by every test. The cast is in tests/cast.py."""

from __future__ import annotations

import pytest

from tests import cast as casting

pytest_plugins = ["tests.services"]


@pytest.fixture
def now():
    return casting.NOW


@pytest.fixture
def cast(db):
    return casting.two_hubs()


@pytest.fixture(autouse=True)
def _embedded(settings, tmp_path):
    """Each test writes into its own folder, and hub staff need no second factor."""
    settings.VAR_DIR = tmp_path
    settings.MAILBOX_DIR = tmp_path / "mail"
    settings.HUB_STAFF_NEED_MFA = False
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # thirteen sign-ups a test
    # The real one takes a third of a second a person, and the cast has twelve.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": str(tmp_path)}
    }
    settings.STORAGES = {
        **settings.STORAGES,
        "private": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path / "private"), "base_url": None},
        },
    }
