"""Fixtures shared by every test. The cast is in tests/cast.py."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from django.db import connection

from tests import cast as casting

pytest_plugins = ["tests.services"]


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix):
    """SQLite is tested as it runs, on a file: in memory, threads lock each other's whole tables."""
    if connection.vendor == "sqlite":
        worker = os.environ.get("PYTEST_XDIST_WORKER", "")
        path = Path(f"{connection.settings_dict['NAME']}.test{worker}")
        path.parent.mkdir(parents=True, exist_ok=True)
        connection.settings_dict["TEST"]["NAME"] = str(path)


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
