"""The log says what happened and cannot be made to say something else."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, transaction

from hubs import log
from hubs.models import LogEntry
from tests.cast import actor


@pytest.fixture
def entry(cast, now):
    return log.record(cast.school, "noted", by=actor(cast.amina, cast.hub, cast.school), now=now, reason="why", n=1)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("verb", "forged"),
        ("reason", "forged"),
        ("hat", "superuser"),
        ("via", "api"),
        ("from_state", "a"),
        ("to_state", "b"),
        ("facts", {}),
        ("subject_id", 999),
        ("subject_type", "x.y"),
        ("at", "2020-01-01T00:00Z"),
    ],
)
def test_entry_refuses_every_change(entry, field, value):
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        LogEntry.objects.filter(pk=entry.pk).update(**{field: value})
    assert LogEntry.objects.get().verb == "noted"


def test_why_may_be_forgotten_and_nothing_else_with_it(entry):
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        LogEntry.objects.filter(pk=entry.pk).update(reason="", verb="forged")
    LogEntry.objects.filter(pk=entry.pk).update(reason="")
    stored = LogEntry.objects.get()
    assert (stored.reason, stored.verb, stored.facts) == ("", "noted", entry.facts)


def test_entry_cannot_move_to_another_hub(cast, entry):
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        LogEntry.objects.filter(pk=entry.pk).update(hub=cast.hub_b)


def test_entry_survives_the_person_it_names(cast, entry):
    cast.amina.delete()
    stored = LogEntry.objects.get()
    assert (stored.by, stored.hat, stored.verb) == (None, "hub_lead", "noted")


def test_entry_is_found_by_its_subject_and_scoped(cast, entry):
    log.record(cast.employer, "other", by=actor(cast.amina, cast.hub), now=entry.at)
    assert list(LogEntry.objects.about(cast.school)) == [entry]
    people = (cast.ben, cast.coordinator, cast.chloe)
    assert [LogEntry.objects.visible_to(person).count() for person in people] == [2, 0, 0]
