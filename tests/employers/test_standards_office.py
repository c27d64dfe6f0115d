"""The standards in the back office, read by somebody whose language is not the frame's."""

from __future__ import annotations

import datetime as dt
import html
import re

import pytest
from django.urls import reverse

from cms.domain import open_site
from employers import assessing, framing, rounds
from employers.frameworks import originals
from employers.models import Employer
from hubs.actors import system
from hubs.domain.staff import sync_staff
from tests.cast import NOW, actor
from tests.employers.assessments import confirmed, sent
from tests.spoken import unmarked


@pytest.fixture
def office(client, cast, monkeypatch):
    monkeypatch.setattr("hubs.middleware.timezone.now", lambda: NOW)
    open_site(cast.hub, by=system(), now=NOW)
    cast.hub.refresh_from_db()
    sync_staff(cast.hub)
    type(cast.amina).objects.filter(pk=cast.amina.pk).update(language="fr")
    client.force_login(cast.amina)
    return client


def parts(office, url: str) -> str:
    """What the product's own template shows of a row, without Wagtail's frame and the row's fields."""
    found = re.findall(r'<section class="tl-part".*?</section>', office.get(url).content.decode(), re.DOTALL)
    return f"<body>{html.unescape(''.join(found))}"


def test_staff_who_read_french_read_answers_and_figures_in_french_marked_as_french(office, cast):
    framework = framing.load_framework(cast.hub, by=system(), now=NOW)
    desk = actor(cast.amina, cast.hub)
    fields = {"framework": framework, "name": "Autumn", "opens_on": NOW.date(), "closes_on": NOW.date(), "sectors": []}
    asked = rounds.plan_round(cast.hub, fields, by=desk, now=NOW)
    rounds.open_round(asked, by=desk, now=NOW)
    Employer.objects.filter(pk=cast.employer.pk).update(size="large")
    cast.employer.refresh_from_db()
    row = sent(cast.employer, actor(cast.employer_lead, cast.hub, cast.employer), 0)
    texts = framing.document_of(framework).texts["fr"]
    named = originals(framing.document_of(framework)).items()  # the log names rows by the framework's own name
    english = {text for at, text in named if len(text) >= 12 and at != "framework.name"}
    for url, place in (
        (reverse("assessments:inspect", args=[row.pk]), "item.C3.1.statement"),
        (reverse("rounds:inspect", args=[asked.pk]), "standard.A1.name"),
        (reverse("standards-overview:index"), "standard.A1.name"),
    ):
        shown = parts(office, url)
        assert (texts[place] in shown, [text for text in english if text in shown]) == (True, []), url
        assert unmarked(shown, texts.values()) == [], url


def test_a_draft_in_another_language_than_the_page_says_which(office, cast):
    framework = framing.load_framework(cast.hub, by=system(), now=NOW)
    draft = framing.new_version(framework, "2", by=actor(cast.amina, cast.hub), now=NOW)
    type(draft).objects.filter(pk=draft.pk).update(language="fr")
    standard = draft.standards.get(code="A1")
    items = [*standard.items.values_list("statement", flat=True)]
    items += standard.recommendations.values_list("title", flat=True)
    for url, words in (
        (reverse("frameworks:inspect", args=[draft.pk]), [standard.name]),
        (reverse("standards:inspect", args=[standard.pk]), items),
    ):
        shown = parts(office, url)
        assert (words[0] in shown, unmarked(shown, words)) == (True, []), url


def test_the_queue_begins_with_what_waits_and_leads_to_it(office, cast):
    """What nobody has sent yet stands last, which PostgreSQL would put first."""
    by, desk = actor(cast.employer_lead, cast.hub, cast.employer), actor(cast.amina, cast.hub)
    waits = sent(cast.employer, by)
    other = actor(cast.other_lead, cast.hub, cast.other_employer)
    looked = confirmed(cast.other_employer, other, desk, now=NOW + dt.timedelta(days=1))
    begun = assessing.correct(looked, by=other, now=NOW + dt.timedelta(days=2))
    shown = office.get(reverse("assessments:index")).content.decode()
    places = [shown.find(f'href="{reverse("assessments:inspect", args=[row.pk])}"') for row in (waits, looked, begun)]
    assert (-1 in places, places) == (False, sorted(places))
