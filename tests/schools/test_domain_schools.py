"""Schools: added by the hub, changed by their coordinator or the hub."""

from __future__ import annotations

import pytest

from hubs.errors import CannotAct, Refused
from hubs.models import LogEntry
from schools.domain.schools import add_school, change_school
from schools.models import School
from tests.cast import actor

POINT = {"latitude": 51.45, "longitude": -2.59}


@pytest.fixture
def staff(cast):
    return actor(cast.amina, cast.hub)


@pytest.fixture
def coordinator(cast):
    return actor(cast.coordinator, cast.hub, cast.school)


def test_the_hub_adds_schools_and_nobody_else(cast, staff, coordinator, now):
    fields = {"name": "Harbour Road", "phase": "college", "manager": cast.amina, **POINT}
    school = add_school(cast.hub, fields, by=staff, now=now)
    school.refresh_from_db()
    assert (school.kind, school.hub, school.manager, school.created_at) == ("school", cast.hub, cast.amina, now)
    entry = LogEntry.objects.about(school).get()
    assert (entry.verb, entry.by, entry.at, entry.facts) == ("added", cast.amina, now, {"fields": sorted(fields)})
    for by in (coordinator, actor(cast.ben, cast.hub), actor(cast.chloe, cast.hub_b)):
        with pytest.raises(CannotAct):
            add_school(cast.hub, {"name": "Another"}, by=by, now=now)
    assert School.objects.filter(hub=cast.hub).count() == 3


def test_a_schools_name_is_taken_once_in_a_hub(cast, staff, now):
    with pytest.raises(Refused) as refusal:
        add_school(cast.hub, {"name": "quayside school"}, by=staff, now=now)
    assert (refusal.value.code, LogEntry.objects.count()) == ("name_taken", 0)


def test_the_coordinator_changes_its_facts_and_the_hub_the_rest(cast, staff, coordinator, now):
    change_school(cast.school, {"emergency_phone": "01632 960111"}, by=coordinator, now=now)
    for fields in ({"manager": None}, {"is_active": False}, {"is_priority": True}):
        with pytest.raises(CannotAct):
            change_school(cast.school, fields, by=coordinator, now=now)
    change_school(cast.school, {"is_priority": True}, by=staff, now=now)
    cast.school.refresh_from_db()
    assert (cast.school.emergency_phone, cast.school.is_priority, cast.school.is_active) == ("01632 960111", True, True)
    entries = LogEntry.objects.order_by("pk").values_list("verb", "by", "facts")
    assert list(entries) == [
        ("changed", cast.coordinator.pk, {"fields": ["emergency_phone"]}),
        ("changed", cast.amina.pk, {"fields": ["is_priority"]}),
    ]


def test_strangers_change_no_school(cast, now):
    for who, hub, organisation in (
        (cast.school_member, cast.hub, cast.school),
        (cast.other_coordinator, cast.hub, cast.other_school),
        (cast.ben, cast.hub, None),
        (cast.chloe, cast.hub_b, None),
    ):
        with pytest.raises(CannotAct):
            change_school(cast.school, {"town": "Mine"}, by=actor(who, hub, organisation), now=now)


def test_half_a_point_is_refused(cast, staff, now):
    with pytest.raises(Refused) as refusal:
        change_school(cast.school, {"latitude": 51.45}, by=staff, now=now)
    assert refusal.value.sentence == "A point needs both numbers. Fill in both, or neither."
