"""The search of a hub's own site."""

from __future__ import annotations

import datetime as dt

import pytest

from cms.models import StandardPage
from cms.search import find

OCT = dt.date(2026, 10, 6)


def test_search_finds_pages_and_offers_of_this_hub_only(sites, offer, now):
    offer(sites.employer, "Forge day", on=[OCT])
    offer(sites.employer_b, "Forge day in the fells", on=[OCT])
    offer(sites.employer, "Forge draft", on=[OCT], state="draft")
    for hub in (sites.hub, sites.hub_b):
        hub.site.root_page.specific.add_child(instance=StandardPage(title=f"Forge in {hub.slug}", slug="forge"))
    assert [found.title for found in find(sites.hub, "forge", now=now)] == ["Forge in harbour", "Forge day"]


def test_search_puts_titles_before_texts(sites, now):
    found = [each.title for each in find(sites.hub, "visit", now=now)]
    assert found[0] == "A visit of one hour"
    assert len(found) > 1


@pytest.mark.parametrize("query", ["CAFÉ", "cafe", "Café théâtre", "theatre cafe"])
def test_search_folds_case_and_accents(sites, now, query):
    page = StandardPage(title="Le Café", slug="cafe", body=[("quote", {"text": "Au théâtre", "who": "X"})])
    sites.hub.site.root_page.specific.add_child(instance=page)
    assert [found.title for found in find(sites.hub, query, now=now)] == ["Le Café"]


@pytest.mark.parametrize("query", ["", "   ", "%", "_" * 500, "\x00", "a " * 300, "'; drop table--"])
def test_search_takes_any_input(client, cast, query):
    assert client.get("/search/", {"q": query}).status_code == 200


def test_search_needs_every_word(sites, now):
    assert find(sites.hub, "visit zebra", now=now) == []
