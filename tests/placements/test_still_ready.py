"""What was ready and is changed: nothing starts on what was true before."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from employers.models import Document
from hubs.rulepacks import load_packs
from opportunities.domain.sessions import set_break
from placements.domain import agreements, amending, attendance, capacity, clearances, days, hours, jobs
from placements.models import Placement, StudentDay
from schools.models import Student
from tests import scenes
from tests.cast import NOW
from tests.placements.agreed import agreed, by_parent, by_student, of_employer, of_school

WHY = "The hall is let that day."
LATER = scenes.DAY + dt.timedelta(weeks=4)


def sign_all(cast, placement: Placement, *, but: str = "") -> None:
    by = {"school": of_school(cast), "host": of_employer(cast), "parent": by_parent(cast), "student": by_student(cast)}
    for agreement in agreements.draw_up(placement, by=of_school(cast), now=NOW):
        for line in agreement.signatures.filter(signed_at=None).exclude(party=but):
            line.agreement.placement = placement
            agreements.sign(line, name="A signer", by=by[line.party], now=NOW)


def settle_rest(cast, placement: Placement) -> None:
    """Everything blocking that is still open, as the hub's desk notes it."""
    for row in placement.clearances.filter(blocks__in=["confirm", "start"], state="open"):
        clearances.complete(row, by=scenes.desk(cast), now=NOW, note="Seen.")


def settle_rest_but(cast, placement: Placement, code: str) -> None:
    for row in placement.clearances.blocking().exclude(requirement__code=code):
        clearances.complete(row, by=scenes.desk(cast), now=NOW, note="Seen.")


def moved(cast, placement: Placement, *, on: dt.date = LATER, to=None):
    """Agreed to by both sides: another date of the same offer."""
    to = to or scenes.session(placement.session.opportunity, on=on, days=2, break_minutes=30)
    asked = amending.propose(placement, session=to, reason=WHY, by=of_school(cast), now=NOW)
    amending.agree(asked, by=of_employer(cast), now=NOW)
    return Placement.objects.get(pk=placement.pk)


def named(cast, placement: Placement, *students: Student) -> Placement:
    days.name_students(placement, list(students), by=of_school(cast), now=NOW)
    return Placement.objects.get(pk=placement.pk)


def state(placement: Placement, code: str) -> str:
    return placement.clearances.get(requirement__code=code).state


def state_now(placement: Placement) -> str:
    return Placement.objects.get(pk=placement.pk).state


def another(cast, alias: str = "3B-09", **fields) -> Student:
    return Student.objects.create(hub=cast.hub, school=cast.school, alias=alias, **fields)


# ---- The agreement ---------------------------------------------------------------


@pytest.fixture
def signed(cast):
    """French, of two students, everything signed: ready."""
    placement = agreed(cast, "FR")
    sign_all(cast, placement)
    settle_rest(cast, placement)
    placement = Placement.objects.get(pk=placement.pk)
    assert (placement.state, state(placement, "FR-01")) == ("ready", "done")
    return placement


def test_another_date_needs_the_agreement_anew(cast, signed):
    placement = moved(cast, signed)
    assert (placement.state, state(placement, "FR-01")) == ("accepted", "open")
    settle_rest_but(cast, placement, "FR-01")
    assert state_now(placement) == "accepted"
    sign_all(cast, placement)
    assert (state(placement, "FR-01"), state_now(placement)) == ("done", "ready")


def test_another_student_needs_an_agreement_of_their_own(cast, signed):
    first, second = (row.student for row in signed.students.select_related("student"))
    placement = named(cast, signed, first, another(cast))
    settle_rest_but(cast, placement, "FR-01")
    assert (state_now(placement), state(placement, "FR-01")) == ("accepted", "open")
    # Back to the two who signed: theirs holds again, though nobody signs anything more.
    placement = named(cast, placement, first, second)
    settle_rest_but(cast, placement, "FR-01")
    assert (state_now(placement), state(placement, "FR-01")) == ("ready", "done")


def test_naming_the_same_students_again_changes_nothing(cast, signed):
    placement = named(cast, signed, *(row.student for row in signed.students.select_related("student")))
    assert (placement.state, state(placement, "FR-01")) == ("ready", "done")


def test_going_back_to_the_date_that_was_signed_is_enough(cast, signed):
    before = signed.session
    placement = moved(cast, moved(cast, signed), to=before)
    assert state(placement, "FR-01") == "done"


def test_one_taken_back_by_hand_is_not_met_by_naming(cast, signed):
    students = [row.student for row in signed.students.select_related("student")]
    row = signed.clearances.get(requirement__code="FR-01")
    clearances.reopen(row, "The signature is not hers", by=scenes.desk(cast), now=NOW)
    placement = named(cast, Placement.objects.get(pk=signed.pk), *students)
    assert (placement.state, state(placement, "FR-01")) == ("accepted", "open")


def test_a_last_line_under_the_old_date_settles_nothing(cast):
    placement = agreed(cast, "FR")
    sign_all(cast, placement, but="parent")
    placement = moved(cast, placement)
    for row in agreements.current(placement):
        line = row.signatures.get(party="parent")
        line.agreement.placement = placement
        agreements.sign(line, name="A signer", by=by_parent(cast), now=NOW)
    assert (agreements.missing(placement), state(placement, "FR-01")) == (0, "open")


def test_a_paper_kept_elsewhere_is_asked_for_again(cast):
    placement = agreed(cast, "FR")
    settle_rest(cast, placement)
    placement = Placement.objects.get(pk=placement.pk)
    students = [row.student for row in placement.students.select_related("student")]
    placement = named(cast, placement, *students)
    assert (placement.state, state(placement, "FR-01")) == ("ready", "done")
    assert state(moved(cast, placement), "FR-01") == "open"


# ---- Who no longer comes ---------------------------------------------------------


@pytest.fixture
def substituted(cast):
    """English, of two with every consent given, one of whom was replaced; ready. And the one who left."""
    placement = agreed(cast, "GB-ENG")
    settle_rest(cast, placement)
    left, stays = (row.student for row in placement.students.select_related("student"))
    placement = named(cast, Placement.objects.get(pk=placement.pk), stays, another(cast))
    settle_rest(cast, placement)
    placement = Placement.objects.get(pk=placement.pk)
    assert (placement.state, placement.clearances.get(student=left, responsible="parent").state) == ("ready", "done")
    return placement, left


def test_a_no_for_somebody_who_no_longer_comes_stops_nobody(cast, substituted):
    placement, left = substituted
    clearances.reopen(placement.clearances.get(student=left), "We changed our mind", by=of_school(cast), now=NOW)
    assert (state_now(placement), clearances.open_blocking(placement)) == ("ready", 0)
    attendance.begin(placement, by=scenes.desk(cast), now=placement.session.starts_at)
    assert state_now(placement) == "under_way"


def test_another_date_asks_only_for_those_who_come(cast, substituted):
    placement, left = substituted
    placement = moved(cast, placement)
    asked = placement.clearances.filter(responsible="parent")
    assert {row.student_id for row in asked} == set(placement.students.values_list("student_id", flat=True))
    assert set(asked.values_list("state", flat=True)) == {"open"}
    # What was agreed to for the old date is not taken for the new one.
    placement = named(cast, placement, left)
    assert placement.clearances.get(student=left).state == "open"


def test_somebody_named_again_counts_again(cast, substituted):
    placement, left = substituted
    clearances.reopen(placement.clearances.get(student=left), "We changed our mind", by=of_school(cast), now=NOW)
    placement = named(cast, placement, left)
    assert (placement.state, clearances.open_blocking(placement)) == ("accepted", 1)


# ---- Documents -------------------------------------------------------------------


def insured(cast, *, until: dt.date) -> Document:
    return Document.objects.create(
        hub=cast.hub, employer=cast.employer, kind="liability", state="held", added_at=NOW, expires_on=until
    )


def test_a_document_that_ends_before_the_new_date_is_asked_for_again(cast):
    insured(cast, until=scenes.DAY + dt.timedelta(weeks=1))
    placement = agreed(cast, "GB-ENG")
    settle_rest(cast, placement)
    assert (state_now(placement), state(placement, "ENG-01")) == ("ready", "done")
    placement = moved(cast, Placement.objects.get(pk=placement.pk))
    row = placement.clearances.get(requirement__code="ENG-01")
    assert (row.state, row.due_on) == ("open", clearances.due_day(placement, now=NOW))
    settle_rest_but(cast, placement, "ENG-01")
    assert (state_now(placement), jobs.settle_documents(NOW)) == ("accepted", 0)
    insured(cast, until=LATER + dt.timedelta(weeks=1))
    assert (jobs.settle_documents(NOW), state_now(placement)) == (1, "ready")


def test_a_document_that_lasts_and_a_word_stay(cast):
    insured(cast, until=LATER + dt.timedelta(days=1))
    placement = agreed(cast, "GB-ENG")
    settle_rest(cast, placement)
    placement = moved(cast, Placement.objects.get(pk=placement.pk))
    assert not placement.clearances.blocking().exclude(responsible="parent").exists()


# ---- The youngest ----------------------------------------------------------------


def tier_three(cast, *, year: int) -> Placement:
    load_packs()
    kind = scenes.encounter_type(cast.hub, "stage", tier="T3", hours=12)
    session = scenes.session(scenes.opportunity(cast.employer, kind=kind, max_age=18))
    return scenes.placement(
        cast, state="accepted", wanted=session, of=scenes.group(cast.school, "A", size=2, year=year)
    )


@pytest.mark.parametrize(("year", "asked"), [(11, True), (12, True), (13, False)])
def test_somebody_who_may_be_sixteen_counts_as_sixteen(cast, year, asked):
    """Vetting is decided for everybody up to sixteen; in year 12 they are sixteen or seventeen."""
    placement = tier_three(cast, year=year)
    assert placement.clearances.filter(requirement__code="ENG-07").exists() is asked


def test_a_younger_student_named_later_counts(cast):
    placement = tier_three(cast, year=13)
    settle_rest(cast, placement)
    placement = Placement.objects.get(pk=placement.pk)
    younger = scenes.group(cast.school, "B", size=1, year=10).students.get()
    stays = placement.students.select_related("student").first().student
    placement = named(cast, placement, stays, younger)
    assert (placement.state, state(placement, "ENG-07")) == ("accepted", "open")


# ---- Hours -----------------------------------------------------------------------


def test_a_date_with_too_many_hours_is_refused_when_asked_for(cast):
    placement = agreed(cast, "FR")
    long = scenes.session(placement.session.opportunity, on=LATER, days=5, ends=dt.time(21), break_minutes=30)
    with pytest.raises(hours.CannotExceedHours, match="11 hours at work that day"):
        amending.propose(placement, session=long, reason=WHY, by=of_school(cast), now=NOW)
    assert not placement.amendments.exists()


def test_a_break_that_became_shorter_is_seen_when_the_change_is_agreed_to(cast):
    placement = agreed(cast, "FR")
    to = scenes.session(placement.session.opportunity, on=LATER, ends=dt.time(18), break_minutes=120)
    asked = amending.propose(placement, session=to, reason=WHY, by=of_school(cast), now=NOW)
    set_break(to, 30, by=of_employer(cast), now=NOW)
    with pytest.raises(hours.CannotExceedHours, match="8 hours at work that day"):
        amending.agree(asked, by=of_employer(cast), now=NOW)
    placement.refresh_from_db()
    assert (placement.session != to, capacity.recount()) == (True, [])


@pytest.fixture
def afternoon(cast):
    """Brazilian: an accepted afternoon of four hours for two, and a morning of four held for two others."""
    cast.hub.jurisdiction = "BR"
    cast.hub.save()
    cast.school.hub = cast.employer.hub = cast.hub
    load_packs()
    kind = scenes.encounter_type(cast.hub, "estagio", tier="T4", hours=12)
    offer = scenes.opportunity(cast.employer, kind=kind, max_age=18)
    early = scenes.session(offer, starts=dt.time(8), ends=dt.time(12), break_minutes=0)
    late = scenes.session(offer, starts=dt.time(13), ends=dt.time(17), break_minutes=0)
    groups = [scenes.group(cast.school, name, size=2, year=11) for name in ("3C", "3D")]
    scenes.placement(cast, wanted=early, of=groups[0])
    placement = scenes.placement(cast, state="accepted", wanted=late, of=groups[1])
    return placement, list(groups[0].students.all()), list(groups[1].students.all())


def test_somebody_at_work_in_the_morning_is_not_named_for_the_afternoon(cast, afternoon):
    placement, busy, free = afternoon
    with pytest.raises(hours.CannotExceedHours, match=r"8 hours .* most is 6"):
        named(cast, placement, *busy)
    rows = StudentDay.objects.filter(placement=placement, live=True)
    assert set(rows.values_list("student_id", flat=True)) == {student.pk for student in free}


def test_taking_somebody_off_is_not_refused_for_those_who_stay(cast, afternoon):
    """Named before hours were looked at: who stays stays, and nobody new may exceed them."""
    placement, busy, _free = afternoon
    days.place(placement, busy, now=NOW)
    placement = named(cast, placement, busy[0])
    assert [row.student for row in placement.students.all()] == [busy[0]]
    with pytest.raises(hours.CannotExceedHours):
        named(cast, placement, *busy)


# ---- What became ready before all this -------------------------------------------


def test_what_was_ready_with_something_open_is_shown_and_says_why_it_does_not_begin(client, cast, clock):
    placement = agreed(cast, "GB-ENG")
    Placement.objects.filter(pk=placement.pk).update(state="ready")
    clock.now = placement.session.starts_at + dt.timedelta(minutes=10)
    client.force_login(cast.employer_lead)
    assert client.get(reverse("employer-placement", args=[placement.pk])).status_code == 200
    client.force_login(cast.coordinator)
    for name in ("school-placement", "school-agreements", "school-placement-students"):
        assert client.get(reverse(name, args=[placement.pk])).status_code == 200
    day = f"{scenes.DAY:%Y-%m-%d}"
    register, marked = reverse("school-register", args=[placement.pk]), {"mark": day, "20261020-day": day}
    assert "clearances are still open" in client.post(register, marked, follow=True).content.decode()
    assert (jobs.begin_due(clock.now), jobs.settle_placements(clock.now), state_now(placement)) == (0, 1, "accepted")
    settle_rest(cast, Placement.objects.get(pk=placement.pk))
    assert (state_now(placement), jobs.begin_due(clock.now)) == ("ready", 1)
