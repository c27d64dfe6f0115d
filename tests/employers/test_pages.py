"""The organisation's page, its forms and its files."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils.html import escape

from employers import domain, paperwork
from employers.api import SiteSerializer
from employers.models import Contact, Document, Employer, Site, Volunteer
from tests.cast import NOW, actor
from tests.employers import papers

PDF = papers.pdf()
PAGE = 11  # statements


@pytest.fixture(autouse=True)
def _at_now(monkeypatch, now):
    monkeypatch.setattr("hubs.middleware.timezone.now", lambda: now)


@pytest.fixture
def page(client, cast):
    client.force_login(cast.employer_lead)
    return client


@pytest.fixture
def document(cast):
    by = actor(cast.employer_lead, cast.hub, cast.employer)
    file = SimpleUploadedFile("insurance.pdf", PDF)
    return paperwork.add_document(cast.employer, kind="liability", upload=file, by=by, now=NOW)


def fill(page, page_name, /, **data):
    return page.post(reverse(page_name), data)


def test_rows_are_added_and_changed(page, cast):
    back = reverse("employer-organisation")
    assert fill(page, "employer-site-new", name="Dock workshop", town="Harbour").url == back
    assert fill(page, "employer-contact-new", name="Reception", phone="0117 000").url == back
    assert fill(page, "employer-volunteer-new", name="A speaker", is_active="on").url == back
    changed = {"name": "Brightwater Marine", "size": "medium", "wants_asking_per_month": 2, "website": "bright.example"}
    assert fill(page, "employer-organisation-edit", **changed).url == back
    employer = Employer.objects.get(pk=cast.employer.pk)
    assert (employer.name, employer.size, employer.website) == (
        "Brightwater Marine",
        "medium",
        "https://bright.example",
    )
    assert [m.objects.get().name for m in (Site, Contact, Volunteer)] == ["Dock workshop", "Reception", "A speaker"]
    site = Site.objects.get()
    page.post(reverse("employer-site", args=[site.pk]), {"name": "Dock hall"})
    site.refresh_from_db()
    assert (site.name, site.town) == ("Dock hall", "")


def test_a_site_asks_for_no_limit_that_nothing_keeps(page):
    shown = page.get(reverse("employer-site-new"))
    assert "per_day" not in shown.context["form"].fields
    assert ("per_day" in domain.SITE_FIELDS, "per_day" in SiteSerializer().fields) == (False, False)


def test_half_a_point_and_a_contact_nobody_can_reach_are_said(page, cast):
    half = fill(page, "employer-site-new", name="Dock", latitude="51.4")
    assert list(half.context["form"].errors) == ["longitude"]
    unreachable = fill(page, "employer-contact-new", name="Somebody")
    assert list(unreachable.context["form"].errors) == ["email"]
    taken = {"name": "Saffron Bakery", "size": "small", "wants_asking_per_month": 2}
    shown = fill(page, "employer-organisation-edit", **taken)
    assert shown.context["form"].non_field_errors() == ["There is an employer called “Saffron Bakery” already."]


def test_a_point_is_typed_in_two_numbers_or_pasted_as_a_pair(page, cast):
    fill(page, "employer-site-new", name="Dock", latitude="51.4545, -2.5879")
    fill(page, "employer-site-new", name="Yard", latitude="51.5", longitude="-2.5")
    points = Site.objects.filter(name__in=["Dock", "Yard"]).order_by("name").values_list("latitude", "longitude")
    assert list(points) == [(51.4545, -2.5879), (51.5, -2.5)]


@pytest.mark.parametrize(
    ("point", "said"),
    [
        ({"latitude": "91", "longitude": "0"}, {"latitude": ["90 at most; you gave 91.0."]}),
        ({"latitude": "0", "longitude": "-180.5"}, {"longitude": ["-180 at least; you gave -180.5."]}),
        ({"latitude": "51°27'N", "longitude": "0"}, {"latitude": ["Write degrees as a number, such as 51.4545."]}),
        ({"latitude": "nan", "longitude": "0"}, {"latitude": ["Write degrees as a number, such as 51.4545."]}),
        ({"latitude": "1, 2, 3"}, {"latitude": ["Write degrees as a number, such as 51.4545."]}),
    ],
)
def test_a_point_off_the_earth_is_refused_and_what_was_typed_stays(page, cast, point, said):
    shown = fill(page, "employer-site-new", name="Dock", **point)
    assert {name: errors for name, errors in shown.context["form"].errors.items() if name in said} == said
    assert f'value="{escape(point["latitude"])}"' in shown.content.decode()
    assert not Site.objects.filter(name="Dock").exists()


def test_the_sites_stand_on_a_map_and_say_how_far_they_are(page, cast, settings):
    hub, employer = cast.hub, cast.employer
    Site.objects.create(hub=hub, employer=employer, name="A", town="Whitby", latitude=54.48, longitude=-0.61)
    Site.objects.create(hub=hub, employer=employer, name="B", town="Saltby", latitude=54.58, longitude=-0.61)
    Site.objects.create(hub=hub, employer=employer, name="C")
    text = page.get(reverse("employer-organisation")).content.decode()
    assert ('data-point="54.48000,-0.61000"' in text, "11 km from A" in text) == (True, True)
    assert text.count("not on the map yet") == Site.objects.filter(employer=employer, latitude=None).count()
    assert ("js_lib_leaflet/leaflet.js" in text, "data-tiles" in text) == (True, False)
    settings.MAP_TILES = "https://tiles.example/{z}/{x}/{y}.png"
    assert (
        'data-tiles="https://tiles.example/{z}/{x}/{y}.png"'
        in page.get(reverse("employer-organisation")).content.decode()
    )


def test_next_leads_only_to_pages_of_ours(page, cast):
    url = reverse("employer-site-new")
    ours = page.post(url + "?next=/employer/opportunities/", {"name": "One"})
    theirs = page.post(url + "?next=//elsewhere.example/", {"name": "Two"})
    assert (ours.url, theirs.url) == ("/employer/opportunities/", reverse("employer-organisation"))


def test_a_document_is_sent_and_fetched_as_a_download(page, cast, document):
    got = page.get(reverse("document-file", args=[document.pk]))
    assert (got.status_code, got["Content-Type"], b"".join(got.streaming_content)) == (200, "application/pdf", PDF)
    assert got["Content-Disposition"] == 'attachment; filename="insurance.pdf"'
    assert (got["X-Content-Type-Options"], got["Cache-Control"]) == ("nosniff", "private, no-store")


def test_a_document_form_says_what_is_wrong(page, cast):
    file = SimpleUploadedFile("evil.pdf", b"<script>", content_type="application/pdf")
    shown = fill(page, "employer-document-new", kind="risk", file=file)
    assert shown.context["form"].non_field_errors() == [
        "This is not a PDF, JPEG or PNG file. Save it as a PDF and send that."
    ]
    assert Document.objects.count() == 0
    assert fill(page, "employer-document-new", kind="risk", reference="Policy 7").status_code == 302


@pytest.mark.parametrize(
    ("persona", "status"),
    [
        ("employer_lead", 200), ("employer_member", 200), ("amina", 200), ("ben", 200), ("root", 200),
        ("other_lead", 404), ("coordinator", 404), ("chloe", 404), ("employer_lead_b", 404),
    ],
)  # fmt: skip
def test_who_fetches_a_document(client, cast, document, persona, status):
    client.force_login(getattr(cast, persona))
    assert client.get(reverse("document-file", args=[document.pk])).status_code == status


@pytest.mark.parametrize("persona", ["other_lead", "employer_lead_b", "coordinator"])
def test_strangers_get_404_and_change_nothing(client, cast, document, persona):
    by = actor(cast.employer_lead, cast.hub, cast.employer)
    site = domain.add_site(cast.employer, {"name": "Dock"}, by=by, now=NOW)
    contact = domain.add_contact(cast.employer, {"name": "Reception"}, by=by, now=NOW)
    client.force_login(getattr(cast, persona))
    urls = [
        reverse("employer-site", args=[site.pk]),
        reverse("employer-contact", args=[contact.pk]),
        reverse("employer-contact-remove", args=[contact.pk]),
        reverse("employer-document-withdraw", args=[document.pk]),
    ]
    assert {client.post(url, {"name": "Mine"}).status_code for url in urls} == {404}
    document.refresh_from_db()
    assert (Site.objects.get().name, Contact.objects.count(), document.state) == ("Dock", 1, "quarantined")


def test_members_read_and_get_403_on_changing(client, cast, document):
    client.force_login(cast.employer_member)
    assert client.get(reverse("employer-organisation")).status_code == 200
    for name in ("employer-site-new", "employer-document-new", "employer-organisation-edit"):
        assert client.post(reverse(name), {"name": "Mine"}).status_code == 403
    assert Site.objects.count() == 0


@pytest.mark.parametrize("rows", [1, 3])
def test_the_organisation_takes_the_same_statements(page, cast, rows, django_assert_num_queries):
    by = actor(cast.employer_lead, cast.hub, cast.employer)
    for number in range(rows):
        site = domain.add_site(cast.employer, {"name": f"Site {number}"}, by=by, now=NOW)
        domain.add_contact(cast.employer, {"name": f"Contact {number}"}, by=by, now=NOW)
        domain.add_volunteer(cast.employer, {"name": f"Volunteer {number}"}, by=by, now=NOW)
        paperwork.add_document(cast.employer, kind="risk", reference="R", site=site, by=by, now=NOW)
    with django_assert_num_queries(PAGE):
        shown = page.get(reverse("employer-organisation"))
    assert len(shown.context["documents"]) == rows
