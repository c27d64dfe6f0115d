"""Agreements: the form of a jurisdiction, versions, signatures by link and on paper, taking back."""

from __future__ import annotations

import datetime as dt
import re
from types import SimpleNamespace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from hubs.errors import CannotAct, CannotMove, Refused
from hubs.links import link_for
from hubs.models import LogEntry, Message
from hubs.rulepacks import load_packs
from opportunities.domain.sessions import set_break
from placements.agreement_text import changes, fingerprint, form_of, pdf
from placements.domain import agreements, answers, clearances, days, hosting
from placements.models import Placement, Signature
from schools.models import Student
from tests import scenes
from tests.cast import NOW
from tests.employers import papers
from tests.placements.agreed import CANARY, agreed, by_parent, by_student, of_employer, of_school
from tests.placements.sending import deliver

PAPER = papers.pdf()


@pytest.fixture
def french(cast):
    placement = agreed(cast, "FR")
    rows = agreements.draw_up(placement, by=of_school(cast), now=NOW)
    return SimpleNamespace(placement=placement, rows=rows)


def lines(agreement) -> dict[str, Signature]:
    found = {line.party: line for line in agreement.signatures.filter(withdrawn_at=None)}
    for line in found.values():
        line.agreement = agreement
    return found


def sign_all(cast, agreement, *, but: str = "") -> None:
    by = {
        "school": of_school(cast), "host": of_employer(cast), "parent": by_parent(cast), "student": by_student(cast)
    }  # fmt: skip
    for party, line in lines(agreement).items():
        if party != but and line.signed_at is None:
            agreements.sign(line, name=f"Signer {party}", by=by[party], now=NOW)


@pytest.mark.parametrize(
    ("jurisdiction", "title", "count", "parties"),
    [
        ("GB-ENG", "Work experience agreement", 1, ["host", "school"]),
        ("FR", "Convention de stage", 2, ["host", "parent", "school", "student"]),
        ("FR-IDF", "Convention de stage", 2, ["host", "parent", "school", "student"]),
        ("BR", "Termo de compromisso de estágio", 2, ["host", "parent", "school", "student"]),
    ],
)
def test_the_form_is_that_of_the_jurisdiction(cast, jurisdiction, title, count, parties):
    placement = agreed(cast, jurisdiction, tier="T4" if jurisdiction == "BR" else "T3")
    rows = agreements.draw_up(placement, by=of_school(cast), now=NOW)
    assert (len(rows), rows[0].facts["title"], sorted(lines(rows[0]))) == (count, title, parties)
    assert rows[0].language == form_of(jurisdiction)["language"]
    assert CANARY not in str(rows[0].facts)


def test_the_text_is_in_the_language_of_its_law(french):
    terms = {one["key"]: one["value"] for one in french.rows[0].facts["terms"]}
    assert terms["schedule"].splitlines()[0] == "mardi 20 octobre 2026, 09:30–12:00, pause de 30 minutes"
    assert (terms["student"], terms["supervisor"]) == ("3B: 3B-01", "M. Petit")


def test_there_may_be_no_form_yet(cast):
    placement = agreed(cast, "NL")
    with pytest.raises(Refused, match="no form of agreement for this country"):
        agreements.draw_up(placement, by=of_school(cast), now=NOW)


def test_drawing_up_again_changes_nothing_until_something_changed(cast, french):
    again = agreements.draw_up(french.placement, by=of_school(cast), now=NOW)
    assert [row.pk for row in again] == [row.pk for row in french.rows]
    assert not agreements.is_stale(french.rows[0])


def test_only_the_school_or_the_hub_draws_up(cast, french):
    with pytest.raises(CannotAct):
        agreements.draw_up(french.placement, by=of_employer(cast), now=NOW)


def test_before_the_yes_there_is_none(cast):
    load_packs()
    placement = scenes.placement(cast, state="offered")
    with pytest.raises(Refused, match="once the employer has said yes"):
        agreements.draw_up(placement, by=of_school(cast), now=NOW)


def test_all_signatures_settle_the_requirement(cast, french):
    asked = french.placement.clearances.get(requirement__code="FR-01")
    sign_all(cast, french.rows[0])
    sign_all(cast, french.rows[1], but="parent")
    asked.refresh_from_db()
    assert (asked.state, agreements.missing(french.placement)) == ("open", 1)
    sign_all(cast, french.rows[1])
    asked.refresh_from_db()
    assert (asked.state, asked.evidence) == ("done", {"signed": True})


def test_a_changed_day_is_a_new_version_that_nobody_signed(cast, french):
    sign_all(cast, french.rows[0])
    sign_all(cast, french.rows[1])
    hosting.name_supervisor(french.placement, "Mme Roux", by=of_employer(cast), now=NOW)
    assert agreements.is_stale(agreements.current(french.placement)[0])
    new = agreements.draw_up(french.placement, by=of_school(cast), now=NOW)
    assert [row.version for row in new] == [2, 2]
    assert changes(french.rows[0].facts, new[0].facts) == [
        {"label": "Tuteur", "before": "M. Petit", "after": "Mme Roux"}
    ]
    assert french.placement.clearances.get(requirement__code="FR-01").state == "open"
    with pytest.raises(Refused, match="newer version"):
        agreements.withdraw(lines(french.rows[0])["parent"], "", by=by_parent(cast), now=NOW)


def test_a_line_of_an_old_version_is_not_signed(cast, french):
    hosting.name_supervisor(french.placement, "Mme Roux", by=of_employer(cast), now=NOW)
    agreements.draw_up(french.placement, by=of_school(cast), now=NOW)
    with pytest.raises(Refused, match="newer version"):
        agreements.sign(lines(french.rows[0])["parent"], name="A", by=by_parent(cast), now=NOW)


@pytest.mark.parametrize("party", ["school", "host", "student"])
def test_nobody_signs_for_another(cast, french, party):
    with pytest.raises(CannotAct):
        agreements.sign(lines(french.rows[0])[party], name="A", by=by_parent(cast), now=NOW)


def test_nobody_signs_twice(cast, french):
    line, stale = lines(french.rows[0])["parent"], lines(french.rows[0])["parent"]
    agreements.sign(line, name="Marie Blanc", capacity="mère", by=by_parent(cast), now=NOW)
    with pytest.raises(CannotMove, match="signed already"):
        agreements.sign(stale, name="Paul Blanc", by=by_parent(cast), now=NOW)
    line.refresh_from_db()
    assert (line.name, line.capacity, line.signed_at, line.text_sha256) == (
        "Marie Blanc", "mère", NOW, fingerprint(french.rows[0].facts)
    )  # fmt: skip


def test_a_name_is_needed(cast, french):
    with pytest.raises(Refused, match="Write your name"):
        agreements.sign(lines(french.rows[0])["parent"], name=" ", by=by_parent(cast), now=NOW)


@pytest.mark.parametrize(
    "drawing",
    ["x", {"a": 1}, [[]], [[[1]]], [[[1, "b"]]], [[[1, 500]]], [[[-1, 5]]], [[[float("nan"), 5]]], [[[1, 1]] * 2001]],
)
def test_what_is_no_drawing_is_refused(cast, french, drawing):
    with pytest.raises(Refused, match="could not be read"):
        agreements.sign(lines(french.rows[0])["parent"], name="A", drawing=drawing, by=by_parent(cast), now=NOW)


def test_the_name_is_not_in_the_log(cast, french):
    agreements.sign(lines(french.rows[0])["parent"], name=CANARY, by=by_parent(cast), now=NOW)
    assert CANARY not in str(list(LogEntry.objects.values_list("facts", "reason")))


def test_paper_with_a_scan(cast, french, settings, tmp_path):
    line = lines(french.rows[0])["parent"]
    upload = SimpleUploadedFile("marie blanc.pdf", PAPER)
    day = dt.date(2026, 9, 14)
    agreements.sign_outside(line, name="Marie Blanc", signed_on=day, upload=upload, by=of_school(cast), now=NOW)
    line.refresh_from_db()
    assert (line.outside, line.scan_type, line.signed_at.date()) == (True, "application/pdf", day)
    assert "marie" not in line.scan.name


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"signed_on": dt.date(2026, 9, 16)}, "not come yet"),
        ({"signed_on": dt.date(2026, 9, 14), "upload": SimpleUploadedFile("a.pdf", b"MZ not a pdf")}, "not a PDF"),
    ],
)
def test_paper_that_cannot_be(cast, french, fields, sentence):
    with pytest.raises(Refused, match=sentence):
        agreements.sign_outside(lines(french.rows[0])["parent"], name="A", by=of_school(cast), now=NOW, **fields)


def test_a_signature_taken_back_stops_the_start_and_tells_the_school(cast, french):
    for row in french.rows:
        sign_all(cast, row)
    for clearance in french.placement.clearances.filter(state="open", blocks="start"):
        side = of_employer(cast) if clearance.responsible == "host" else of_school(cast)
        clearances.complete(clearance, by=side, now=NOW, note="Seen.")
    french.placement.refresh_from_db()
    assert french.placement.state == "ready"
    agreements.withdraw(lines(french.rows[0])["parent"], "We moved", by=by_parent(cast), now=NOW)
    french.placement.refresh_from_db()
    assert (french.placement.state, agreements.missing(french.placement)) == ("accepted", 1)
    assert Message.objects.filter(kind="signature-withdrawn").count() == 1
    stale = french.rows[0].signatures.get(party="parent", withdrawn_at__isnull=False)
    with pytest.raises(CannotMove):
        agreements.withdraw(stale, "", by=by_parent(cast), now=NOW)


def test_a_called_off_placement_is_signed_by_nobody(cast, french):
    answers.cancel(french.placement, "Ill", by=of_school(cast), now=NOW)
    line = lines(french.rows[0])["parent"]
    line.agreement.placement = french.placement
    with pytest.raises(Refused, match="over or called off"):
        agreements.sign(line, name="A", by=by_parent(cast), now=NOW)


def test_the_pdf_shows_names_only_to_those_who_may_know(cast, french):
    row = french.rows[0]
    row.placement = french.placement
    agreements.sign(lines(row)["parent"], name="Marie", drawing=[[[1, 1], [50, 60]]], by=by_parent(cast), now=NOW)
    made = pdf(row, row.signatures.order_by("pk"), names={"3B-01": CANARY})
    assert made.startswith(b"%PDF-")
    assert len(made) > 10_000


# ---- Pages ----------------------------------------------------------------------


@pytest.fixture
def school(client, cast, clock):
    client.force_login(cast.coordinator)
    return client


def test_the_school_draws_up_and_asks(school, cast):
    placement = agreed(cast, "FR")
    page = reverse("school-agreements", args=[placement.pk])
    assert "Draw up the agreement" in school.get(page).content.decode()
    school.post(page, {"act": "draw"})
    line = Signature.objects.filter(party="parent").order_by("pk").first()
    school.post(page, {"act": "ask", "line": line.pk, "email": "family@home.example"})
    message = Message.objects.get(kind="signature-asked")
    assert (message.address, message.language) == ("family@home.example", "fr")
    shown = school.get(page).content.decode()
    assert shown.count('<span lang="fr">Convention de stage</span>: 3B-0') == 2
    assert deliver(message, NOW) == "sent"


def test_a_form_that_has_to_be_mended_stays_open(school, cast, french):
    page = reverse("school-agreements", args=[french.placement.pk])
    line = lines(french.rows[0])["school"]
    body = school.post(page, {"act": "sign", "line": line.pk, "name": "", "read": "on"}).content.decode()
    assert '<details class="fold" open><summary>Sign here' in body
    line.refresh_from_db()
    assert line.signed_at is None


def test_a_line_of_somebody_else_is_not_found(school, cast, french):
    page = reverse("school-agreements", args=[french.placement.pk])
    other = Signature.objects.create(
        hub=cast.hub, school=cast.school, party="school",
        agreement=agreements.Agreement.objects.create(
            hub=cast.hub, school=cast.school, placement=scenes.placement(cast, of=scenes.group(cast.school, "9Z")),
            text_sha256="0" * 64, made_at=NOW,
        ),
    )  # fmt: skip
    assert school.post(page, {"act": "sign", "line": other.pk}).status_code == 404
    assert school.post(page, {"act": "sign", "line": "x"}).status_code == 404


def test_a_parent_reads_signs_and_takes_back_on_a_phone(client, cast, clock, french):
    line = lines(french.rows[0])["parent"]
    _link, token = link_for(line, "sign", now=NOW, days=30, address="family@home.example")
    page = reverse("sign-link", args=[token])
    shown = client.get(page).content.decode()
    assert "mardi 20 octobre 2026" in shown
    line.refresh_from_db()
    assert line.signed_at is None
    client.post(
        page, {"act": "sign", "name": "Marie Blanc", "capacity": "mère", "drawing": "[[[1,2],[3,4]]]", "read": "on"}
    )
    line.refresh_from_db()
    assert (line.name, line.drawing) == ("Marie Blanc", [[[1.0, 2.0], [3.0, 4.0]]])
    assert "Marie Blanc" in client.get(page).content.decode()
    paper = client.get(reverse("sign-link-pdf", args=[token]))
    assert (paper["Content-Type"], paper["Cache-Control"]) == ("application/pdf", "no-store")
    client.post(page, {"act": "withdraw", "reason": ""})
    line.refresh_from_db()
    assert line.withdrawn_at == NOW
    assert re.search("was taken back", client.get(page).content.decode())


@pytest.mark.parametrize("drawing", ["{", "[[1,2]]", '"a"'])
def test_a_strange_drawing_is_a_sentence_not_an_error(client, cast, clock, french, drawing):
    line = lines(french.rows[0])["parent"]
    _link, token = link_for(line, "sign", now=NOW, days=30, address="a@home.example")
    body = client.post(
        reverse("sign-link", args=[token]), {"act": "sign", "name": "A", "drawing": drawing, "read": "on"}
    ).content.decode()
    assert "The drawing could not be read" in body


def test_the_employer_signs_its_own_line_and_sees_no_other(client, cast, clock, french):
    agreements.sign(lines(french.rows[0])["parent"], name=CANARY, by=by_parent(cast), now=NOW)
    client.force_login(cast.employer_lead)
    page = reverse("employer-agreements", args=[french.placement.pk])
    assert CANARY not in client.get(page).content.decode()
    line = lines(french.rows[0])["host"]
    client.post(page, {"act": "sign", "line": line.pk, "name": "Lead Brightwater", "read": "on"})
    line.refresh_from_db()
    assert line.name == "Lead Brightwater"
    other = lines(french.rows[1])["parent"]
    assert client.post(page, {"act": "sign", "line": other.pk, "name": "X", "read": "on"}).status_code == 403


def test_before_the_yes_the_employer_has_no_agreement(client, cast, clock):
    placement = scenes.placement(cast, state="offered")
    client.force_login(cast.employer_lead)
    assert client.get(reverse("employer-agreements", args=[placement.pk])).status_code == 404


# ---- What makes another version ----


def test_break_is_part_of_the_text(cast, french):
    session = french.placement.session
    set_break(session, 45, by=of_employer(cast), now=NOW)
    fresh = Placement.objects.with_all().get(pk=french.placement.pk)
    (row, _other) = agreements.current(fresh)
    assert agreements.is_stale(row)


def test_students_named_later_need_an_agreement_of_their_own(school, cast, french):
    extra = Student.objects.create(hub=cast.hub, school=cast.school, alias="3B-09")
    Placement.objects.filter(pk=french.placement.pk).update(places=3)
    french.placement.places = 3
    days.place(french.placement, [extra, *french.placement.group.students.all()], now=NOW)
    page = school.get(reverse("school-agreements", args=[french.placement.pk])).content.decode()
    assert "Draw up a new version" in page
