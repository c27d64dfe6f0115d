"""Pages, pictures and documents of another hub named in what an editor sends to Wagtail's own forms."""

from __future__ import annotations

from typing import Any

import pytest
from wagtail.models import Page
from wagtail.test.utils.form_data import nested_form_data, rich_text, streamfield

from tests.isolation.personas import PERSONAS, PUBLIC
from tests.isolation.walker import Answer, Walker, fingerprint, undone, writes

pytestmark = pytest.mark.django_db


@pytest.fixture
def amina(world) -> Walker:
    return Walker(next(one for one in PERSONAS if one.name == "amina"), world)


def send(walker: Walker, path: str, body: dict[str, Any], method: str = "POST") -> Answer:
    walker.client.cookies = walker.cookies_for("")
    with undone(), writes() as written:
        response = walker.client.post(path, body) if method == "POST" else walker.client.get(path, body)
        answer = Answer(response, written)
        answer.changed = bool(written) and fingerprint() != walker.before
    return answer


def leaked(walker: Walker, answer: Answer) -> set[str]:
    return answer.canaries - PUBLIC - walker.persona.reads


def edited(page: Page, block: tuple[str, Any]) -> dict[str, Any]:
    """The edit form of a page with one block in its body."""
    fields = {"title": page.title, "slug": page.slug, "seo_title": "", "search_description": "", "introduction": ""}
    return nested_form_data(
        {**fields, "body": streamfield([block]), "comments": {"TOTAL_FORMS": 0, "INITIAL_FORMS": 0}}
    )


def block(kind: str, pk: int) -> tuple[str, Any]:
    act = {"heading": "Act", "text": "", "label": "Go", "page": str(pk), "address": ""}
    return {
        "page": ("call_to_action", act),
        "image": ("picture", {"image": str(pk), "alt": "What it shows", "caption": ""}),
        "document": ("document", {"document": str(pk), "label": "Read"}),
        "link": ("text", rich_text(f'<p><a linktype="page" id="{pk}">there</a></p>')),
    }[kind]


@pytest.mark.parametrize("kind", ["page", "image", "document", "link"])
def test_a_page_takes_and_shows_nothing_of_another_hub(world, amina, kind):
    here, there = world.rows["harbour"], world.rows["fells"]
    page = Page.objects.get(pk=here["page"])
    path = f"/admin/pages/{page.pk}/edit/"
    name = "page" if kind == "link" else kind
    mine = send(amina, path, edited(page, block(kind, here[name])))
    assert (mine.status, mine.changed) == (302, True)
    theirs = send(amina, path, edited(page, block(kind, there[name])))
    assert (theirs.changed, leaked(amina, theirs)) == (False, set()), sorted(theirs.written)


@pytest.mark.parametrize("kind", ["page", "image", "document", "link"])
def test_a_preview_shows_nothing_of_another_hub(world, amina, kind):
    page = Page.objects.get(pk=world.rows["harbour"]["page"])
    row = world.rows["fells"]["page" if kind == "link" else kind]
    path = f"/admin/pages/{page.pk}/edit/preview/"
    amina.client.cookies = amina.cookies_for("")
    with undone():
        sent = Answer(amina.client.post(path, edited(page, block(kind, row))), set())
        shown = Answer(amina.client.get(path), set())
    assert (leaked(amina, sent), leaked(amina, shown)) == (set(), set())


@pytest.mark.parametrize("title", ["A copy", ""])
def test_a_page_is_not_copied_to_another_hub(world, amina, title):
    here, there = world.rows["harbour"], world.rows["fells"]
    path = f"/admin/pages/{here['page']}/copy/"
    body = {"new_title": title, "new_slug": "a-copy", "new_parent_page": here["page"]}
    parent = Page.objects.get(pk=here["page"]).get_parent().pk
    assert send(amina, path, body | {"new_parent_page": parent}).changed is bool(title)
    theirs = send(amina, path, body | {"new_parent_page": there["page"]})
    assert (theirs.changed, leaked(amina, theirs)) == (False, set()), sorted(theirs.written)


@pytest.mark.parametrize("path", ["images/add/", "documents/add/"])
def test_a_file_is_not_put_into_another_hub_s_collection(world, amina, path):
    theirs = send(amina, f"/admin/{path}", {"title": "Ours", "collection": world.rows["fells"]["collection"]})
    assert (theirs.changed, leaked(amina, theirs)) == (False, set()), sorted(theirs.written)


@pytest.mark.parametrize("kind", ["image", "document"])
def test_a_file_does_not_move_to_another_hub_s_collection(world, amina, kind):
    here, there = world.rows["harbour"], world.rows["fells"]
    path = f"/admin/images/{here['image']}/" if kind == "image" else f"/admin/documents/edit/{here['document']}/"
    body = {"title": "Renamed", "tags": "", "description": "", "focal_point_x": "", "focal_point_y": "",
            "focal_point_width": "", "focal_point_height": ""}  # fmt: skip
    assert send(amina, path, body | {"collection": here["collection"]}).changed
    theirs = send(amina, path, body | {"collection": there["collection"]})
    assert leaked(amina, theirs) == set()
    assert "collection" not in theirs.written


def test_an_organisation_s_manager_and_a_filter_s_choice_are_of_the_same_hub(world, amina):
    rows = world.rows["brightwater"]
    for path in (
        f"/admin/employers/?manager={world.cast.chloe.pk}",
        f"/admin/placements/?school={world.cast.school_b.pk}",
    ):
        assert leaked(amina, send(amina, path, {}, "GET")) == set()
    path = f"/admin/employers/{rows['employer']}/edit/"
    body = {"name": "Renamed", "size": "small", "wants_asking_per_month": 4, "is_active": "on", "language": ""}
    assert send(amina, path, body | {"manager": world.cast.bob.pk}).changed
    theirs = send(amina, path, body | {"manager": world.cast.chloe.pk})
    assert (theirs.changed, leaked(amina, theirs)) == (False, set()), sorted(theirs.written)
