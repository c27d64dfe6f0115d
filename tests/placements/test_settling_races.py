"""Two who settle or open clearances of one placement at the same moment, and what a job mends."""

from __future__ import annotations

import threading
from types import SimpleNamespace

import pytest
from django.db import OperationalError
from django.db.models import F

from hubs.errors import CannotBegin, CannotMove
from hubs.moves import lock_state, move
from hubs.rulepacks import load_packs
from placements.domain import agreements, attendance, clearances, days, jobs
from placements.models import Clearance, Placement
from tests import scenes
from tests.cast import NOW, actor, two_hubs
from tests.placements.agreed import agreed, by_parent, by_student, of_employer, of_school
from tests.race import together

BEGUN = "1 clearance is still open. See the task list of this placement."


@pytest.fixture
def shadowing(transactional_db, django_db_serialized_rollback):
    """An accepted placement of six with everything done but the consents of the last two."""
    load_packs()
    cast = two_hubs()
    kind = scenes.encounter_type(cast.hub, "shadow", tier="T3", hours=5)
    placement = scenes.placement(
        cast, state="accepted", wanted=scenes.session(scenes.opportunity(cast.employer, kind=kind))
    )
    rows = placement.clearances.filter(blocks="start").order_by(F("student__alias").desc(nulls_last=True), "pk")
    first, second, *others = rows
    for row in others:
        clearances.complete(row, by=scenes.desk(cast), now=NOW, note="Seen.")
    return SimpleNamespace(cast=cast, placement=placement, pks=(first.pk, second.pk), done=others[0].pk)


def consent(pk: int) -> Clearance:
    return Clearance.objects.select_related("placement__hub", "requirement", "hub").get(pk=pk)


def complete(scene, pk: int):
    row, by = consent(pk), actor(scene.cast.coordinator, scene.cast.hub, scene.cast.school)
    return lambda: clearances.complete(row, by=by, now=NOW, note="Seen.")


def reopen(scene, pk: int):
    row, by = consent(pk), actor(scene.cast.coordinator, scene.cast.hub, scene.cast.school)
    return lambda: clearances.reopen(row, "They changed their mind", by=by, now=NOW)


def as_it_is(scene) -> tuple[str, int]:
    row = Placement.objects.get(pk=scene.placement.pk)
    return row.state, clearances.open_blocking(row)


def both_then_lock(monkeypatch):
    """Each has read the rows before either takes the lock."""
    met = threading.Barrier(2, timeout=20)

    def lock(row, *fields):
        if not getattr(seen, "past", False):
            seen.past = True
            met.wait()
        lock_state(row, *fields)

    seen = threading.local()
    monkeypatch.setattr(clearances, "lock_state", lock)


@pytest.mark.needs_postgresql
def test_the_last_two_at_once_make_it_ready(shadowing, monkeypatch):
    both_then_lock(monkeypatch)
    assert together(*(complete(shadowing, pk) for pk in shadowing.pks)) == [None, None]
    assert as_it_is(shadowing) == ("ready", 0)


@pytest.mark.needs_postgresql
def test_the_last_two_without_the_lock_leave_it_for_the_job(shadowing, monkeypatch):
    """The negative control: each counts before the other is there. The job finds such a row, once."""
    met, settle = threading.Barrier(2, timeout=20), clearances.settle

    def settle_when_both_moved(placement, **who):
        met.wait()
        counted = clearances.open_blocking(placement)
        met.wait()
        return settle(placement, **who) if not counted else False

    monkeypatch.setattr(clearances, "lock_state", lambda *_row: None)
    monkeypatch.setattr(clearances, "settle", settle_when_both_moved)
    assert together(*(complete(shadowing, pk) for pk in shadowing.pks)) == [None, None]
    assert as_it_is(shadowing) == ("accepted", 0)
    monkeypatch.undo()
    assert [jobs.settle_placements(shadowing.placement.session.ends_at), jobs.settle_placements(NOW)] == [0, 1]
    assert (as_it_is(shadowing), jobs.settle_placements(NOW)) == (("ready", 0), 0)


@pytest.mark.needs_postgresql
def test_one_taken_back_while_the_last_is_done_is_never_ready(shadowing, monkeypatch):
    complete(shadowing, shadowing.pks[0])()
    both_then_lock(monkeypatch)
    assert together(complete(shadowing, shadowing.pks[1]), reopen(shadowing, shadowing.done)) == [None, None]
    assert as_it_is(shadowing) == ("accepted", 1)


@pytest.mark.needs_postgresql
def test_one_taken_back_without_the_lock_is_ready_and_never_begins(shadowing, monkeypatch):
    """The negative control. Such a row does not start, pages go on, and the job takes readiness back."""
    complete(shadowing, shadowing.pks[0])()
    met, finished = threading.Barrier(2, timeout=20), threading.Event()

    def both_have_moved(row, to, **how):
        move(row, to, **how)
        if isinstance(row, Clearance):
            met.wait()
            assert to == "done" or finished.wait(20)

    def last():
        try:
            done()
        finally:
            finished.set()

    done = complete(shadowing, shadowing.pks[1])
    monkeypatch.setattr(clearances, "lock_state", lambda *_row: None)
    monkeypatch.setattr(clearances, "move", both_have_moved)
    assert together(last, reopen(shadowing, shadowing.done)) == [None, None]
    assert as_it_is(shadowing) == ("ready", 1)
    monkeypatch.undo()
    row, begun = Placement.objects.get(pk=shadowing.placement.pk), shadowing.placement.session.starts_at
    assert jobs.begin_due(begun) == 0
    with pytest.raises(CannotBegin, match=BEGUN):
        attendance.mark(row, scenes.DAY, [], by=of_school(shadowing.cast), now=begun)
    assert [jobs.settle_placements(begun), jobs.settle_placements(begun)] == [1, 0]
    assert as_it_is(shadowing) == ("accepted", 1)


def name_but_the_last(scene):
    """Name all but the student whose consent is the last one open."""
    left = consent(scene.pks[0]).student_id
    row = Placement.objects.get(pk=scene.placement.pk)
    named = [one.student for one in row.students.exclude(student=left).select_related("student")]
    return lambda: days.name_students(row, named, by=of_school(scene.cast), now=NOW)


@pytest.mark.needs_postgresql
def test_a_consent_and_a_naming_at_once_take_one_after_the_other(shadowing, monkeypatch):
    complete(shadowing, shadowing.pks[1])()
    met = threading.Barrier(2, timeout=20)

    def both_then_lock(row, *fields):
        met.wait()
        lock_state(row, *fields)

    agree, name = complete(shadowing, shadowing.pks[0]), name_but_the_last(shadowing)
    monkeypatch.setattr(clearances, "lock_state", both_then_lock)
    monkeypatch.setattr(days, "lock_state", both_then_lock)
    agreed_to, named = together(agree, name)
    assert named is None
    assert agreed_to is None or isinstance(agreed_to, CannotMove)
    assert as_it_is(shadowing) == ("ready", 0)


@pytest.mark.needs_postgresql
def test_a_consent_and_a_naming_without_the_lock_wait_in_a_ring(shadowing, monkeypatch):
    """The negative control: one holds the clearance, the other the placement."""
    complete(shadowing, shadowing.pks[1])()
    met = threading.Barrier(2, timeout=20)

    def moved(row, to, **how):
        move(row, to, **how)
        if isinstance(row, Clearance):
            met.wait()

    def locked(row, *fields):
        lock_state(row, *fields)
        met.wait()

    agree, name = complete(shadowing, shadowing.pks[0]), name_but_the_last(shadowing)
    monkeypatch.setattr(clearances, "lock_state", lambda *_row: None)
    monkeypatch.setattr(clearances, "move", moved)
    monkeypatch.setattr(days, "lock_state", locked)
    came = together(agree, name)
    assert sum(isinstance(one, OperationalError) and "deadlock" in str(one) for one in came) == 1


def last_lines(cast):
    """What signs the last two lines of a French agreement of two."""
    placement = agreed(cast, "FR")
    by = {"school": of_school(cast), "host": of_employer(cast), "parent": by_parent(cast), "student": by_student(cast)}
    rows = [
        line
        for agreement in agreements.draw_up(placement, by=of_school(cast), now=NOW)
        for line in agreement.signatures.select_related("agreement__placement__hub").order_by("pk")
    ]

    def sign(line):
        return lambda: agreements.sign(line, name="A signer", by=by[line.party], now=NOW)

    for line in rows[:-2]:
        sign(line)()
    return placement, [sign(line) for line in rows[-2:]]


@pytest.mark.needs_postgresql
@pytest.mark.parametrize(("locked", "ends"), [(True, "done"), (False, "open")])
def test_the_last_two_signatures_at_once_settle_the_agreement(
    transactional_db, django_db_serialized_rollback, monkeypatch, locked, ends
):
    """With the lock off, which is the negative control, neither sees the other's."""
    placement, last = last_lines(two_hubs())
    met, settle = threading.Barrier(2, timeout=20), agreements._settle

    def lock(row, *fields):
        met.wait()
        if locked:
            lock_state(row, *fields)

    def settle_when_both_signed(*args, **how):
        if not locked:
            met.wait()
        settle(*args, **how)
        if not locked:
            met.wait()

    monkeypatch.setattr(agreements, "lock_state", lock)
    monkeypatch.setattr(agreements, "_settle", settle_when_both_signed)
    assert together(*last) == [None, None]
    assert placement.clearances.get(requirement__code="FR-01").state == ends
