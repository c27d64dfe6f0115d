"""What somebody typed on a page of questions is kept, asked about, or said to be in the way."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from employers import assessing, framing
from employers.paperwork import add_document, hold_document
from hubs.actors import system
from hubs.errors import Refused
from tests.cast import NOW, actor
from tests.employers.assessments import confirmed
from tests.employers.test_standards_pages import filled


@pytest.fixture
def page(client, cast, monkeypatch):
    monkeypatch.setattr("hubs.middleware.timezone.now", lambda: NOW)
    framing.load_framework(cast.hub, by=system(), now=NOW)
    client.force_login(cast.employer_lead)
    return client


@pytest.fixture
def by(cast):
    return actor(cast.employer_lead, cast.hub, cast.employer)


@pytest.fixture
def desk(cast):
    return actor(cast.amina, cast.hub)


def test_documents_without_an_answer_are_asked_about_and_stay_ticked(page, cast, by, desk):
    paper = add_document(cast.employer, kind="policy", reference="P 1", by=by, now=NOW)
    hold_document(paper, by=desk, now=NOW)
    row = assessing.start(cast.employer, by=by, now=NOW)
    url = reverse("employer-questions", args=[row.pk, "C1"])
    shown = page.post(url, filled(page, url, C1_1="2") | {"papers-C1.3": [str(paper.pk)]})
    assert (shown.status_code, row.answers.count()) == (200, 0)
    assert shown.context["form"].errors == {
        "level-C1.3": ["Choose an answer as well: without one nothing of it is kept."]
    }
    assert shown.context["form"]["papers-C1.3"].value() == [str(paper.pk)]


def test_what_cannot_be_saved_stays_on_the_page_with_the_reason(page, cast, by, monkeypatch):
    row = assessing.start(cast.employer, by=by, now=NOW)
    url = reverse("employer-questions", args=[row.pk, "A1"])

    def refuse(*args, **kwargs):
        raise Refused("Not now.")

    data = filled(page, url, A1_1="2")
    monkeypatch.setattr(assessing, "save_answers", refuse)
    shown = page.post(url, data)
    assert (shown.status_code, "Not now." in shown.content.decode()) == (200, True)
    assert shown.context["form"]["level-A1.1"].value() == "2"


def test_last_time_is_said_in_the_words_it_was_answered_in(page, cast, by, desk):
    old = confirmed(cast.employer, by, desk, 4, now=NOW - dt.timedelta(days=365))
    new = framing.new_version(old.framework, "2027.1", by=desk, now=NOW)
    new.scale = [{**one, "label": f"Another {one['level']}"} for one in new.scale]
    new.save()
    framing.publish_framework(new, by=desk, now=NOW)
    row = assessing.start(cast.employer, by=by, now=NOW)
    shown = page.get(reverse("employer-questions", args=[row.pk, "A1"]))
    assert row.framework == new
    assert shown.context["lines"][0]["last"] == "2025: Always, and we check it every year"
