"""What is forgotten when, exporting one student's data, and erasing it."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse

from employers.models import EmployerImport
from hubs.domain import notes
from hubs.errors import CannotAct, Refused
from hubs.links import link_for
from hubs.models import LogEntry, Message, SignedLink
from hubs.rulepacks import load_packs
from placements.domain import agreements, answers, attendance, clearances, retention, subject
from placements.models import Agreement, Clearance, Encounter, Feedback, Placement, Signature, StudentDay
from schools.models import Student
from tests import scenes
from tests.cast import NOW, actor

CANARY = "Canary Zebra-Quill"
OVER = dt.datetime(2026, 10, 20, 12, tzinfo=dt.UTC)
MONTH, YEARS_3 = dt.timedelta(days=31), dt.timedelta(days=3 * 365 + 2)


def school(cast):
    return actor(cast.coordinator, cast.hub, cast.school)


@pytest.fixture
def stage(cast) -> Placement:
    """A French placement with a name, a need, a consent asked by address, and a signed agreement."""
    load_packs()
    cast.hub.jurisdiction = "FR"
    cast.hub.save()
    cast.school.hub = cast.employer.hub = cast.hub
    kind = scenes.encounter_type(cast.hub, "stage", tier="T3", hours=2)
    wanted = scenes.session(scenes.opportunity(cast.employer, kind=kind))
    row = scenes.placement(cast, state="accepted", wanted=wanted, of=scenes.group(cast.school, "3B", size=1))
    Student.objects.filter(school=cast.school).update(name=CANARY, key="k1", shared_needs=f"{CANARY} uses the lift")
    (agreement,) = agreements.draw_up(row, by=school(cast), now=NOW)
    lines = {line.party: line for line in agreement.signatures.all()}
    for line in lines.values():
        line.agreement = agreement
    agreements.ask(lines["parent"], "family@home.example", by=school(cast), now=NOW)
    link_for(lines["parent"], "sign", now=NOW, days=60, address="family@home.example", name=CANARY)
    agreements.sign(lines["school"], name=CANARY, drawing=[[[1, 1], [2, 2]]], by=school(cast), now=NOW)
    clearance = row.clearances.filter(responsible="school").exclude(requirement__code="FR-01").first()
    clearances.complete(clearance, by=school(cast), now=NOW, note=f"seen by {CANARY}")
    return row


def over(placement) -> None:
    Placement.objects.filter(pk=placement.pk).update(state="completed", closed_at=OVER)
    placement.student_days.update(live=False)


def test_nothing_is_forgotten_while_it_is_live(stage):
    assert retention.run(OVER + dt.timedelta(days=1)) == 0


def test_addresses_and_needs_go_a_month_after_the_end(stage):
    over(stage)
    assert retention.run(OVER + dt.timedelta(days=20)) == 0
    assert retention.run(OVER + MONTH) == 2
    assert not Message.objects.filter(address__contains="family").exists()
    assert not SignedLink.objects.filter(address__contains="family").exists()
    student = Student.objects.get()
    assert (student.shared_needs, student.name) == ("", CANARY)
    assert retention.run(OVER + MONTH) == 0


def test_who_signed_goes_after_three_years_and_that_it_was_signed_stays(stage, settings, tmp_path):
    line = Signature.objects.get(party="school")
    line.scan.save("x", ContentFile(b"%PDF-1.4"))
    storage, name = line.scan.storage, line.scan.name
    over(stage)
    retention.run(OVER + YEARS_3)
    line.refresh_from_db()
    assert (line.name, line.drawing, line.scan.name, line.signed_at) == ("", [], "", NOW)
    assert len(line.text_sha256) == 64
    assert not any(CANARY in str(row) for row in Clearance.objects.values_list("evidence", flat=True))
    assert storage.exists(name)  # the test's transaction never commits; what follows runs on commit


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_scans_leave_the_disk_on_commit(stage):
    line = Signature.objects.get(party="school")
    line.scan.save("x", ContentFile(b"%PDF-1.4"))
    storage, name = line.scan.storage, line.scan.name
    over(stage)
    retention.run(OVER + YEARS_3)
    assert not storage.exists(name)


def test_names_of_leavers_go_last(stage):
    over(stage)
    Student.objects.update(left_on=dt.date(2027, 7, 1))
    retention.run(OVER + YEARS_3)
    assert Student.objects.get().name == CANARY  # three years after leaving, not after the placement
    retention.run(dt.datetime(2030, 9, 1, tzinfo=dt.UTC))
    student = Student.objects.get()
    assert (student.name, student.key, student.alias) == ("", "", f"–{student.pk}")


def test_a_list_of_employers_nobody_went_on_with_goes_after_a_week(cast):
    waiting, done = (
        EmployerImport.objects.create(hub=cast.hub, lines=[[2, [CANARY]]], state=state, uploaded_at=NOW)
        for state in ("waiting", "imported")
    )
    retention.run(NOW + dt.timedelta(days=7))
    assert set(EmployerImport.objects.all()) == {waiting, done}
    retention.run(NOW + dt.timedelta(days=7, minutes=1))
    assert EmployerImport.objects.get() == done


def test_a_note_loses_its_words_three_years_after_it_and_after_the_day_to_be_in_touch(cast):
    by = scenes.desk(cast)
    plain = notes.write_note(cast.school, f"{CANARY} rang.", by=by, now=NOW)
    ahead = notes.write_note(
        cast.employer, f"Ask {CANARY}.", next_contact_on=NOW.date() + dt.timedelta(days=90), by=by, now=NOW
    )
    retention.run(NOW + retention.YEARS_3)
    assert [row.text for row in (plain, ahead) if not row.refresh_from_db()] == [f"{CANARY} rang.", f"Ask {CANARY}."]
    retention.run(NOW + retention.YEARS_3 + dt.timedelta(days=1))
    assert [row.text for row in (plain, ahead) if not row.refresh_from_db()] == ["", f"Ask {CANARY}."]
    retention.run(NOW + retention.YEARS_3 + dt.timedelta(days=92))
    ahead.refresh_from_db()
    assert (ahead.text, ahead.next_contact_on, ahead.written_by, ahead.written_at) == ("", None, by.user, NOW)


def test_a_run_that_is_cut_short_goes_on_where_it_stopped(cast):
    group = scenes.group(cast.school, size=6)
    group.students.update(name=CANARY, left_on=dt.date(2020, 7, 1))
    assert retention.run(NOW, batch=2, most=1) == 2
    assert Student.objects.filter(name=CANARY).count() == 4
    assert retention.run(NOW, batch=2) == 4
    assert retention.run(NOW, batch=2) == 0


def test_each_batch_is_in_the_log_without_a_name(cast):
    group = scenes.group(cast.school, size=2)
    group.students.update(name=CANARY, left_on=dt.date(2020, 7, 1))
    retention.run(NOW)
    entry = LogEntry.objects.get(verb="forgotten")
    assert (entry.facts, entry.hat) == ({"category": "names", "count": 2}, "system")


def test_a_leaver_with_a_live_placement_keeps_the_name(stage):
    Student.objects.update(left_on=dt.date(2020, 7, 1))
    retention.run(NOW)
    assert Student.objects.get().name == CANARY


def test_free_words_of_feedback_go_and_answers_stay(cast, stage):
    Feedback.objects.create(
        hub=cast.hub, school=cast.school, placement=stage, side="employer", again=True, given_at=NOW,
        answers={"flags": {"task": True}, "words": f"{CANARY} was keen"},
    )  # fmt: skip
    retention.run(NOW + YEARS_3)
    assert Feedback.objects.get().answers == {"flags": {"task": True}, "words": ""}


# ---- One student ------------------------------------------------------------------------


def test_the_export_holds_everything_and_is_logged(cast, stage):
    student = Student.objects.get()
    found = subject.export(student, by=school(cast), now=NOW)
    assert (found["student"]["name"], found["student"]["groups"]) == (CANARY, ["3B"])
    assert [row["employer"] for row in found["placements"]] == ["Brightwater Engineering"]
    assert [row["version"] for row in found["agreements"]] == [1]
    entry = LogEntry.objects.about(student).get(verb="exported")
    assert CANARY not in str(entry.facts)


def test_only_school_and_hub_export_and_erase(cast, stage):
    student = Student.objects.get()
    for verb in (
        lambda by: subject.export(student, by=by, now=NOW),
        lambda by: subject.erase(student, "x", by=by, now=NOW),
    ):
        with pytest.raises(CannotAct):
            verb(actor(cast.employer_lead, cast.hub, cast.employer))


def test_nobody_is_erased_while_named_for_something_live(cast, stage):
    with pytest.raises(Refused, match="not over"):
        subject.erase(Student.objects.get(), "asked by letter", by=school(cast), now=NOW)


def test_erasing_needs_a_reason(cast, stage):
    with pytest.raises(Refused, match="Say who asked"):
        subject.erase(Student.objects.get(), " ", by=school(cast), now=NOW)


def test_erasing_leaves_a_row_that_counts_and_nothing_else(cast, stage):
    student = Student.objects.get()
    answers.cancel(stage, "Ill", by=school(cast), now=NOW)
    subject.erase(student, "asked by letter", by=school(cast), now=NOW)
    student.refresh_from_db()
    assert (student.name, student.alias, student.left_on) == ("", f"–{student.pk}", NOW.date())
    assert not Agreement.objects.exists()
    assert not Signature.objects.exists()
    assert not Message.objects.filter(address__contains="family").exists()
    assert not student.groups.exists()
    assert StudentDay.objects.filter(student=student).exists()
    for model in (Student, Feedback, Signature, Agreement, SignedLink, Message):
        assert CANARY not in str(list(model.objects.values())), model


def test_what_was_attended_still_counts(cast):
    placement = scenes.placement(cast, state="ready", of=scenes.group(cast.school, size=1))
    student = Student.objects.get()
    attendance.mark(placement, scenes.DAY, [student.pk], by=school(cast), now=OVER)
    attendance.complete(placement, {}, by=school(cast), now=OVER)
    subject.erase(student, "asked by letter", by=school(cast), now=OVER)
    assert Encounter.objects.get(student=student).attended


def test_the_pages_of_a_subject(cast, client, clock):
    student = scenes.group(cast.school, size=1).students.get()
    client.force_login(cast.coordinator)
    assert client.get(reverse("school-student-export", args=[student.pk])).status_code == 302
    answer = client.post(reverse("school-student-export", args=[student.pk]))
    assert answer["Content-Disposition"] == f'attachment; filename="student-{student.pk}.json"'
    assert answer.json()["student"]["alias"] == student.alias
    page = reverse("school-student-erase", args=[student.pk])
    assert "Erase" in client.get(page).content.decode()
    client.post(page, {"reason": "asked by letter"})
    student.refresh_from_db()
    assert student.alias == f"–{student.pk}"
    client.force_login(cast.other_coordinator)
    assert client.post(page, {"reason": "x"}).status_code == 404
