"""Whoever locks more than one kind of row does so in the one order: sessions, caps, placement, request, students.

Read from the statements themselves: a deadlock needs two who come at the same moment, this needs one.
"""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from opportunities.domain import caps, sessions
from placements.domain import amending, answers, requests, waiting
from placements.models import Amendment, Placement, PlacementRequest
from tests import scenes
from tests.cast import NOW, actor

pytestmark = pytest.mark.needs_postgresql
ORDER = (
    "opportunities_session", "opportunities_cap", "placements_placement", "placements_placementrequest",
    "schools_student",
)  # fmt: skip
LOCKS = re.compile(r'FROM "(\w+)".* FOR NO KEY UPDATE', re.DOTALL)
WRITES = re.compile(r'^UPDATE "(\w+)"')


def first_locks(queries) -> dict[str, bool]:
    """The tables of ORDER in the order in which their first row is held, each with whether it was waited for."""
    found: dict[str, bool] = {}
    for one in queries:
        match = LOCKS.search(one["sql"]) or WRITES.match(one["sql"])
        if match and match[1] in ORDER:
            found.setdefault(match[1], "SKIP LOCKED" not in one["sql"])
    return found


def out_of_order(found: dict[str, bool]) -> list[tuple[str, str]]:
    """(held, waited for) wherever somebody who holds a later kind of row waits for an earlier one."""
    names = list(found)
    return [
        (held, wanted)
        for place, wanted in enumerate(names)
        if found[wanted]
        for held in names[:place]
        if ORDER.index(held) > ORDER.index(wanted)
    ]


@pytest.fixture
def crowded(cast) -> Placement:
    """A session that is full and asked about, with a line of others behind it, and a cap over the employer."""
    offer = scenes.opportunity(cast.employer)
    session = scenes.session(offer, places=6)
    scenes.session(offer, on=scenes.DAY + dt.timedelta(days=1), places=6)
    caps.set_cap(
        cast.hub, {"employer": cast.employer, "per": "employer_month", "most": 50}, by=scenes.desk(cast), now=NOW
    )
    row = scenes.placement(cast, state="offered", wanted=session)
    for number in range(2):
        waits = scenes.request(cast, session, of=scenes.group(cast.school, f"9{number}", size=3))
        waiting.join(waits, session, by=scenes.desk(cast), now=NOW)
    return row


def lead(cast):
    return actor(cast.employer_lead, cast.hub, cast.employer)


def accepted(cast, row: Placement) -> Placement:
    answers.accept(row, by=lead(cast), now=NOW)
    return Placement.objects.get(pk=row.pk)


def change(cast, row: Placement) -> Amendment:
    other = row.session.opportunity.sessions.exclude(pk=row.session_id).get()
    row = accepted(cast, row)
    return amending.propose(
        row, session=other, reason="Ill", by=actor(cast.coordinator, cast.hub, cast.school), now=NOW
    )


VERBS = {
    "decline": (lambda cast, row: row, lambda cast, row: answers.decline(row, "Full", by=lead(cast), now=NOW)),
    "cancel": (accepted, lambda cast, row: answers.cancel(row, "Strike", by=lead(cast), now=NOW)),
    "withdraw": (
        lambda cast, row: row.request,
        lambda cast, row: requests.withdraw_request(row, by=scenes.desk(cast), now=NOW),
    ),
    "amend": (change, lambda cast, row: amending.agree(row, by=lead(cast), now=NOW)),
    "more places": (
        lambda cast, row: row.session,
        lambda cast, row: sessions.change_places(row, 12, by=lead(cast), now=NOW),
    ),
    "job": (
        lambda cast, row: type(row.session).objects.filter(pk=row.session_id).update(places=12),
        lambda cast, row: waiting.promote_due(NOW),
    ),
}


@pytest.mark.parametrize("verb", VERBS)
def test_rows_are_locked_in_the_one_order(cast, crowded, verb):
    prepare, act = VERBS[verb]
    row = prepare(cast, crowded)
    with CaptureQueriesContext(connection) as seen:
        act(cast, row)
    found = first_locks(seen.captured_queries)
    assert {"opportunities_session", "opportunities_cap", "placements_placementrequest"} <= found.keys()
    assert out_of_order(found) == []
    # The line was served, so that every kind of row was locked by the one transaction.
    assert PlacementRequest.objects.filter(placements__state="held").count() >= 1
