"""Papers of an employer: sent, looked at, scanned, held once and used for every placement."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from employers.domain import need_keeper
from employers.files import MOST_BYTES, checked, scan, scanner_is_set, shown_name, why
from employers.models import Document, Employer, Site
from employers.people import employer_people
from hubs.actors import Actor, system
from hubs.errors import CannotMove, Refused
from hubs.log import record
from hubs.moves import move
from hubs.outbox import queue
from hubs.recipients import hub_people

#: Files one run of the job scans; the next run is soon.
SCANNED_A_RUN = 50


def add_document(
    employer: Employer,
    *,
    kind: str,
    upload: UploadedFile | None = None,
    reference: str = "",
    issued_on: dt.date | None = None,
    expires_on: dt.date | None = None,
    site: Site | None = None,
    by: Actor,
    now: dt.datetime,
) -> Document:
    """A paper: a file (PDF, JPEG or PNG, 5 MiB at most), or a reference to one.

    The file is looked at before anything is kept (`employers/papers.py`); then it lies under a random key in
    private storage, in quarantine until the hub holds it. Where UPLOADS_HELD_UNSCANNED is set (the demo) and
    there is no scanner, it is held at once. Raises `Refused` with a reason.
    """
    need_keeper(employer, by)
    if upload is None and not reference.strip():
        raise Refused(_("Choose a file, or write the insurer and policy number."))
    if site is not None and site.employer_id != employer.pk:
        raise Refused(_("This site belongs to somebody else. Choose one of yours."))
    _check_dates(issued_on, expires_on, employer.hub.today(now))
    document = Document(
        hub=employer.hub, employer=employer, kind=kind, reference=reference.strip(), issued_on=issued_on,
        expires_on=expires_on, site=site, added_by=by.user, added_at=now,
    )  # fmt: skip
    if upload is not None:
        document.mimetype = _looked_at(upload)
        document.shown_name = shown_name(upload.name or "", document.mimetype)
        document.file = upload
    try:
        _save(document, by=by, now=now)
    except BaseException:  # the file goes whatever ended it, a kill too; it is raised again
        # Nothing of it stays on the disk when its row does not stay in the database.
        if document.file.name and document.file.storage.exists(document.file.name):
            document.file.storage.delete(document.file.name)
        raise
    return document


@transaction.atomic
def _save(document: Document, *, by: Actor, now: dt.datetime) -> None:
    document.save()
    record(document, "added", by=by, now=now, kind=document.kind)
    if settings.UPLOADS_HELD_UNSCANNED and not document.is_waiting_for_scan:
        move(document, "held", by=system(document.hub_id, via=by.via), now=now)
        return
    for person in hub_people(document.hub, document.employer):
        queue("document-to-check", document, person, now=now)


def _looked_at(upload: UploadedFile) -> str:
    size = upload.size or 0
    if size > MOST_BYTES:
        raise Refused(
            _("This file has %(size)s MB; 5 MB is the most. Send a smaller copy.")
            % {"size": round(size / 1024 / 1024, 1)},
            code="too_large",
        )
    upload.seek(0)
    mimetype = checked(upload.read())
    upload.seek(0)
    return mimetype


def _check_dates(issued_on: dt.date | None, expires_on: dt.date | None, today: dt.date) -> None:
    if issued_on and issued_on > today:
        raise Refused(_("The day of issue lies in the future. Look at the document again."))
    if expires_on and expires_on < today:
        raise Refused(_("This document has run out. Send the current one."))
    if issued_on and expires_on and expires_on < issued_on:
        raise Refused(_("It cannot end before it was issued. Look at the two days again."))


def hold_document(document: Document, *, by: Actor, now: dt.datetime) -> None:
    """The hub has looked: the document counts from now on. Raises `CannotBegin` before it is scanned."""
    move(document, "held", by=by, now=now)


def refuse_document(document: Document, reason: str, *, by: Actor, now: dt.datetime) -> None:
    """The employer is told why. Raises `Refused` without a reason."""
    if not reason.strip():
        raise Refused(_("Say what is wrong with it, so that the employer can send the right one."))
    with transaction.atomic():
        move(document, "refused", by=by, now=now, reason=reason)
        _tell_employer(document, reason, now=now)


def _tell_employer(document: Document, reason: str, *, now: dt.datetime) -> None:
    for person in employer_people(document.employer):
        queue("document-refused", document, person, now=now, reason=reason)


def withdraw_document(document: Document, *, by: Actor, now: dt.datetime) -> None:
    """It no longer counts; what it settled before stays settled."""
    move(document, "withdrawn", by=by, now=now, also={"withdrawn_at": now})


def open_document(document: Document):
    """The file, to be sent as an attachment. Raises `Refused` while the scanner has not seen it."""
    if document.is_waiting_for_scan:
        raise Refused(_("This file is still being scanned for viruses. Try again in a few minutes."), code="scanning")
    return document.file.open("rb")


# ---- Scanning ------------------------------------------------------------------


def scan_documents(now: dt.datetime) -> int:
    """Have the scanner look at files it has not seen, oldest first; how many it did. Safe to repeat.

    What it stops is refused, or taken back where it counted already, and the file goes. Raises CannotScan when
    the scanner does not answer: the files wait.
    """
    if not scanner_is_set():
        return 0
    waiting = Document.objects.filter(~Q(file=""), scanned_at=None, state__in=["quarantined", "held"])
    done = 0
    for document in waiting.select_related("hub", "employer__hub").order_by("pk")[:SCANNED_A_RUN]:
        try:
            with document.file.open("rb") as file:
                clean = scan(file.read())
        except FileNotFoundError:
            continue
        _scanned(document, clean=clean, now=now)
        done += 1
    return done


def _scanned(document: Document, *, clean: bool, now: dt.datetime) -> None:
    by = system(document.hub_id)
    with transaction.atomic():
        if not Document.objects.filter(pk=document.pk, scanned_at=None).update(scanned_at=now):
            return
        document.scanned_at = now
        if clean:
            record(document, "scanned", by=by, now=now)
            return
        reason = why("infected")
        try:
            if document.state == "quarantined":
                move(document, "refused", by=by, now=now, reason=reason)
            else:
                move(document, "withdrawn", by=by, now=now, reason=reason, also={"withdrawn_at": now})
        except CannotMove:
            return  # somebody else refused or withdrew it meanwhile
        _tell_employer(document, reason, now=now)
        name = str(document.file.name)
        Document.objects.filter(pk=document.pk).update(file="")
    document.file.storage.delete(name)
