"""The public site of each hub: what its pages show, and what they never show."""

from __future__ import annotations

import re

import pytest
from django.core.files.base import ContentFile
from wagtail.documents import get_document_model
from wagtail.models import Page, Site

from cms.domain import open_site
from cms.models import AudiencePage, GuidancePage, HomePage, NewsPage, StandardPage
from hubs.actors import Actor, system
from hubs.errors import CannotAct
from hubs.models import Hub, LogEntry
from tests.cms.conftest import FELLS

PATHS = (
    "/",
    "/for-employers/",
    "/for-schools/",
    "/guidance/",
    "/guidance/a-visit-of-one-hour/",
    "/news/",
    "/news/how-places-are-shared-out/",
    "/accessibility/",
    "/privacy/",
    "/opportunities/",
    "/search/?q=visit",
)
STRICT = {
    "script-src": "'self'",
    "style-src": "'self'",
    "frame-ancestors": "'none'",
    "default-src": "'none'",
}
INLINE = re.compile(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|javascript:", re.IGNORECASE)


def policy(response) -> dict[str, str]:
    parts = response["Content-Security-Policy"].split(";")
    return {name: value for name, _, value in (part.strip().partition(" ") for part in parts)}


def add_below(parent: Page, page: Page) -> Page:
    return parent.specific.add_child(instance=page)


def home_of(hub) -> HomePage:
    return hub.site.root_page.specific


# ---- opening ----------------------------------------------------------------


def test_open_site_plants_a_whole_tree(sites):
    home = home_of(sites.hub)
    assert [page.slug for page in home.get_children()] == [
        "for-employers",
        "for-schools",
        "guidance",
        "before-you-meet-young-people",
        "news",
        "accessibility",
        "privacy",
    ]
    assert GuidancePage.objects.descendant_of(home).count() == 3
    assert NewsPage.objects.descendant_of(home).count() == 2
    assert (sites.site.hostname, sites.site.is_default_site) == ("testserver", False)
    assert LogEntry.objects.filter(hub=sites.hub, verb="site_opened").count() == 1


@pytest.mark.parametrize(("page", "links"), [("/", 1), ("/for-employers/", 2)])
def test_an_employer_is_led_to_the_form_for_taking_part(client, sites, page, links):
    found = client.get(page).content.decode()
    assert found.count('href="/take-part/"') == links
    assert re.search(r'<a class="button" href="/take-part/">', found)
    assert client.get("/take-part/").status_code == 200


def test_open_site_twice_keeps_what_editors_wrote(sites, now):
    page = AudiencePage.objects.child_of(home_of(sites.hub)).first()
    page.title = "For firms"
    page.save()
    before = (Page.objects.count(), Site.objects.count(), LogEntry.objects.count())
    Hub.objects.filter(pk=sites.hub.pk).update(hostname="harbour.localhost")
    site = open_site(Hub.objects.get(pk=sites.hub.pk), by=system(), now=now)
    assert (Page.objects.count(), Site.objects.count(), LogEntry.objects.count()) == before
    assert (site.pk, site.hostname) == (sites.site.pk, "harbour.localhost")
    page.refresh_from_db()
    assert page.title == "For firms"


def test_open_site_removes_the_placeholder_that_answers_every_hostname(sites):
    assert sorted(Site.objects.values_list("hostname", flat=True)) == [FELLS, "testserver"]
    assert not Site.objects.filter(is_default_site=True).exists()


def test_open_site_is_not_for_hub_staff(cast, now):
    with pytest.raises(CannotAct):
        open_site(cast.hub, by=Actor(hat="hub_lead", via="page", hub_id=cast.hub.pk), now=now)
    assert Site.objects.filter(hub=cast.hub).count() == 0


def test_open_site_speaks_the_hubs_language(cast, now):
    Hub.objects.filter(pk=cast.hub.pk).update(language="de")
    open_site(Hub.objects.get(pk=cast.hub.pk), by=system(), now=now)
    cast.hub.refresh_from_db()
    assert home_of(cast.hub).get_children().count() == 7


# ---- pages ------------------------------------------------------------------


def test_pages_render_with_nothing_inline(client, sites):
    for path in PATHS:
        response = client.get(path)
        html = response.content.decode()
        assert (path, response.status_code, html.count("<h1")) == (path, 200, 1)
        assert (path, INLINE.findall(html)) == (path, [])
        assert {name: policy(response).get(name) for name in STRICT} == STRICT


def test_pages_of_an_unknown_hostname_are_not_found(client, sites, settings):
    settings.ALLOWED_HOSTS = ["*"]
    answered = {path: client.get(path, HTTP_HOST="nobody.localhost").status_code for path in PATHS}
    assert answered == dict.fromkeys(PATHS, 404)


@pytest.mark.parametrize("port", ["", ":9123"])
def test_page_belongs_to_its_hostname_on_any_port(client, sites, port):
    StandardPage.objects.descendant_of(home_of(sites.hub)).filter(slug="privacy").update(summary="CANARY HARBOUR")
    StandardPage.objects.descendant_of(home_of(sites.hub_b)).filter(slug="privacy").update(summary="CANARY FELLS")
    own = client.get("/privacy/", HTTP_HOST=f"testserver{port}").content.decode()
    other = client.get("/privacy/", HTTP_HOST=f"{FELLS}{port}").content.decode()
    assert ("CANARY HARBOUR" in own, "CANARY FELLS" in own) == (True, False)
    assert ("CANARY HARBOUR" in other, "CANARY FELLS" in other) == (False, True)


def test_page_of_another_hub_has_no_address_here(client, sites):
    add_below(home_of(sites.hub_b), StandardPage(title="Only in the fells", slug="only-fells"))
    assert client.get("/only-fells/", HTTP_HOST=FELLS).status_code == 200
    assert client.get("/only-fells/").status_code == 404
    assert client.get("/fells/").status_code == 404
    assert client.get("/fells/only-fells/").status_code == 404


def test_draft_is_shown_to_nobody(client, sites):
    home = home_of(sites.hub)
    add_below(home, StandardPage(title="CANARY DRAFT", slug="draft", live=False, show_in_menus=True))
    page = StandardPage.objects.child_of(home).get(slug="privacy")
    page.summary = "CANARY DRAFT OF A LIVE PAGE"
    page.save_revision()
    shown = [client.get(path).content.decode() for path in (*PATHS, "/search/?q=canary", "/sitemap.xml")]
    assert client.get("/draft/").status_code == 404
    assert [html for html in shown if "CANARY" in html] == []


def test_menu_holds_live_pages_of_the_hub_in_order(client, sites):
    home = home_of(sites.hub)
    add_below(home, StandardPage(title="About us", slug="about", show_in_menus=True))
    add_below(home_of(sites.hub_b), StandardPage(title="CANARY", slug="about", show_in_menus=True))
    response = client.get("/guidance/a-visit-of-one-hour/")
    menu = response.context["site_menu"]
    assert [entry["label"] for entry in menu] == [
        "For employers",
        "For schools",
        "What is open",
        "Guidance",
        "News",
        "About us",
        "Search",
    ]
    assert [entry["label"] for entry in menu if entry["current"]] == ["Guidance"]
    assert [entry["url"] for entry in response.context["foot_links"]] == ["/accessibility/", "/privacy/"]


@pytest.mark.parametrize(("catalogues", "framed"), [(["en-gb"], "en-gb"), (["en-gb", "de", "fr"], "de")])
def test_page_is_in_the_language_of_the_hub_where_there_is_a_catalogue(client, sites, settings, catalogues, framed):
    settings.LANGUAGES = [one for one in settings.CONTENT_LANGUAGES if one[0] in catalogues]
    Hub.objects.filter(pk=sites.hub.pk).update(language="de")
    html = client.get("/privacy/", headers={"accept-language": "fr"}).content.decode()
    assert f'<html lang="{framed}"' in html


def test_not_found_page_is_plain_and_strict(client, sites):
    response = client.get("/no-such-page/")
    assert response.status_code == 404
    assert INLINE.findall(response.content.decode()) == []
    assert policy(response)["script-src"] == "'self'"


def test_hub_without_a_site_has_a_catalogue_and_no_pages(client, cast):
    assert client.get("/opportunities/").status_code == 200
    assert client.get("/").status_code == 404
    assert client.get("/search/?q=visit").status_code == 200


def test_body_blocks_each_render(client, sites):
    page = StandardPage.objects.child_of(home_of(sites.hub)).get(slug="privacy")
    page.body = [
        ("text", "<p>A paragraph</p>"),
        ("steps", {"heading": "Steps", "steps": [{"title": "One", "text": ""}, {"title": "Two", "text": ""}]}),
        ("call_to_action", {"heading": "Act", "text": "", "label": "Go", "page": page, "address": ""}),
        ("callout", {"tone": "attention", "heading": "", "text": "Mind the step"}),
        ("facts", {"heading": "", "facts": [{"value": "42", "label": "answers", "source": "2026"}]}),
        ("quote", {"text": "Said so", "who": "A baker"}),
        ("questions", {"heading": "Asked", "questions": [{"question": "Why?", "answer": "<p>Because</p>"}]}),
        ("open_opportunities", {"heading": "Open", "most": 2}),
    ]
    page.save()
    html = client.get("/privacy/").content.decode()
    words = ("A paragraph", "Two", "Go", "Mind the step", "42", "A baker", "Because", "Nothing is open")
    assert [word for word in words if word not in html] == []
    assert 'href="/privacy/"' in html


def test_rich_text_cannot_carry_a_script(client, sites):
    page = StandardPage.objects.child_of(home_of(sites.hub)).get(slug="privacy")
    page.summary = "<script>alert(1)</script>"
    page.body = [("quote", {"text": "<script>alert(2)</script>", "who": "<b>x</b>"})]
    page.save()
    assert "<script>alert" not in client.get("/privacy/").content.decode()


# ---- robots and feeds -------------------------------------------------------


def test_sitemap_lists_only_this_hubs_live_pages(client, sites):
    add_below(home_of(sites.hub_b), StandardPage(title="Fells", slug="only-fells"))
    xml = client.get("/sitemap.xml").content.decode()
    found = re.findall(r"<loc>http://([^/:]+)(?::\d+)?(/[^<]*)</loc>", xml)
    assert {host for host, _ in found} == {"testserver"}
    assert sorted(path for _, path in found) == sorted(
        [
            "/opportunities/",
            "/",
            "/before-you-meet-young-people/",
            "/for-employers/",
            "/for-schools/",
            "/guidance/",
            "/guidance/a-visit-of-one-hour/",
            "/guidance/before-and-after/",
            "/guidance/what-makes-it-count/",
            "/news/",
            "/news/we-are-open/",
            "/news/how-places-are-shared-out/",
            "/accessibility/",
            "/privacy/",
        ]
    )


def test_robots_are_kept_from_what_is_somebodys(client, sites):
    text = client.get("/robots.txt").content.decode()
    assert "Disallow: /school/\n" in text
    assert "Sitemap: http://testserver" in text


def test_news_feed_is_the_hubs_own(client, sites):
    NewsPage.objects.descendant_of(home_of(sites.hub_b)).update(summary="CANARY")
    xml = client.get("/news.rss").content.decode()
    assert xml.count("<item>") == 2
    assert "CANARY" not in xml


# ---- files ------------------------------------------------------------------


@pytest.fixture
def documents(sites, settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path / "media")

    def add(collection):
        return get_document_model().objects.create(
            title="Leaflet", file=ContentFile(b"%PDF-1.4", "leaflet.pdf"), collection=collection
        )

    return add(sites.hub.collection), add(sites.hub_b.collection)


def test_document_is_served_by_its_own_hub_only(client, sites, documents):
    own, foreign = documents
    answered = client.get(own.url)
    assert (answered.status_code, answered["X-Content-Type-Options"]) == (200, "nosniff")
    assert b"".join(answered.streaming_content) == b"%PDF-1.4"
    assert client.get(foreign.url).status_code == 404
    assert client.get(own.url, HTTP_HOST=FELLS).status_code == 404
    assert client.get(foreign.url, HTTP_HOST=FELLS).status_code == 200


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("images/picture.width-480.png", 200),
        ("original_images/picture.png", 404),
        ("documents/leaflet.pdf", 404),
        ("images/leaflet.pdf", 404),
        ("images/deeper/picture.png", 404),
        ("images/../documents/picture.png", 404),
        ("images/missing.png", 404),
    ],
)
def test_media_gives_rendered_pictures_only(client, sites, settings, tmp_path, name, status):
    settings.MEDIA_ROOT = str(tmp_path / "media")
    for made in ("images/picture.width-480.png", "original_images/picture.png", "documents/picture.png"):
        path = tmp_path / "media" / made
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"\x89PNG")
    (tmp_path / "media/images/leaflet.pdf").write_bytes(b"%PDF")
    assert client.get(f"/media/{name}").status_code == status


# ---- the admin's edge -------------------------------------------------------


@pytest.mark.parametrize("path", ["/_util/login/", "/_util/authenticate_with_password/1/1/"])
def test_wagtails_own_sign_in_is_not_served(client, sites, path):
    assert client.get(path).status_code == 404


def test_admin_sign_in_is_the_one_with_rate_limits(client, sites):
    response = client.get("/admin/login/?next=/admin/pages/")
    assert (response.status_code, response["Location"]) == (302, "/accounts/login/?next=/admin/pages/")


def test_preview_may_stand_in_a_frame_of_the_same_site_and_stays_strict(client, sites):
    client.force_login(sites.root)
    page = StandardPage.objects.child_of(home_of(sites.hub)).get(slug="privacy")
    page.summary = "A draft sentence"
    page.save_revision()
    response = client.get(f"/admin/pages/{page.pk}/view_draft/")
    assert (response.status_code, "A draft sentence" in response.content.decode()) == (200, True)
    found = policy(response)
    assert (found["frame-ancestors"], found["script-src"]) == ("'self'", "'self'")
    assert response["X-Frame-Options"] == "SAMEORIGIN"


def test_live_page_may_stand_in_no_frame(client, sites):
    assert policy(client.get("/privacy/"))["frame-ancestors"] == "'none'"
