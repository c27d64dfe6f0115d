"""Words about placements that may name a child: forgotten in time, shown to whom they are about, erased with them."""

from __future__ import annotations

import datetime as dt

import pytest
from django.apps import apps
from django.core.files.base import ContentFile
from django.db.models import Model
from django.template.loader import render_to_string

from employers.models import EmployerImport
from hubs.errors import Refused
from hubs.links import link_for
from hubs.log import record
from hubs.models import LogEntry, Message, Note, SignedLink
from hubs.outbox import Recipient, queue
from hubs.rulepacks import load_packs
from placements.domain import agreements, free_words, named_words, retention, subject
from placements.models import (
    Amendment,
    CalendarAnswer,
    Clearance,
    Feedback,
    Placement,
    PlacementRequest,
    PlacementStudent,
    Reply,
    ReplyFile,
    SessionMove,
    Signature,
    Turn,
    Wish,
)
from schools.domain.undo import undo_import
from schools.models import Import, PendingImport, Student
from tests import scenes
from tests.cast import NOW, actor

CANARY = "Canary Zebra-Quill"
OVER = dt.datetime(2026, 10, 20, 12, tzinfo=dt.UTC)
MONTH, YEAR, YEARS_3 = dt.timedelta(days=31), dt.timedelta(days=366), dt.timedelta(days=3 * 365 + 2)
NOTE = f"{CANARY} comes by wheelchair"
TEACHER = Recipient("teacher@school.example", "Ms Lamb", "en-gb")


def school(cast):
    return actor(cast.coordinator, cast.hub, cast.school)


def answer(placement: Placement, words: str = NOTE, *, file: bool = False) -> Reply:
    own = {"hub": placement.hub, "school": placement.school}
    reply = Reply.objects.create(
        **own, placement=placement, side="employer", sender=f"{CANARY}@home.example", known=True, text=words,
        identity=str(Reply.objects.count()), received_at=NOW,
    )  # fmt: skip
    if file:
        ReplyFile.objects.create(
            **own, reply=reply, mimetype="application/pdf", shown_name=f"{CANARY}.pdf",
            file=ContentFile(f"%PDF {CANARY}".encode(), "file"),
        )  # fmt: skip
    return reply


def loaded(cast, student: Student) -> Import:
    """A class list that changed the student's name."""
    people = {"students": [[student.pk, {"name": CANARY}]], "groups": [], "enrolled": [], "unenrolled": []}
    return Import.objects.create(
        hub=cast.hub, school=cast.school, kind="roster", format="csv", sha256="0" * 64, imported_at=NOW, state="done",
        before={"created": {}, "people": people},
    )  # fmt: skip


@pytest.fixture
def placement(cast) -> Placement:
    """Agreed with, signed, changed and answered: every column with words says the canary."""
    load_packs()
    cast.hub.jurisdiction = "FR"
    cast.hub.save()
    cast.school.hub = cast.employer.hub = cast.hub
    kind = scenes.encounter_type(cast.hub, "stage", tier="T3", hours=2)
    wanted = scenes.session(scenes.opportunity(cast.employer, kind=kind))
    row = scenes.placement(cast, state="accepted", wanted=wanted, of=scenes.group(cast.school, "3B", size=1))
    (agreement,) = agreements.draw_up(row, by=school(cast), now=NOW)
    line = agreement.signatures.get(party="parent")
    line.agreement = agreement
    agreements.ask(line, "family@home.example", by=school(cast), now=NOW)
    link_for(line, "sign", now=NOW, days=60, address="family@home.example", name=CANARY)
    Message.objects.filter(address="family@home.example").update(name=CANARY, address=f"{CANARY}@home.example")
    SignedLink.objects.update(address=f"{CANARY}@home.example")
    Signature.objects.filter(pk=line.pk).update(
        name=CANARY, capacity=CANARY, drawing=[[[1, 1], [2, 2]], CANARY], scan=CANARY, signed_at=NOW
    )
    fill(cast, row)
    return row


def fill(cast, row: Placement) -> None:
    own = {"hub": cast.hub, "school": cast.school}
    student = Student.objects.get()
    student.name, student.key, student.shared_needs, student.alias = CANARY, CANARY, NOTE, CANARY
    student.save()
    PlacementRequest.objects.update(note=NOTE, needs=NOTE)
    Wish.objects.update(refused_reason=NOTE)
    Placement.objects.update(reason=NOTE, supervisor=CANARY)
    Clearance.objects.update(evidence={"note": NOTE, "agreed": True})
    Feedback.objects.create(**own, placement=row, side="employer", given_at=NOW, answers={"words": NOTE})
    Amendment.objects.create(
        **own, placement=row, changes={"supervisor": ["", CANARY]}, asks=[], state="agreed", proposed_at=NOW
    )
    SessionMove.objects.create(
        hub=cast.hub, employer=row.employer, session=row.session, reason=NOTE, state="dropped", asked_at=NOW
    )
    EmployerImport.objects.create(
        hub=cast.hub, header=[CANARY], lines=[[2, [CANARY]]], choices={"2": CANARY}, uploaded_at=NOW
    )
    Note.objects.create(hub=cast.hub, organisation=cast.school, text=NOTE, written_at=NOW)
    answer(row, file=True)
    event = row.events.get()
    CalendarAnswer.objects.create(
        **own, event=event, address=CANARY, said="ACCEPTED", sequence=event.sequence, said_at=NOW
    )
    Turn.objects.create(hub=cast.hub, request=row.request, placement=row, rank=1, days=5, words=NOTE, set_at=NOW)
    queue("incident", row, TEACHER, now=NOW, not_after=NOW + MONTH, what="other", phone=CANARY)
    record(row, "ended_early", by=school(cast), now=NOW, reason=NOTE)
    loaded(cast, student)
    PendingImport.objects.create(
        **own, kind="roster", data=CANARY.encode(), file_name=CANARY, parsed=[CANARY], choices={"x": CANARY},
        uploaded_at=NOW,
    )  # fmt: skip


def over() -> None:
    Placement.objects.update(state="completed", closed_at=OVER)
    PlacementRequest.objects.update(state="placed")
    SessionMove.objects.update(asked_at=OVER)
    Message.objects.update(state="sent", sent_at=NOW)
    Student.objects.update(left_on=OVER.date())


def says(field: str, *, pk: int | None = None) -> bool:
    model: type[Model] = apps.get_model(*field.rpartition(".")[0].split("."))
    rows = model._base_manager.all() if pk is None else model._base_manager.filter(pk=pk)
    column = field.rpartition(".")[2]
    return any(CANARY in str(bytes(v) if isinstance(v, memoryview) else v) for v in rows.values_list(column, flat=True))


FIELDS = [field for category in retention.CATEGORIES for field in category.fields]
#: A key on the disk is drawn, so that it says nothing by itself.
DRAWN = ["placements.ReplyFile.file"]


def test_every_column_a_category_names_is_emptied_and_not_before_its_time(placement):
    assert [field for field in FIELDS if not says(field)] == DRAWN
    assert retention.run(NOW) == 0
    over()
    retention.run(OVER + YEARS_3 + YEARS_3)
    assert [field for field in FIELDS if says(field)] == []
    assert not ReplyFile.objects.exists()
    assert retention.run(OVER + YEARS_3 + YEARS_3) == 0


def test_needs_and_notes_of_requests_go_a_month_after_the_placement(placement):
    assert retention.run(OVER + MONTH) < 4  # live, so only what belongs to nobody's placement
    assert PlacementRequest.objects.get().needs == NOTE
    over()
    retention.run(OVER + dt.timedelta(days=20))
    assert PlacementRequest.objects.get().needs == NOTE
    retention.run(OVER + MONTH)
    asked = PlacementRequest.objects.get()
    assert (asked.needs, asked.note, Wish.objects.get().refused_reason) == ("", "", "")
    assert Reply.objects.get().text == NOTE


@pytest.mark.parametrize(("state", "kept_for"), [("withdrawn", MONTH), ("refused", MONTH), ("draft", YEAR)])
def test_words_of_requests_that_came_to_nothing_go_too(cast, state, kept_for):
    last_week = scenes.session(scenes.opportunity(cast.employer))
    request = scenes.request(cast, last_week, of=scenes.group(cast.school, size=2), needs=NOTE)
    PlacementRequest.objects.update(state=state)
    start = last_week.ends_at if state != "withdrawn" else NOW
    retention.run(start + kept_for - dt.timedelta(days=40))
    assert says("placements.PlacementRequest.needs")
    retention.run(start + kept_for + dt.timedelta(days=1))
    request.refresh_from_db()
    assert (request.needs, request.state) == ("", state)


def test_answers_by_mail_go_after_a_year_with_their_files(placement, django_capture_on_commit_callbacks):
    file = ReplyFile.objects.get().file
    over()
    retention.run(OVER + YEAR - MONTH)
    assert Reply.objects.get().text == NOTE
    with django_capture_on_commit_callbacks(execute=True):
        retention.run(OVER + YEAR)
    reply = Reply.objects.get()
    assert (reply.text, reply.sender, reply.side, reply.received_at) == ("", "", "employer", NOW)
    assert not file.storage.exists(file.name)
    shown = render_to_string("placements/pieces/reply.html", {"reply": reply})
    assert "no longer kept" in shown
    assert "Nothing but files" not in shown


def test_words_of_a_message_stay_until_it_is_sent(placement):
    Message.objects.update(state="due")
    retention.run(NOW + YEAR)
    assert says("hubs.Message.facts")
    Message.objects.update(state="sent", sent_at=NOW)
    retention.run(NOW + MONTH)
    assert not says("hubs.Message.facts")
    assert Message.objects.get(kind="incident").facts == {"what": "other"}


def test_what_waits_to_be_loaded_is_kept_for_the_job(cast):
    own = {"hub": cast.hub, "school": cast.school}
    waiting = PendingImport.objects.create(**own, kind="roster", data=b"x", uploaded_at=NOW)
    Import.objects.create(**own, kind="roster", format="csv", sha256="0" * 64, imported_at=NOW, file=waiting)
    PendingImport.objects.create(**own, kind="roster", data=b"y", uploaded_at=NOW)
    retention.run(NOW + MONTH)
    assert PendingImport.objects.get() == waiting


def test_an_import_whose_before_is_forgotten_cannot_be_undone(cast):
    scenes.group(cast.school, size=1)
    done = loaded(cast, Student.objects.get())
    retention.run(NOW + YEAR)
    with pytest.raises(Refused, match="no longer kept"):
        undo_import(done, by=school(cast), now=NOW + YEAR)


# ---- One student ------------------------------------------------------------------------------


@pytest.fixture
def shared(cast) -> Placement:
    """Three students in one placement; the first is called like the canary."""
    row = scenes.placement(cast, state="accepted", of=scenes.group(cast.school, size=3))
    student = Student.objects.order_by("pk").first()
    student.name = CANARY
    student.save()
    return row


def first() -> Student:
    return Student.objects.order_by("pk").first()


def test_the_export_shows_words_about_the_student_and_nobody_elses(cast, shared):
    answer(shared, "Zebra-Quill forgot the boots")
    answer(shared, f"{first().alias} was late")
    answer(shared, "Tom forgot his boots; the zebra crossing is closed")
    PlacementRequest.objects.update(needs=NOTE)
    found = subject.export(first(), by=school(cast), now=NOW)
    assert [(one["where"], one["text"]) for one in found["words"]] == [
        ("request", NOTE),
        ("answer by mail", "Zebra-Quill forgot the boots"),
        ("answer by mail", f"{first().alias} was late"),
    ]


def test_what_was_for_one_student_alone_is_theirs_though_it_names_nobody(cast, placement):
    Student.objects.update(name="Somebody Else", alias="3B-01")
    found = subject.export(Student.objects.get(), by=school(cast), now=NOW)
    texts = [one["text"] for one in found["words"]]
    assert NOTE in texts
    assert f"{NOTE}\n{CANARY}.pdf" in texts


def test_erasing_takes_words_that_name_the_student_and_counts_the_rest(cast, shared):
    student = first()
    named, others = answer(shared, "Zebra-Quill forgot the boots", file=True), answer(shared, "Tom was late")
    PlacementRequest.objects.update(needs=NOTE)
    loaded(cast, student)
    record(shared, "ended_early", by=school(cast), now=NOW, reason=f"{CANARY} is ill")
    record(shared, "ended_early", by=school(cast), now=NOW, reason="Flu in the house")
    Placement.objects.update(state="completed", closed_at=OVER)
    subject.erase(student, "asked by letter", by=school(cast), now=OVER)
    assert [field for field in FIELDS if says(field) and field != "placements.Reply.sender"] == []
    others.refresh_from_db()
    named.refresh_from_db()
    assert (named.text, others.text) == ("", "Tom was late")
    assert not named.files.exists()
    assert LogEntry.objects.filter(reason="Flu in the house").exists()
    assert LogEntry.objects.about(student).get(verb="erased").facts["words_left"] == 2


def test_words_of_a_placement_the_student_was_taken_off_are_found(cast, shared):
    answer(shared, NOTE)
    PlacementStudent.objects.filter(student=first()).delete()
    assert [one.text for one in free_words.of_student(first()) if one.theirs] == [NOTE]


def noted(cast, organisation, text: str) -> Note:
    return Note.objects.create(hub=cast.hub, organisation=organisation, text=text, written_at=NOW)


def test_what_the_hub_noted_of_the_student_is_shown_to_them_and_goes_with_them(cast, shared):
    theirs = [
        noted(cast, cast.school, NOTE),
        noted(cast, cast.other_employer, f"Would take {CANARY} again"),
        noted(cast, cast.school, f"Asked about {first().alias}"),
    ]
    for_a_person = noted(cast, cast.employer, "Zebra-Quill rang about the boots")
    nobodys = [
        noted(cast, cast.other_employer, "Ms Zebra-Quill left the firm"),
        noted(cast, cast.other_school, f"Has a {first().alias} too"),
        noted(cast, cast.school, "All well"),
    ]
    SessionMove.objects.create(
        hub=cast.hub, employer=shared.employer, session=shared.session, reason=NOTE, state="dropped", asked_at=NOW
    )
    record(cast.school, "note_made", by=school(cast), now=NOW, reason=f"{CANARY} rang")
    found = subject.export(first(), by=school(cast), now=NOW)["words"]
    assert [one["text"] for one in found] == [*(row.text for row in theirs), NOTE, f"{CANARY} rang"]
    Placement.objects.update(state="completed", closed_at=OVER)
    subject.erase(first(), "asked by letter", by=school(cast), now=OVER)
    assert [row.text for row in Note.objects.order_by("pk")] == [
        "",
        "",
        "",
        for_a_person.text,
        *(n.text for n in nobodys),
    ]
    assert Note.objects.filter(written_at=NOW).count() == 7
    assert (SessionMove.objects.get().reason, LogEntry.objects.filter(reason__contains=CANARY).exists()) == ("", False)
    assert LogEntry.objects.get(verb="erased").facts["words_left"] == 1


def test_somebody_of_one_name_is_found_beside_the_alias_alone(cast, shared):
    student = first()
    Student.objects.filter(pk=student.pk).update(name="Tom")
    noted(cast, cast.employer, "Tom came"), noted(cast, cast.employer, f"Tom ({student.alias}) came")
    found = named_words.of_student(first())
    assert [(one.text, one.theirs) for one in found] == [("Tom came", False), (f"Tom ({student.alias}) came", True)]


def test_a_class_list_nobody_confirmed_brings_nobody_back(cast):
    scenes.group(cast.school, size=1)
    own = {"hub": cast.hub, "kind": "roster", "data": b"x", "uploaded_at": NOW}
    for where in (cast.school, cast.other_school):
        PendingImport.objects.create(**own, school=where)
    loading = PendingImport.objects.create(**own, school=cast.school)
    Import.objects.create(
        hub=cast.hub, school=cast.school, kind="roster", format="csv", sha256="0" * 64, imported_at=NOW, file=loading
    )
    subject.erase(first(), "asked by letter", by=school(cast), now=NOW)
    assert [row.school_id for row in PendingImport.objects.order_by("pk")] == [cast.other_school.pk, cast.school.pk]


@pytest.mark.parametrize(
    ("text", "found"),
    [("ZEBRA-QUILL is ill", True), ("canary", True), ("zebras", False), ("10A-01 came", True), ("10A-011", False)],
)
def test_names_are_found_as_words_of_their_own(text, found):
    student = Student(alias="10A-01", name="Canary J Zebra-Quill")
    assert free_words.mentions(text, free_words.names_of(student)) is found


@pytest.mark.parametrize(
    ("text", "found"), [("O grupo de Tom", False), ("souza faltou", True), ("Van der Berg", False)]
)
def test_particles_of_names_are_nobodys_name(text, found):
    student = Student(alias="10A-01", name="Maria de la van Souza")
    assert free_words.mentions(text, free_words.names_of(student)) is found


def test_nobody_is_found_in_a_text_by_no_name():
    assert not free_words.mentions("anything", [])
