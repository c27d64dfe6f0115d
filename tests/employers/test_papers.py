"""What people upload: a paper is kept, everything else is refused with a reason, and nothing of it stays."""

from __future__ import annotations

import zlib

import pytest
from django.core.files.storage import FileSystemStorage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from employers import files, paperwork
from employers.files import CannotScan, checked
from employers.models import Document
from employers.papers import MOST_UNPACKED, CannotKeep, inspect
from hubs.domain.staff import sync_staff
from hubs.errors import CannotBegin, Refused
from hubs.models import Message
from placements.worklists import worklists
from tests.cast import NOW, actor
from tests.employers import papers
from tests.employers.refused import REFUSED


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_paper_is_refused(name):
    content, code = REFUSED[name]
    with pytest.raises(CannotKeep) as refusal:
        inspect(content)
    assert refusal.value.code == code
    assert files.why(code)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (papers.pdf(), "application/pdf"),
        (papers.pdf() + b"\r\n\x00", "application/pdf"),
        (papers.with_contents(zlib.compress(b"BT ET")), "application/pdf"),
        (papers.with_contents(b"broken", b"/Filter/FlateDecode"), "application/pdf"),
        (papers.raw_pdf(papers.CATALOGUE[:-2] + b"/OpenAction[3 0 R/Fit]>>", papers.PAGES, papers.PAGE,
                        papers.stream(b"", b"")), "application/pdf"),
        (papers.picture(), "image/png"),
        (papers.picture("JPEG"), "image/jpeg"),
        # A camera's second picture behind the first.
        (papers.picture("JPEG") + papers.picture("JPEG"), "image/jpeg"),
    ],
)  # fmt: skip
def test_papers_are_kept(content, kind):
    assert inspect(content) == kind


def test_the_limit_of_unpacking_is_exact():
    assert inspect(papers.with_contents(zlib.compress(bytes(MOST_UNPACKED // 2), 9))) == "application/pdf"


# ---- On the way into the record ------------------------------------------------


@pytest.fixture
def lead(cast):
    return actor(cast.employer_lead, cast.hub, cast.employer)


def upload(content: bytes, name: str = "paper.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, "application/pdf")


@pytest.fixture(autouse=True)
def private(monkeypatch, tmp_path):
    """The field keeps the storage it was loaded with; here it keeps one of the test's own."""
    storage = FileSystemStorage(location=tmp_path / "private", base_url=None)
    monkeypatch.setattr(Document._meta.get_field("file"), "storage", storage)


def kept_files(settings) -> list:
    return [path for path in settings.VAR_DIR.rglob("*") if path.is_file()]


@pytest.mark.parametrize("name", ["a program", "EICAR", "a PDF and an archive", "a locked PDF", "a scripted PDF",
                                  "a PDF that unpacks twice", "a picture of nine hundred million points"])  # fmt: skip
def test_what_is_refused_leaves_nothing_behind(client, cast, settings, name):
    content, code = REFUSED[name]
    client.force_login(cast.employer_lead)
    shown = client.post(
        reverse("employer-document-new"), {"kind": "risk", "file": upload(content, "../../../etc/cron.d/insurance.pdf")}
    )
    assert (shown.status_code, files.why(code) in shown.context["form"].non_field_errors()) == (200, True)
    assert (Document.objects.count(), Message.objects.count(), kept_files(settings)) == (0, 0, [])


def test_a_path_in_the_name_goes_nowhere(cast, lead, settings):
    names = ("../../../etc/passwd.pdf", "..\\..\\boot.ini", "/etc/shadow", "a\x00.exe", "con.pdf")
    for name in names:
        given = upload(papers.pdf())
        given.name = name  # past Django's own cleaning
        row = paperwork.add_document(cast.employer, kind="other", upload=given, by=lead, now=NOW)
        assert not set("/\\\0") & set(row.shown_name)
        assert row.shown_name.endswith(".pdf")
    private = settings.VAR_DIR / "private/documents"
    assert all(path.is_relative_to(private) for path in kept_files(settings))
    assert (len(kept_files(settings)), {path.suffix for path in kept_files(settings)}) == (len(names), {""})


def test_a_child_that_dies_is_a_refusal(monkeypatch):
    monkeypatch.setattr(files, "CPU_SECONDS", 0)
    with pytest.raises(Refused) as refusal:
        checked(papers.pdf())
    assert refusal.value.code == "bomb"


def test_a_row_that_is_not_saved_leaves_no_file(cast, lead, settings, monkeypatch):
    def fails(*_args, **_kwargs):
        raise RuntimeError("the database went away")

    monkeypatch.setattr(paperwork, "record", fails)
    with pytest.raises(RuntimeError):
        paperwork.add_document(cast.employer, kind="other", upload=upload(papers.pdf()), by=lead, now=NOW)
    assert (Document.objects.count(), kept_files(settings)) == (0, [])


def test_a_paper_is_sent_as_an_attachment_only(client, cast, lead):
    row = paperwork.add_document(cast.employer, kind="other", upload=upload(papers.pdf(), "a b.pdf"), by=lead, now=NOW)
    client.force_login(cast.employer_lead)
    answer = client.get(reverse("document-file", args=[row.pk]))
    assert answer["Content-Disposition"] == 'attachment; filename="a b.pdf"'
    assert (answer["X-Content-Type-Options"], answer["Cache-Control"]) == ("nosniff", "private, no-store")
    assert client.get(f"/media/{row.file.name}").status_code == 404


# ---- The scanner ---------------------------------------------------------------


def test_nobody_opens_a_paper_before_it_is_scanned(client, cast, lead, settings, clamd):
    settings.UPLOADS_HELD_UNSCANNED = True  # means nothing where there is a scanner
    row = paperwork.add_document(cast.employer, kind="other", upload=upload(papers.pdf()), by=lead, now=NOW)
    assert (row.state, row.covers(NOW.date())) == ("quarantined", False)
    url = reverse("document-file", args=[row.pk])
    for persona in (cast.employer_lead, cast.amina):
        client.force_login(persona)
        waits = client.get(url)
        assert (waits.status_code, "still being scanned" in waits.content.decode()) == (409, True)
    with pytest.raises(CannotBegin, match="still being scanned"):
        paperwork.hold_document(row, by=actor(cast.amina, cast.hub), now=NOW)
    assert (paperwork.scan_documents(NOW), paperwork.scan_documents(NOW)) == (1, 0)
    row.refresh_from_db()
    assert (row.scanned_at, client.get(url).status_code) == (NOW, 200)
    paperwork.hold_document(row, by=actor(cast.amina, cast.hub), now=NOW)
    assert row.covers(NOW.date())


@pytest.mark.parametrize(("before", "after"), [("quarantined", "refused"), ("held", "withdrawn")])
def test_what_the_scanner_stops_goes_and_the_employer_is_told(cast, lead, settings, clamd, before, after):
    row = paperwork.add_document(cast.employer, kind="other", upload=upload(papers.pdf()), by=lead, now=NOW)
    Document.objects.update(state=before)
    clamd.says = b"stream: Win.Test FOUND\0"
    assert paperwork.scan_documents(NOW) == 1
    row.refresh_from_db()
    assert (row.state, row.file.name, kept_files(settings)) == (after, "", [])
    assert Message.objects.filter(kind="document-refused").count() == 1


@pytest.mark.parametrize("says", [b"stream: INSTREAM size limit exceeded. ERROR\0", b"\0", b"UNKNOWN COMMAND\0"])
def test_a_scanner_that_does_not_say_leaves_papers_waiting(cast, lead, clamd, says):
    paperwork.add_document(cast.employer, kind="other", upload=upload(papers.pdf()), by=lead, now=NOW)
    clamd.says = says
    with pytest.raises(CannotScan):
        paperwork.scan_documents(NOW)
    assert Document.objects.get().is_waiting_for_scan


def test_a_scanner_that_is_not_there_leaves_papers_waiting(cast, lead, settings):
    settings.CLAMD_ADDRESS = "tcp://127.0.0.1:1"
    paperwork.add_document(cast.employer, kind="other", upload=upload(papers.pdf()), by=lead, now=NOW)
    with pytest.raises(CannotScan):
        paperwork.scan_documents(NOW)


def test_without_a_scanner_nothing_waits_for_one(cast, lead):
    row = paperwork.add_document(cast.employer, kind="other", upload=upload(papers.pdf()), by=lead, now=NOW)
    assert (row.is_waiting_for_scan, paperwork.scan_documents(NOW)) == (False, 0)


def test_the_test_virus_is_found_by_the_protocol(clamd):
    assert (files.scan(papers.EICAR), files.scan(b"words")) == (False, True)


# ---- On the hub's desk ---------------------------------------------------------


def test_the_hub_looks_accepts_and_refuses(client, cast, lead):
    first, second = (
        paperwork.add_document(cast.employer, kind="other", upload=upload(papers.pdf()), by=lead, now=NOW)
        for _number in range(2)
    )
    sync_staff(cast.hub)
    client.force_login(cast.amina)
    assert [one.who for one in waiting(cast)] == ["Brightwater Engineering"] * 2
    shown = client.get(reverse("papers:inspect", args=[first.pk])).content.decode()
    assert "no scanner is set up here" in shown
    client.post(reverse("papers:act", args=[first.pk, "hold"]))
    client.post(reverse("papers:act", args=[second.pk, "refuse"]), {"text": ""})
    second.refresh_from_db()
    assert second.state == "quarantined"
    client.post(reverse("papers:act", args=[second.pk, "refuse"]), {"text": "It is last year's."})
    assert list(Document.objects.order_by("pk").values_list("state", flat=True)) == ["held", "refused"]
    assert waiting(cast) == ()


def waiting(cast) -> tuple:
    return next(one.items for one in worklists(cast.hub, NOW) if one.key == "papers")
