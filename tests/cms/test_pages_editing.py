"""What editors may put on a page."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.core.files.images import ImageFile
from wagtail.blocks import StructBlockValidationError
from wagtail.images import get_image_model
from wagtail.images.tests.utils import get_test_image_file
from wagtail.test.utils.form_data import nested_form_data, rich_text, streamfield

from cms import models
from cms.blocks import Picture, validate_address
from cms.models import StandardPage


@pytest.fixture
def page(sites):
    return StandardPage.objects.child_of(sites.hub.site.root_page).get(slug="privacy")


def act(page, heading="Act"):
    return {"heading": heading, "text": "", "label": "Go", "page": str(page.pk), "address": ""}


def post(client, page, blocks, **fields):
    data = {"title": page.title, "slug": page.slug, "summary": page.summary, "body": streamfield(blocks), **fields}
    return client.post(f"/admin/pages/{page.pk}/edit/", nested_form_data(data))


def test_editor_saves_a_draft_and_publishes_it(client, sites, page):
    client.force_login(sites.root)
    blocks = [("text", rich_text("<p>Fresh words</p>"))]
    assert post(client, page, blocks).status_code == 302
    assert "Fresh words" not in client.get("/privacy/").content.decode()
    post(client, page, blocks, **{"action-publish": "1"})
    assert "Fresh words" in client.get("/privacy/").content.decode()


def test_page_of_another_hub_is_refused_in_a_body(client, sites, page):
    client.force_login(sites.root)
    foreign = sites.hub_b.site.root_page
    response = post(client, page, [("call_to_action", act(foreign))])
    assert response.status_code == 200
    assert "of another hub" in response.content.decode()
    assert post(client, page, [("call_to_action", act(page))]).status_code == 302


def test_picture_of_another_hub_is_refused_in_a_body(client, sites, page, settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path / "media")
    client.force_login(sites.root)
    own, foreign = (
        get_image_model().objects.create(
            title="Quay", file=ImageFile(get_test_image_file().file, "quay.png"), collection=hub.collection
        )
        for hub in (sites.hub, sites.hub_b)
    )
    picture = {"alt": "The quay", "caption": ""}
    assert post(client, page, [("picture", {**picture, "image": str(foreign.pk)})]).status_code == 200
    assert post(client, page, [("picture", {**picture, "image": str(own.pk)})]).status_code == 302


def test_picture_shows_its_words_and_is_served(client, sites, page, settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path / "media")
    image = get_image_model().objects.create(
        title="Quay", file=ImageFile(get_test_image_file().file, "quay.png"), collection=sites.hub.collection
    )
    page.body = [("picture", {"image": image, "alt": "The quay at noon", "caption": ""})]
    page.save()
    html = client.get("/privacy/").content.decode()
    assert 'alt="The quay at noon"' in html
    assert client.get(image.get_rendition("width-480").url).status_code == 200


def test_picture_needs_its_words():
    with pytest.raises(StructBlockValidationError) as refused:
        Picture().clean({"image": None, "alt": "", "caption": ""})
    assert set(refused.value.block_errors) == {"image", "alt"}


@pytest.mark.parametrize("address", ["/opportunities/", "https://example.org", "mailto:desk@example.org"])
def test_address_of_a_button_may_be(address):
    validate_address(address)


@pytest.mark.parametrize("address", ["javascript:alert(1)", "//elsewhere.example", "http://plain.example", "data:x"])
def test_address_of_a_button_may_not_be(address):
    with pytest.raises(ValidationError):
        validate_address(address)


@pytest.mark.parametrize("both", [False, True])
def test_button_leads_to_one_place(client, sites, page, both):
    client.force_login(sites.root)
    block = {**act(page), "address": "/x/"} if both else {**act(page), "page": ""}
    response = post(client, page, [("call_to_action", block)])
    assert response.status_code == 200
    assert "one of the two" in response.content.decode()


def test_tree_allows_each_page_type_in_its_place_only():
    allowed = {
        model.__name__: sorted(child.__name__ for child in model.allowed_subpage_models())
        for model in models.SitePage.__subclasses__()
    }
    assert allowed == {
        "HomePage": ["AudiencePage", "GuidanceIndexPage", "NewsIndexPage", "PreparationPage", "StandardPage"],
        "AudiencePage": ["StandardPage"],
        "GuidanceIndexPage": ["GuidancePage"],
        "GuidancePage": [],
        "NewsIndexPage": ["NewsPage"],
        "NewsPage": [],
        "PreparationPage": [],
        "StandardPage": ["StandardPage"],
    }
    assert {model.__name__ for model in models.SitePage.__subclasses__() if model.private_page_options} == set()
