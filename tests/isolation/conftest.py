"""One world for all tests of isolation: building it takes longer than any of them."""

from __future__ import annotations

import logging

import pytest
from django.db import transaction
from django.test import override_settings

from tests.isolation import world as worlds


@pytest.fixture(scope="package")
def _embedded(tmp_path_factory):
    """As in tests/conftest.py, for as long as the world stands."""
    folder = tmp_path_factory.mktemp("isolation")
    private = {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(folder / "private"), "base_url": None},
    }
    from django.conf import settings

    with override_settings(
        VAR_DIR=folder,
        MAILBOX_DIR=folder / "mail",
        MEDIA_ROOT=str(folder / "media"),
        HUB_STAFF_NEED_MFA=False,
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        SESSION_COOKIE_AGE=365 * 24 * 3600,
        CACHES={"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "isolation"}},
        STORAGES={**settings.STORAGES, "private": private},
    ):
        yield


@pytest.fixture(scope="package")
def world(_embedded, django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch, transaction.atomic():
        patch.setattr("django.utils.timezone.now", lambda: worlds.NOW)
        logging.disable(logging.CRITICAL)  # a thousand refusals are no news
        yield worlds.build()
        logging.disable(logging.NOTSET)
        transaction.set_rollback(True)
