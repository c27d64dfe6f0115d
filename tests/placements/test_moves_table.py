"""Every refusal of the moves tables: each step that is not there, each hat that may not, each guard."""

from __future__ import annotations

import datetime as dt
from itertools import product

import pytest

from hubs.actors import Actor, system
from hubs.errors import CannotAct, CannotBegin, CannotMove
from hubs.models import LogEntry, Requirement, Role
from hubs.moves import check, move, rows_of
from hubs.rulepacks import load_packs
from placements.domain import answers
from placements.models import Clearance, Placement, PlacementRequest
from tests import scenes
from tests.cast import NOW

STATES = list(Placement.State.values)
TABLE = {(start, end): who for start, end, who, *_guard in Placement.MOVES}
HATS = (*Role.values, "system", "link:employer", "link:host", "self")


def hat(cast, name: str) -> Actor:
    """Somebody of the placement's own parties with this hat."""
    if name == "system":
        return system(cast.hub.pk)
    side = cast.school if name in (Role.COORDINATOR, Role.SCHOOL_MEMBER) else cast.employer
    of_hub = name in (Role.HUB_LEAD, Role.CAREERS_MANAGER, Role.HUB_VIEWER)
    return Actor(hat=name, via="page", hub_id=cast.hub.pk, organisation_id=None if of_hub else side.pk)


def at(placement: Placement, state: str) -> Placement:
    placement.state = state
    return placement


def test_no_step_outside_the_table_for_anybody(cast):
    row = scenes.placement(cast)
    for start, end in product(STATES, STATES):
        if (start, end) in TABLE:
            continue
        for name in HATS:
            with pytest.raises(CannotMove):
                check(at(row, start), end, by=hat(cast, name), now=NOW)


def test_every_step_is_refused_to_every_hat_that_is_not_in_its_row(cast):
    row = scenes.placement(cast)
    for (start, end), who in TABLE.items():
        for name in HATS:
            if name in who:
                continue
            with pytest.raises(CannotAct):
                check(at(row, start), end, by=hat(cast, name), now=NOW)


def test_the_same_hat_of_another_school_or_employer_may_nothing(cast):
    row = scenes.placement(cast)
    for (start, end), who in TABLE.items():
        for name in who - {"system", Role.HUB_LEAD, Role.CAREERS_MANAGER}:
            for stranger in (cast.other_school, cast.other_employer):
                by = Actor(hat=name, via="page", hub_id=cast.hub.pk, organisation_id=stranger.pk)
                with pytest.raises(CannotAct):
                    check(at(row, start), end, by=by, now=NOW)


def test_every_guard_says_why(cast):
    """The sentence of each guard of the table; a guard nobody tries would show up in the last line."""
    load_packs()
    row = scenes.placement(cast)
    desk, begun, tried = scenes.desk(cast), row.session.starts_at, set()
    Clearance.objects.create(
        hub=cast.hub, school=cast.school, placement=row, responsible="school", blocks="start",
        due_on=NOW.date(), requirement=Requirement.objects.order_by("pk").first(),
    )  # fmt: skip
    for start, end, now, words in (
        ("held", "offered", row.held_until, "This hold has run out. Hold the places again."),
        ("held", "offered", begun, "This session has begun already, so its places can no longer be given."),
        ("offered", "accepted", begun, "This session has begun already, so its places can no longer be given."),
        ("accepted", "ready", NOW, "1 clearance is still open. See the task list of this placement."),
        ("ready", "under_way", begun - dt.timedelta(seconds=1), "The session has not begun yet."),
        ("ready", "under_way", begun, "1 clearance is still open. See the task list of this placement."),
    ):
        with pytest.raises(CannotBegin) as refusal:
            check(at(row, start), end, by=desk, now=now)
        assert refusal.value.sentence == words
        tried.add((start, end))
    assert {(start, end) for start, end, _who, guard in rows_of(row) if guard} == tried


def test_how_late_and_why_somebody_called_off_is_in_the_log(cast):
    row = scenes.placement(cast, state="accepted")
    answers.cancel(row, "The machine is broken.", by=hat(cast, Role.EMPLOYER_LEAD), now=row.session.starts_at
                   - dt.timedelta(days=3, hours=1))  # fmt: skip
    entry = LogEntry.objects.get(verb="cancelled")
    assert (entry.hat, entry.reason, entry.facts["notice_days"]) == ("employer_lead", "The machine is broken.", 3)


def test_a_request_is_never_moved_outside_its_table(cast):
    row = PlacementRequest(hub=cast.hub, school=cast.school, places=1, created_at=NOW)
    table = {(start, end) for start, end, *_rest in PlacementRequest.MOVES}
    for start, end in product(PlacementRequest.State.values, PlacementRequest.State.values):
        if (start, end) in table:
            continue
        row.state = start
        with pytest.raises(CannotMove):
            move(row, end, by=scenes.desk(cast), now=NOW)
