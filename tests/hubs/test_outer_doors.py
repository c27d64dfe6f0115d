"""What stays shut, unsaid or the same whichever door somebody comes by."""

from __future__ import annotations

import datetime as dt
import io
import json
import logging

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.template.loader import render_to_string
from pythonjsonlogger.json import JsonFormatter
from rest_framework.test import APIClient

from hubs.discreet_log import HideTokens
from hubs.links import link_for, open_link
from schools.models import Import
from tests.cast import NOW
from tests.schools.files import AUTUMN, HALF_TERM, calendar

TOKEN = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"


@pytest.mark.parametrize("logger", ["django.security.csrf", "django.request", "anything.else"])
@pytest.mark.parametrize("formatter", [logging.Formatter("%(message)s"), JsonFormatter("%(message)s")])
def test_no_log_of_any_logger_or_format_holds_a_token(rf, logger, formatter):
    request = rf.post(f"/l/answer/{TOKEN}/")
    record = logging.getLogger(logger).makeRecord(
        logger, logging.WARNING, __file__, 1, "Forbidden (%s): %s", ("no cookie", request.path), None,
        extra={"request": request, "status_code": 403},
    )  # fmt: skip
    handler = logging.StreamHandler(written := io.StringIO())
    handler.setFormatter(formatter)
    handler.addFilter(HideTokens())
    handler.handle(record)
    assert "/l/answer/" in written.getvalue()
    assert TOKEN not in written.getvalue()


def test_what_writes_the_log_hides_tokens(settings):
    handlers = settings.LOGGING["handlers"].values()
    assert all("hide_tokens" in handler["filters"] for handler in handlers)


@pytest.mark.django_db
@pytest.mark.parametrize("named", [True, False])
def test_a_school_out_of_use_does_nothing_through_the_api(cast, named):
    client = APIClient()
    client.force_login(cast.coordinator)
    headers = {"Throughline-Organisation": str(cast.school.pk)} if named else {}
    assert client.get("/api/v1/requests/", headers=headers).status_code == 200
    cast.school.is_active = False
    cast.school.save()
    client.force_login(type(cast.coordinator).objects.get(pk=cast.coordinator.pk))
    answer = client.get("/api/v1/requests/", headers=headers)
    assert (answer.status_code, b"results" in answer.content) != (200, True) or answer.json()["results"] == []
    made = client.post("/api/v1/groups/", {"name": "10Z"}, format="json", headers=headers)
    assert made.status_code in (400, 403, 404)


@pytest.mark.django_db
def test_another_file_under_the_same_key_is_another_call(cast):
    client = APIClient()
    client.force_login(cast.coordinator)

    def send(*events: str):
        file = SimpleUploadedFile("dates.ics", calendar(*events), "text/calendar")
        return client.post("/api/v1/imports/", {"kind": "calendar", "file": file}, headers={"Idempotency-Key": "one"})

    first = send(*AUTUMN)
    assert (first.status_code, Import.objects.count()) == (201, 1)
    assert (send(*AUTUMN).json(), Import.objects.count()) == (first.json(), 1)
    other = send(*AUTUMN, HALF_TERM)
    assert (other.status_code >= 400, Import.objects.count()) == (True, 1)
    assert "another call" in json.dumps(other.json())


@pytest.mark.django_db
def test_a_new_secret_key_leaves_links_that_are_out_as_they_are(cast, settings):
    how = {"now": NOW, "days": 7, "address": "a@x.example"}
    _link, token = link_for(cast.school, "consent", **how)
    old, settings.SECRET_KEY = settings.SECRET_KEY, "another secret key, long enough for anybody" * 2
    settings.SECRET_KEY_FALLBACKS = [old]
    assert link_for(cast.school, "consent", **how)[1] == token
    assert open_link(token, "consent", now=NOW + dt.timedelta(days=1)) is not None


def test_too_many_tries_are_said_in_our_own_words():
    assert "Wait a minute" in render_to_string("429.html")
