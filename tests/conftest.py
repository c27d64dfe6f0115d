"""Fixtures shared by every test. The cast is in tests/cast.py."""

from __future__ import annotations

import gc
import os
import shutil

import pytest
from django.db import connection

from schools.domain.compile import forget_compiled
from tests import cast as casting
from tests.clamd import scanning
from tests.prepared import TEMPLATE, sqlite_migrated
from tests.reading import read_here

pytest_plugins = ["tests.services", "tests.sharing", "tests.described"]


def pytest_collection_finish() -> None:
    """What is loaded by now stays until the end. Looked through anew at every collection of garbage, it took a
    quarter of all tests' time."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def migrated(tmp_path_factory):
    """An SQLite file with every table and nothing in it but what migrations write."""
    with sqlite_migrated(dict(os.environ), tmp_path_factory.mktemp("migrated")) as kept:
        pass
    return kept


@pytest.fixture(scope="session")
def django_db_keepdb(django_db_keepdb):
    """A copied SQLite file is there already, and goes with its folder."""
    return django_db_keepdb or connection.vendor == "sqlite"


@pytest.fixture(scope="session")
def django_db_createdb(django_db_createdb):
    return django_db_createdb and connection.vendor != "sqlite"


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix, request, tmp_path_factory):
    """Each worker has a copy of the migrated database, where there is one to copy."""
    test = connection.settings_dict["TEST"]
    if connection.vendor == "sqlite":
        # SQLite is tested as it runs, on a file: in memory, threads lock each other's whole tables.
        copy = tmp_path_factory.mktemp("database") / "test.sqlite3"
        test |= {"NAME": str(shutil.copy(request.getfixturevalue("migrated"), copy)), "MIGRATE": False}
    elif (template := os.environ.get(TEMPLATE)) and not request.config.getvalue("reuse_db"):
        test |= {"TEMPLATE": template, "MIGRATE": False}


@pytest.fixture
def now():
    return casting.NOW


@pytest.fixture
def cast(db):
    return casting.two_hubs()


@pytest.fixture(autouse=True)
def _embedded(request, settings, monkeypatch, tmp_path):
    """Each test writes into its own folder, and hub staff need no second factor."""
    forget_compiled()
    if request.node.get_closest_marker("database") and not os.environ.get("SLOW"):
        for module in ("schools.sandbox", "employers.files", "employers.importing"):
            monkeypatch.setattr(f"{module}.run_child", read_here)
    settings.VAR_DIR = tmp_path
    settings.MAILBOX_DIR = tmp_path / "mail"
    settings.HUB_STAFF_NEED_MFA = False
    # The real one takes a third of a second a person, and the cast has twelve.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    # Files are looked for when one is asked for, not all listed anew for each test's client.
    settings.WHITENOISE_AUTOREFRESH = True
    # Wagtail keeps an index of who refers to what at every save, which takes a tenth of all tests; none reads it.
    settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.dummy.DummyBackend"}}
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


@pytest.fixture
def clamd(settings):
    """A virus scanner that is set and finds EICAR."""
    with scanning() as (settings.CLAMD_ADDRESS, server):
        yield server
