"""Files that come by mail, and scans of what was signed on paper: examined and scanned before a byte is kept."""

from __future__ import annotations

import io
import sys

import pytest
from django.core.files.storage import FileSystemStorage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command

from employers import files, papers
from hubs.errors import Refused
from placements import threads
from placements.domain import agreements, replies
from placements.models import Placement, Reply, ReplyFile, Signature
from tests import scenes
from tests.cast import NOW
from tests.employers.papers import pdf
from tests.employers.refused import REFUSED
from tests.placements.agreed import agreed, of_school
from tests.placements.mails import SENDER, mail
from tests.placements.test_replies_in import hand_in


@pytest.fixture(autouse=True)
def taken_in(settings):
    settings.INBOUND_ADDRESS, settings.INBOUND_KEY = "reply@in.hub.example", "gateway-key"
    settings.DEFAULT_FROM_EMAIL = f"Throughline <{SENDER}>"


@pytest.fixture(autouse=True)
def private(monkeypatch, settings):
    """The fields keep the storage they were loaded with; here they keep one of the test's own."""
    storage = FileSystemStorage(location=settings.VAR_DIR / "private", base_url=None)
    for model, field in ((ReplyFile, "file"), (Signature, "scan")):
        monkeypatch.setattr(model._meta.get_field(field), "storage", storage)


@pytest.fixture
def here(monkeypatch):
    """The same examination in this process: the child's own limits are tested with employers' papers."""

    def run(_module, _header, data, **_limits):
        try:
            return {"mimetype": papers.inspect(data)}
        except papers.CannotKeep as refusal:
            return {"refused": refusal.code}

    monkeypatch.setattr(files, "run_child", run)


@pytest.fixture
def placement(cast) -> Placement:
    return scenes.placement(cast, state="accepted")


@pytest.fixture
def line(cast) -> Signature:
    (agreement, *_others) = agreements.draw_up(agreed(cast, "FR"), by=of_school(cast), now=NOW)
    return agreement.signatures.get(party="parent")


def carrying(*contents: bytes, key: str = "1"):
    message = mail(key=key)
    for number, content in enumerate(contents):
        message.add_attachment(content, maintype="application", subtype="pdf", filename=f"{number}.pdf")
    return message


def receive(placement, message) -> str:
    return replies.receive_mail(bytes(message), threads.address_of(placement, "employer"), now=NOW)


def sign_with(line, cast, content: bytes) -> None:
    upload = SimpleUploadedFile("scan.pdf", content, "application/pdf")
    upload.read()  # as a form that looked at it first leaves it
    agreements.sign_outside(line, name="A", signed_on=NOW.date(), upload=upload, by=of_school(cast), now=NOW)


def kept(settings) -> list[bytes]:
    return [path.read_bytes() for path in settings.VAR_DIR.rglob("*") if path.is_file()]


def test_every_file_that_is_no_paper_is_left_out_of_an_answer(placement, settings, here):
    contents = [content for content, _code in REFUSED.values() if content]
    for start in range(0, len(contents), replies.MOST_LOOKED_AT):
        some = contents[start : start + replies.MOST_LOOKED_AT]
        assert receive(placement, carrying(*some, key=str(start))) == "kept"
    assert sum(Reply.objects.values_list("left_out", flat=True)) == len(contents) > 30
    assert (ReplyFile.objects.count(), kept(settings)) == (0, [])


def test_every_file_that_is_no_paper_is_refused_as_a_scan(cast, line, settings, here):
    for content, code in REFUSED.values():
        with pytest.raises(Refused) as refusal:
            sign_with(line, cast, content)
        assert refusal.value.code == code
    line.refresh_from_db()
    assert (line.signed_at, line.scan.name, kept(settings)) == (None, "", [])


def test_scanner_is_asked_about_an_answer_and_a_scan(cast, placement, line, settings, clamd):
    assert receive(placement, carrying(pdf())) == "kept"
    sign_with(line, cast, pdf())
    assert clamd.seen == [len(pdf()), len(pdf())]
    assert kept(settings) == [pdf(), pdf()]


def test_what_the_scanner_stops_is_not_kept(cast, placement, line, settings, clamd):
    clamd.says = b"stream: Win.Test FOUND\0"
    assert receive(placement, carrying(pdf())) == "kept"
    assert (Reply.objects.get().left_out, ReplyFile.objects.count()) == (1, 0)
    with pytest.raises(Refused, match="virus scanner would stop"):
        sign_with(line, cast, pdf())
    line.refresh_from_db()
    assert (line.signed_at, kept(settings)) == (None, [])


def test_scanner_that_does_not_answer_keeps_nothing_and_loses_nothing(client, cast, placement, line, settings):
    settings.CLAMD_ADDRESS = "tcp://127.0.0.1:1"
    raw = bytes(carrying(pdf()))
    assert hand_in(client, placement, raw) == (503, "")
    with pytest.raises(Refused, match="Try again in a few minutes"):
        sign_with(line, cast, pdf())
    assert (Reply.objects.count(), kept(settings)) == (0, [])
    settings.CLAMD_ADDRESS = ""
    assert hand_in(client, placement, raw) == (200, "kept")
    assert (Reply.objects.count(), ReplyFile.objects.count()) == (1, 1)


def test_mail_server_is_asked_to_come_again(placement, settings, monkeypatch):
    settings.CLAMD_ADDRESS = "tcp://127.0.0.1:1"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(bytes(carrying(pdf())))))
    with pytest.raises(SystemExit) as ended:
        call_command("receive_mail", threads.address_of(placement, "employer"))
    assert ended.value.code == 75
    assert Reply.objects.count() == 0
