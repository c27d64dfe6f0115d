"""Two workers hold one changed calendar against the same placements at the same moment."""

from __future__ import annotations

import datetime as dt
import threading

import pytest
from django.db import IntegrityError

from hubs.models import Message
from placements.domain import clashes
from placements.models import CalendarCheck, CalendarClash
from schools.domain import edits
from tests import scenes
from tests.cast import NOW, actor, two_hubs
from tests.racing import race

LATER = NOW + dt.timedelta(hours=1)


@pytest.fixture
def cast(transactional_db, django_db_serialized_rollback):
    return two_hubs()


@pytest.fixture
def clashing(cast):
    """An accepted placement on a day the school has closed since; its check is there already."""
    scenes.placement(cast, state="accepted")
    by = actor(cast.coordinator, cast.hub, cast.school)
    values = {"kind": "closure", "name": "Inset", "starts_on": scenes.DAY, "ends_on": scenes.DAY}
    edits.save_closure(cast.school, values, by=by, now=NOW)
    CalendarCheck.objects.create(hub=cast.hub, school=cast.school)
    Message.objects.all().delete()


def check() -> str:
    try:
        return str(clashes.check_changed_calendars(LATER))
    except IntegrityError:
        return "met in the table"


def told() -> int:
    return Message.objects.filter(kind="calendar-clash").values("address").count()


@pytest.mark.needs_postgresql
def test_racing_checks_find_and_tell_once(clashing, monkeypatch):
    looked, locked = threading.Barrier(3, timeout=30), clashes._locked

    def after_all_have_looked(row):
        looked.wait()
        return locked(row)

    monkeypatch.setattr(clashes, "_locked", after_all_have_looked)
    assert race([check] * 3) == ["0", "0", "1"]
    people = told()
    assert (CalendarClash.objects.count(), people > 0) == (1, True)
    monkeypatch.setattr(clashes, "_locked", locked)
    assert (check(), told()) == ("0", people)


@pytest.mark.needs_postgresql
def test_racing_checks_without_the_lock_both_find(clashing, monkeypatch):
    """The negative control: nobody waits, so both are about to open the same clash; the table alone keeps it one."""
    looked, open_one = threading.Barrier(2, timeout=30), clashes._open

    def after_both_have_found(*args):
        looked.wait()
        return open_one(*args)

    monkeypatch.setattr(clashes, "_locked", lambda row: row)
    monkeypatch.setattr(clashes, "_open", after_both_have_found)
    assert race([check] * 2) == ["1", "met in the table"]
