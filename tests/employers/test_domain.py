"""Employers, their sites, contacts and papers: what is kept, what is refused."""

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from employers import domain, files, paperwork
from employers.messages import queue_document_reminders
from employers.models import Contact, Document, Employer, Sector, Site
from hubs.actors import system
from hubs.errors import CannotAct, Refused
from hubs.models import LogEntry, Message
from hubs.outbox import KINDS, subject_of
from tests.cast import NOW, actor
from tests.employers import papers

PDF = papers.pdf()
PNG = papers.picture()
TODAY = dt.date(2026, 9, 15)


@pytest.fixture
def lead(cast):
    return actor(cast.employer_lead, cast.hub, cast.employer)


@pytest.fixture
def staff(cast):
    return actor(cast.amina, cast.hub)


def upload(content=PDF, name="insurance.pdf"):
    return SimpleUploadedFile(name, content, content_type="text/html")


def test_sectors_load_once(db):
    assert (domain.load_sectors(), domain.load_sectors(), Sector.objects.count()) == (26, 26, 26)


def test_the_hub_adds_employers_and_nobody_else(cast, staff, lead):
    domain.load_sectors()
    sectors = list(Sector.objects.filter(code="energy"))
    fields = {"name": "Tideway Power", "size": "medium", "sectors": sectors}
    row = domain.add_employer(cast.hub, fields, by=staff, now=NOW)
    assert (row.kind, list(row.sectors.all()), row.hub) == ("employer", sectors, cast.hub)
    domain.add_employer(cast.hub, {"name": "Lamp Street Foods"}, by=system(cast.hub.pk), now=NOW)
    for by in (lead, actor(cast.ben, cast.hub), actor(cast.chloe, cast.hub_b)):
        with pytest.raises(CannotAct):
            domain.add_employer(cast.hub, {"name": "Another"}, by=by, now=NOW)
    with pytest.raises(Refused) as refusal:
        domain.add_employer(cast.hub, {"name": "tideway power"}, by=staff, now=NOW)
    assert (refusal.value.code, Employer.objects.filter(hub=cast.hub).count()) == ("name_taken", 4)


def test_manager_and_activity_are_the_hubs_to_decide(cast, staff, lead):
    row = domain.add_employer(cast.hub, {"name": "Tideway Power", "manager": cast.amina}, by=staff, now=NOW)
    domain.change_employer(row, {"is_active": False}, by=staff, now=NOW)
    row.refresh_from_db()
    assert (row.manager, row.is_active) == (cast.amina, False)
    for fields in ({"manager": None}, {"is_active": False}):
        with pytest.raises(CannotAct):
            domain.change_employer(cast.employer, fields, by=lead, now=NOW)
    domain.change_employer(cast.employer, {"about": "We build pumps."}, by=lead, now=NOW)
    entries = LogEntry.objects.order_by("pk").values_list("subject_id", "verb", "facts")
    assert list(entries) == [
        (row.pk, "added", {"fields": ["manager", "name"]}),
        (row.pk, "changed", {"fields": ["is_active"]}),
        (cast.employer.pk, "changed", {"fields": ["about"]}),
    ]


@pytest.mark.parametrize("who", ["ben", "chloe", "employer_lead"])
def test_the_manager_is_one_of_the_hubs_own_staff(cast, staff, who):
    with pytest.raises(Refused):
        domain.change_employer(cast.employer, {"manager": getattr(cast, who)}, by=staff, now=NOW)
    cast.employer.refresh_from_db()
    assert cast.employer.manager is None


def test_the_first_contact_is_the_main_one_and_one_always_is(cast, lead):
    first = domain.add_contact(cast.employer, {"name": "Reception", "phone": "1"}, by=lead, now=NOW)
    second = domain.add_contact(cast.employer, {"name": "Workshop", "phone": "2"}, by=lead, now=NOW)
    assert (first.is_main, second.is_main) == (True, False)
    for refused in (
        lambda: domain.change_contact(first, {"is_main": False}, by=lead, now=NOW),
        lambda: domain.remove_contact(first, by=lead, now=NOW),
    ):
        with pytest.raises(Refused):
            refused()
    domain.change_contact(second, {"is_main": True}, by=lead, now=NOW)
    assert list(Contact.objects.filter(is_main=True)) == [second]
    first.refresh_from_db()
    domain.remove_contact(first, by=lead, now=NOW)
    domain.remove_contact(second, by=lead, now=NOW)
    assert Contact.objects.count() == 0


def test_members_and_strangers_change_nothing(cast, lead):
    site = domain.add_site(cast.employer, {"name": "Dock workshop"}, by=lead, now=NOW)
    before = LogEntry.objects.count()
    for by in (
        actor(cast.employer_member, cast.hub, cast.employer),
        actor(cast.other_lead, cast.hub, cast.other_employer),
        actor(cast.coordinator, cast.hub, cast.school),
        actor(cast.ben, cast.hub),
    ):
        with pytest.raises(CannotAct):
            domain.change_site(site, {"name": "Mine"}, by=by, now=NOW)
        with pytest.raises(CannotAct):
            paperwork.add_document(cast.employer, kind="risk", upload=upload(), by=by, now=NOW)
    assert (Site.objects.get().name, Document.objects.count(), LogEntry.objects.count()) == ("Dock workshop", 0, before)


def test_a_site_name_is_taken_once(cast, lead):
    domain.add_site(cast.employer, {"name": "Dock workshop"}, by=lead, now=NOW)
    with pytest.raises(Refused):
        domain.add_site(cast.employer, {"name": "Dock workshop"}, by=lead, now=NOW)


def test_a_document_waits_in_quarantine_under_a_random_key(cast, lead, staff):
    row = paperwork.add_document(
        cast.employer, kind="liability", upload=upload(name="../../Our <b>policy</b>.html"),
        expires_on=dt.date(2027, 3, 1), by=lead, now=NOW,
    )  # fmt: skip
    assert (row.state, row.mimetype, row.shown_name) == ("quarantined", "application/pdf", "b.pdf")
    assert "policy" not in row.file.name
    assert not row.covers(TODAY)
    assert Message.objects.get().kind == "document-to-check"
    paperwork.hold_document(row, by=staff, now=NOW)
    assert [row.covers(day) for day in (TODAY, dt.date(2027, 3, 1), dt.date(2027, 3, 2))] == [True, True, False]


def test_the_demo_holds_at_once(cast, lead, settings):
    settings.UPLOADS_HELD_UNSCANNED = True
    row = paperwork.add_document(cast.employer, kind="risk", upload=upload(PNG), by=lead, now=NOW)
    assert (row.state, row.mimetype, Message.objects.count()) == ("held", "image/png", 0)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"<html>", "wrong_type"),
        (b"", "wrong_type"),
        (b"PK\x03\x04", "wrong_type"),
        (PDF + b"x" * 5_300_000, "too_large"),
    ],
)
def test_files_are_judged_by_what_they_are(cast, lead, content, code):
    with pytest.raises(Refused) as refusal:
        paperwork.add_document(cast.employer, kind="risk", upload=upload(content), by=lead, now=NOW)
    assert (refusal.value.code, Document.objects.count()) == (code, 0)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"reference": "R", "issued_on": dt.date(2026, 9, 16)},
        {"reference": "R", "expires_on": dt.date(2026, 9, 14)},
        {"reference": "R", "issued_on": dt.date(2026, 9, 1), "expires_on": dt.date(2026, 8, 1)},
    ],
)
def test_documents_that_make_no_sense_are_refused(cast, lead, fields):
    with pytest.raises(Refused):
        paperwork.add_document(cast.employer, kind="risk", by=lead, now=NOW, **fields)


def test_a_refused_document_is_explained(cast, lead, staff):
    row = paperwork.add_document(cast.employer, kind="risk", reference="R", by=lead, now=NOW)
    with pytest.raises(Refused):
        paperwork.refuse_document(row, " ", by=staff, now=NOW)
    paperwork.refuse_document(row, "It is last year's.", by=staff, now=NOW)
    message = Message.objects.get(kind="document-refused")
    mail = KINDS[message.kind].compose(subject_of(message), message, NOW)
    assert (message.address, mail.paragraphs[1]) == (cast.employer_lead.email, "It is last year's.")


def test_a_lapsing_document_is_said_at_thirty_and_at_seven_days(cast, lead, settings):
    settings.UPLOADS_HELD_UNSCANNED = True
    ends = dt.date(2026, 11, 1)
    row = paperwork.add_document(cast.employer, kind="liability", reference="R", expires_on=ends, by=lead, now=NOW)
    at = [ends - dt.timedelta(days=n) for n in (31, 30, 29, 8, 7, 6, 0, -1)]
    made = [queue_document_reminders(dt.datetime.combine(day, dt.time(9), tzinfo=dt.UTC)) for day in at]
    assert made == [0, 1, 0, 0, 1, 0, 0, 0]
    message = Message.objects.filter(kind="document-lapses").first()
    live = KINDS["document-lapses"].live
    assert live(row, message, NOW)
    later = ends + dt.timedelta(days=365)
    paperwork.add_document(cast.employer, kind="liability", reference="R2", expires_on=later, by=lead, now=NOW)
    assert not live(row, message, NOW)


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("insurance 2026.pdf", "insurance 2026.pdf"),
        ("C:\\papers\\a.exe", "a.pdf"),
        ("...", "document.pdf"),
        ("", "document.pdf"),
        ('x"\r\nSet-Cookie: a=b.pdf', "xSet-Cookie ab.pdf"),
        ("Versicherung für Übung.pdf", "Versicherung für Übung.pdf"),
    ],
)
def test_shown_names_are_safe(given, shown):
    assert files.shown_name(given, "application/pdf") == shown
