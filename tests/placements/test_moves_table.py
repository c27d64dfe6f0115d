"""Every refusal of the moves tables: each step that is not there, each hat that may not, each guard."""

from __future__ import annotations

import datetime as dt
from itertools import product

import pytest
from django.apps import apps

from hubs.actors import Actor, system
from hubs.errors import CannotAct, CannotBegin, CannotMove
from hubs.models import LogEntry, Requirement, Role
from hubs.moves import check, rows_of
from hubs.rulepacks import load_packs
from placements.domain import answers
from placements.models import AllocationRun, Amendment, Clearance, Placement, ReplyFile, SessionMove
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


def rows(cast) -> list:
    """One row of each other table of moves."""
    load_packs()
    placement = scenes.placement(cast)
    own = {"hub": cast.hub, "school": cast.school, "placement": placement}
    asked = SessionMove.objects.create(
        hub=cast.hub, employer=cast.employer, session=placement.session, days=[], asked_at=NOW
    )
    clearance = Clearance.objects.create(
        **own, responsible="school", blocks="start", due_on=NOW.date(),
        requirement=Requirement.objects.order_by("pk").first(),
    )  # fmt: skip
    amendment = Amendment.objects.create(**own, changes={}, asks=[], session_move=asked, proposed_at=NOW)
    return [placement.request, asked, clearance, amendment]


def test_no_other_table_lets_anybody_step_outside_it_or_act_without_the_hat(cast):
    for row in rows(cast):
        table = {(start, end): who for start, end, who, *_guard in row.MOVES}
        states = [state for state, _name in row._meta.get_field("state").choices]
        for start, end in product(states, states):
            row.state = start
            for name in HATS:
                if (start, end) not in table:
                    with pytest.raises(CannotMove):
                        check(row, end, by=hat(cast, name), now=NOW)
                elif name not in table[start, end]:
                    with pytest.raises(CannotAct):
                        check(row, end, by=hat(cast, name), now=NOW)


def test_every_other_guard_says_why(cast):
    *others, amendment = rows(cast)
    assert [(start, end) for row in others for start, end, _who, guard in rows_of(row) if guard] == []
    assert [(start, end) for start, end, _who, guard in rows_of(amendment) if guard] == [("agreed", "refused")]
    amendment.state = "agreed"
    check(amendment, "refused", by=system(cast.hub.pk), now=NOW)
    for settled in ("done", None):
        if settled:
            amendment.session_move.state = settled
        else:
            amendment.session_move = None
        with pytest.raises(CannotBegin, match=r"^This change is settled already\.$"):
            check(amendment, "refused", by=system(cast.hub.pk), now=NOW)


def test_every_table_of_this_floor_is_tried(cast):
    """But for files in answers by mail, which `test_replies` tries, and the allocation, which has no verbs yet."""
    stateful = {model for model in apps.get_app_config("placements").get_models() if hasattr(model, "MOVES")}
    assert stateful - {Placement, *map(type, rows(cast))} == {AllocationRun, ReplyFile}
