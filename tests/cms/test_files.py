"""Files and pictures the hub puts on its site or into a template: looked at before they are kept."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from wagtail.documents import get_document_model
from wagtail.images import get_image_model

from employers import files
from tests.employers import papers
from tests.employers.refused import REFUSED

BAD = ["a program", "a script", "a page", "a drawing that scripts", "an archive", "EICAR", "a PDF and an archive",
       "a PNG and a PDF", "a JPEG and an archive", "a locked PDF", "a scripted PDF", "a PDF that starts a program",
       "EICAR packed in a PDF", "a PDF that unpacks twice", "a picture of nine hundred million points"]  # fmt: skip


@pytest.fixture
def staff(client, sites, settings, tmp_path):
    """Amina, with folders of the test's own for what is kept."""
    settings.MEDIA_ROOT = str(tmp_path / "media")
    for model in (get_document_model(), get_image_model()):
        storage = model._meta.get_field("file").storage
        storage.__dict__.pop("base_location", None)
        storage.__dict__.pop("location", None)
    client.force_login(sites.amina)
    return client


def send(client, sites, route: str, content: bytes, name: str):
    data = {"title": "A paper", "file": SimpleUploadedFile(name, content), "collection": sites.hub.collection_id}
    return client.post(reverse(route), data)


def kept(tmp_path) -> list:
    return [path for path in (tmp_path / "media").rglob("*") if path.is_file()]


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_paper_is_no_file_of_the_site(staff, sites, tmp_path, name):
    content, code = REFUSED[name]
    answer = send(staff, sites, "wagtaildocs:add", content, "../../etc/guide.pdf")
    assert (answer.status_code, answer.context["form"].errors.get("file")) == (200, [files.why(code)])
    assert (get_document_model().objects.count(), kept(tmp_path)) == (0, [])


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_picture_is_no_picture_of_the_site(staff, sites, tmp_path, name):
    answer = send(staff, sites, "wagtailimages:add", REFUSED[name][0], "../../etc/logo.png")
    assert (answer.status_code, bool(answer.context["form"].errors["file"])) == (200, True)
    assert (get_image_model().objects.count(), kept(tmp_path)) == (0, [])


@pytest.mark.parametrize(
    ("route", "name", "model"),
    [
        ("wagtaildocs:add_multiple", "guide.pdf", get_document_model),
        ("wagtailimages:add_multiple", "logo.png", get_image_model),
    ],
)
def test_several_at_once_are_looked_at_too(staff, sites, tmp_path, route, name, model):
    before = model().objects.count()
    data = {"title": "X", "files[]": SimpleUploadedFile(name, REFUSED["a PNG and a PDF"][0]),
            "collection": sites.hub.collection_id}  # fmt: skip
    answer = staff.post(reverse(route), data).json()
    assert (answer["success"], model().objects.count() - before, kept(tmp_path)) == (False, 0, [])
    assert answer["error_message"]


def test_papers_and_pictures_are_kept(staff, sites, tmp_path):
    assert send(staff, sites, "wagtaildocs:add", papers.pdf(), "guide.pdf").status_code == 302
    assert send(staff, sites, "wagtailimages:add", papers.picture(size=(60, 60)), "logo.png").status_code == 302
    assert (get_document_model().objects.count(), get_image_model().objects.count()) == (1, 1)


def test_without_a_scanner_that_answers_nothing_is_kept(staff, sites, settings):
    settings.CLAMD_ADDRESS = "tcp://127.0.0.1:1"
    answer = send(staff, sites, "wagtaildocs:add", papers.pdf(), "guide.pdf")
    assert answer.context["form"].errors["file"] == [files.why("unscanned")]
