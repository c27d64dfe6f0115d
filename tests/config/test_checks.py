"""A production environment starts only when it is safe."""

from __future__ import annotations

import os
import subprocess
import sys
from types import SimpleNamespace

import pytest
from django.conf import settings

from config.checks import production_is_safe
from tests.tasks.running import ROOT

SAFE = {
    "EMBEDDED_SECRET_KEY": settings.EMBEDDED_SECRET_KEY,
    "PRODUCTION": True,
    "DEBUG": False,
    "DEMO": False,
    "SECRET_KEY": "k" * 60,
    "DATABASES": {"default": {"ENGINE": "django.db.backends.postgresql"}},
    "CELERY_BROKER_URL": "redis://redis:6379/0",
    "PUBLIC_SCHEME": "https",
    "ALLOWED_HOSTS": ["hub.example.org"],
    "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
    "HUB_STAFF_NEED_MFA": True,
}


def refused(monkeypatch, **changes) -> list[str]:
    monkeypatch.setattr("config.checks.settings", SimpleNamespace(**(SAFE | changes)))
    return [error.id for error in production_is_safe(None)]


@pytest.mark.parametrize(
    ("changes", "ids"),
    [
        ({}, []),
        ({"DEBUG": True}, ["throughline.E001"]),
        ({"DEMO": True}, ["throughline.E002"]),
        ({"SECRET_KEY": "embedded-only-and-refused-in-production"}, ["throughline.E003"]),
        ({"SECRET_KEY": "short"}, ["throughline.E003"]),
        ({"DATABASES": {"default": {"ENGINE": "django.db.backends.sqlite3"}}}, ["throughline.E004"]),
        ({"CELERY_BROKER_URL": "filesystem://"}, ["throughline.E005"]),
        ({"PUBLIC_SCHEME": "http"}, ["throughline.E006"]),
        ({"ALLOWED_HOSTS": ["*"]}, ["throughline.E007"]),
        ({"ALLOWED_HOSTS": ["localhost", "127.0.0.1", ".localhost"]}, ["throughline.E007"]),
        ({"EMAIL_BACKEND": "hubs.mailbox.MailboxBackend"}, ["throughline.E008"]),
        ({"HUB_STAFF_NEED_MFA": False}, ["throughline.E009"]),
        ({"PRODUCTION": False, "DEBUG": True, "DEMO": True, "SECRET_KEY": "short"}, []),
    ],
)
def test_production_is_refused_for_each_unsafe_value(monkeypatch, changes, ids):
    assert refused(monkeypatch, **changes) == ids


@pytest.mark.slow
def test_an_environment_with_nothing_but_production_set_is_refused(tmp_path):
    environment = {"PATH": os.environ["PATH"], "DEPLOYMENT": "production", "VAR_DIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "ERROR"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
    )
    named = [f"throughline.E{number:03}" for number in range(1, 10) if f"throughline.E{number:03}" in done.stderr]
    assert done.returncode == 1
    assert named == ["throughline.E003", "throughline.E004", "throughline.E005", "throughline.E007", "throughline.E008"]
