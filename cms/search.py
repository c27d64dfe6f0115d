"""One search over a hub's live pages and its open catalogue.

Accents and capitals do not matter, every word has to occur, titles come first: the same on
PostgreSQL and on SQLite, whose own search has no usable order.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Q
from django.urls import reverse
from wagtail.models import Page, Site

from cms.catalogue import open_opportunities, published
from cms.models import SitePage
from hubs.models.people import fold
from opportunities.models import EncounterType

LONGEST_QUERY = 100
MOST_WORDS = 8
MOST_FOUND = 50


@dataclass(frozen=True)
class Found:
    title: str
    url: str
    summary: str
    is_opportunity: bool


def find(hub, text: str, *, now: dt.datetime) -> list[Found]:
    """What this hub shows anybody that holds every word of `text`; at most 50, titles first."""
    words = fold(text[:LONGEST_QUERY]).split()[:MOST_WORDS]
    if not words:
        return []
    found = [*_pages(hub, words), *_opportunities(hub, words, now)]
    found.sort(key=lambda each: not _holds(fold(each.title), words))
    return found[:MOST_FOUND]


def _pages(hub, words: list[str]):
    site = hub.site
    if site is None:
        return
    live = Page.objects.live().public().descendant_of(site.root_page, inclusive=True)
    pages = live.filter(_in_any_type(words)).order_by("path").specific()
    for page in pages[:MOST_FOUND]:
        yield Found(page.title, _url(page, site), getattr(page, "summary", ""), is_opportunity=False)


def _in_any_type(words: list[str]) -> Q:
    """Every word in the text of one page type: one statement for all of them."""
    anywhere = Q(pk__in=[])
    for model in SitePage.__subclasses__():
        here = Q()
        for word in words:
            here &= Q(**{f"{model._meta.model_name}__search_text__contains": word})
        anywhere |= here
    return anywhere


def _url(page: Page, site: Site) -> str:
    return reverse("wagtail_serve", args=[page.url_path[len(site.root_page.url_path) :]])


def _opportunities(hub, words: list[str], now: dt.datetime):
    rows = published(hub)
    kinds = {pk: fold(name) for pk, name in EncounterType.objects.of_hub(hub).values_list("pk", "name")}
    for word in words:
        of_kind = [pk for pk, name in kinds.items() if word in name]
        here = Q(folded__contains=word) | Q(employer__name_folded__contains=word)
        rows = rows.filter(here | Q(encounter_type__in=of_kind) if of_kind else here)
    for row in open_opportunities(hub, now, offers=rows)[:MOST_FOUND]:
        url = reverse("catalogue-opportunity", args=[row.pk])
        yield Found(row.title, url, f"{row.employer.name}. {row.summary}", is_opportunity=True)


def _holds(text: str, words: list[str]) -> bool:
    return all(word in text for word in words)
