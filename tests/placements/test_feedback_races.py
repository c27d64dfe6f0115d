"""Feedback while the register is being closed: its flags reach every encounter, whichever comes first."""

from __future__ import annotations

import threading

import pytest
from django.db import connections

from placements.domain import attendance
from placements.models import Encounter, Feedback, Placement
from tests import scenes
from tests.cast import actor

pytestmark = [
    pytest.mark.needs_postgresql,
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]


@pytest.fixture
def marked(cast) -> Placement:
    """Under way, and everybody marked present."""
    row = scenes.placement(cast, state="ready")
    everyone = list(row.students.values_list("student_id", flat=True))
    after = row.session.ends_at
    attendance.mark(row, scenes.DAY, everyone, by=actor(cast.coordinator, cast.hub, cast.school), now=after)
    return Placement.objects.get(pk=row.pk)


def closed_meanwhile(cast, row: Placement, monkeypatch, *, waits: bool) -> list[bool | None]:
    """The register is closed, and just before that is committed the employer gives feedback; what the
    encounters say of its flag in the end. `waits`: the lock of feedback is on."""
    said, locks = [], attendance.lock_state

    def feedback() -> None:
        try:
            lead = actor(cast.employer_lead, cast.hub, cast.employer)
            mine = Placement.objects.get(pk=row.pk)
            attendance.employer_feedback(mine, {"task": True}, again=True, by=lead, now=row.session.ends_at)
        finally:
            connections.close_all()

    def before_commit(placement, *, now) -> None:
        said.append(threading.Thread(target=feedback))
        said[0].start()
        if not waits:
            said[0].join(timeout=60)  # all of it, while the encounters are written and not committed

    def lock(placement, *fields) -> None:
        if waits or threading.current_thread() is threading.main_thread():
            locks(placement, *fields)

    monkeypatch.setattr(attendance, "_finish_step", before_commit)
    monkeypatch.setattr(attendance, "lock_state", lock)
    school = actor(cast.coordinator, cast.hub, cast.school)
    attendance.complete(row, {}, by=school, now=row.session.ends_at)
    said[0].join(timeout=60)
    assert Feedback.objects.filter(placement=row, side="employer").exists()
    return list(Encounter.objects.filter(placement=row).order_by("pk").values_list("task", flat=True))


def test_feedback_waits_for_a_register_that_is_being_closed(cast, marked, monkeypatch):
    assert closed_meanwhile(cast, marked, monkeypatch, waits=True) == [True] * 6


def test_without_the_lock_the_flags_are_lost(cast, marked, monkeypatch):
    """The negative control."""
    assert closed_meanwhile(cast, marked, monkeypatch, waits=False) == [None] * 6
