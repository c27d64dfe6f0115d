"""What production's settings make of a request."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from tests.tasks.running import ROOT

ASK = """
import django, json
django.setup()
from django.conf import settings
from django.test import Client
client = Client(SERVER_NAME="hub.example.org")
plain, safe = client.get("/people/"), client.get("/healthz", secure=True)
print(json.dumps({
    "plain": [plain.status_code, plain["Location"]],
    "hsts": safe["Strict-Transport-Security"],
    "sniffing": safe["X-Content-Type-Options"],
    "secure": [settings.SESSION_COOKIE_SECURE, settings.CSRF_COOKIE_SECURE, settings.SESSION_COOKIE_HTTPONLY],
    "same_site": [settings.SESSION_COOKIE_SAMESITE, settings.CSRF_COOKIE_SAMESITE],
    "mfa": settings.HUB_STAFF_NEED_MFA,
}))
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("more", "hsts"),
    [
        ({}, "max-age=31536000; includeSubDomains"),
        ({"SECURE_HSTS_INCLUDE_SUBDOMAINS": "0", "SECURE_HSTS_SECONDS": "600"}, "max-age=600"),
    ],
)
def test_production_speaks_https_only_and_keeps_cookies_to_itself(tmp_path, more, hsts):
    environment = {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DEPLOYMENT": "production",
        "SECRET_KEY": "k" * 60,
        "ALLOWED_HOSTS": "hub.example.org",
        "VAR_DIR": str(tmp_path),
        **more,
    }
    done = subprocess.run([sys.executable, "-c", ASK], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == {
        "plain": [301, "https://hub.example.org/people/"],
        "hsts": hsts,
        "sniffing": "nosniff",
        "secure": [True, True, True],
        "same_site": ["Lax", "Lax"],
        "mfa": True,
    }


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/people/", "/admin/", "/api/v1/groups/", "/healthz"])
def test_a_host_that_is_not_named_is_refused(client, settings, path):
    settings.ALLOWED_HOSTS = ["hub.example.org"]
    assert client.get(path, headers={"host": "elsewhere.example.org"}).status_code == 400
