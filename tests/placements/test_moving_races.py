"""A change of one placement and other days for its whole session, asked for at the same moment."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import OperationalError, connection, transaction

from placements.domain import amending, moving
from placements.domain.sides import CannotChange
from placements.models import Amendment, SessionMove
from tests import scenes
from tests.cast import NOW, actor, two_hubs
from tests.race import together

TO = [(scenes.DAY + dt.timedelta(weeks=1), dt.time(10), dt.time(12, 30))]


def both_at_once(cast, monkeypatch) -> tuple:
    """What the mover got while the school's change was not committed, and a call that moves."""
    # It waits for the placements too, when the amendments are made already, and with answers open settles nothing.
    monkeypatch.setattr(moving, "settle", lambda _asked, *, now: False)
    placement = scenes.placement(cast, state="accepted")
    school, lead = (
        actor(cast.coordinator, cast.hub, cast.school),
        actor(cast.employer_lead, cast.hub, cast.employer),
    )

    def moved():
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '300ms'")
        return moving.move_session(placement.session, TO, reason="The hall is let", by=lead, now=NOW)

    with transaction.atomic():
        amending.propose(placement, supervisor="Ada Bold", reason="She knows them", by=school, now=NOW)
        (found,) = together(moved)
    return found, moved


@pytest.mark.needs_postgresql
def test_whoever_moves_a_session_waits_for_a_change_being_asked_for(
    transactional_db, django_db_serialized_rollback, monkeypatch
):
    found, moved = both_at_once(two_hubs(), monkeypatch)
    assert isinstance(found, OperationalError)
    with pytest.raises(CannotChange, match="being changed already"):
        moved()
    assert (Amendment.objects.count(), SessionMove.objects.count()) == (1, 0)


@pytest.mark.needs_postgresql
def test_without_the_lock_one_placement_is_asked_about_two_changes(
    transactional_db, django_db_serialized_rollback, monkeypatch
):
    """The negative control."""
    monkeypatch.setattr(moving, "_hold", lambda _placements: None)
    found, _moved = both_at_once(two_hubs(), monkeypatch)
    assert isinstance(found, SessionMove)
    assert Amendment.objects.filter(state="proposed").count() == 2
