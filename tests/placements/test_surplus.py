"""Several employers asked for one request: what one binds, no other binds again."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from hubs.errors import CannotMove
from hubs.models import LogEntry, Message
from placements.domain import answers, brokering, capacity, surplus, waiting
from placements.models import Placement
from tests import scenes
from tests.cast import NOW, actor
from tests.race import together


def lead(cast, employer):
    who = cast.employer_lead if employer == cast.employer else cast.other_lead
    return actor(who, cast.hub, employer)


@pytest.fixture
def asked(cast):
    """A request for six that two employers hold places for, on different days; both are asked."""
    return asking(cast, 6)


def asking(cast, *places: int, of: int = 6) -> list[Placement]:
    """Placements of one request for `of`: each employer in turn is asked for so many places."""
    offers = [scenes.opportunity(cast.employer), scenes.opportunity(cast.other_employer)]
    both = [scenes.session(offer, on=scenes.DAY + dt.timedelta(days=n)) for n, offer in enumerate(offers)]
    request = scenes.request(cast, both[0], of=scenes.group(cast.school, size=of), places=of)
    rows = []
    for session, many in zip(both, places * 2 if len(places) == 1 else places, strict=True):
        rows.append(brokering.hold(request, session, many, by=scenes.desk(cast), now=NOW))
        brokering.offer(rows[-1], by=scenes.desk(cast), now=NOW)
    return rows


def states(rows) -> list[str]:
    """As they are now; what is agreed is "bound", with clearances to do or without."""
    found = [Placement.objects.get(pk=row.pk).state for row in rows]
    return ["bound" if state in ("accepted", "ready") else state for state in found]


def test_a_yes_takes_back_what_another_was_asked_for_the_same_students(cast, asked):
    first, second = asked
    answers.accept(first, by=lead(cast, cast.employer), now=NOW)
    assert states(asked) == ["bound", "withdrawn"]
    told = Message.objects.filter(kind="placement-withdrawn").values_list("organisation", flat=True)
    assert set(told) == {cast.other_employer.pk}
    entry = LogEntry.objects.about(second).get(verb="withdrawn")
    assert (entry.hat, entry.facts["because"]) == ("system", "found_elsewhere")
    with pytest.raises(CannotMove):
        answers.accept(Placement.objects.get(pk=second.pk), by=lead(cast, cast.other_employer), now=NOW)
    assert capacity.recount() == []


def test_a_hold_is_released_and_goes_to_who_waits(cast):
    offer = scenes.opportunity(cast.employer)
    request = scenes.request(cast, scenes.session(offer), of=scenes.group(cast.school))
    full = scenes.session(offer, on=scenes.DAY + dt.timedelta(days=1), places=6)
    first, second = (
        brokering.hold(request, session, by=scenes.desk(cast), now=NOW)
        for session in (request.wishes.get().session, full)
    )
    other = scenes.request(cast, full, of=scenes.group(cast.school, "10B"))
    waiting.join(other, full, by=scenes.desk(cast), now=NOW)
    brokering.offer(first, by=scenes.desk(cast), now=NOW)
    answers.accept(first, by=lead(cast, cast.employer), now=NOW)
    assert states([first, second]) == ["bound", "released"]
    assert Placement.objects.get(request=other).state == "held"
    assert capacity.recount() == []


def test_a_request_split_between_two_keeps_both(cast):
    rows = asking(cast, 6, 4, of=10)
    for row, employer in zip(rows, (cast.employer, cast.other_employer), strict=True):
        answers.accept(Placement.objects.get(pk=row.pk), by=lead(cast, employer), now=NOW)
    assert states(rows) == ["bound", "bound"]


def test_a_series_is_bound_whole_and_counts_once(cast):
    offer = scenes.opportunity(cast.employer)
    weeks = [scenes.session(offer, on=scenes.DAY + dt.timedelta(weeks=n)) for n in range(3)]
    request = scenes.request(cast, weeks[0])
    series = brokering.hold_series(request, weeks, by=scenes.desk(cast), now=NOW)
    elsewhere = scenes.session(scenes.opportunity(cast.other_employer), on=scenes.DAY + dt.timedelta(days=1))
    other = brokering.hold(request, elsewhere, by=scenes.desk(cast), now=NOW)
    for row in series:
        brokering.offer(row, by=scenes.desk(cast), now=NOW)
    for row in series:
        answers.accept(Placement.objects.get(pk=row.pk), by=lead(cast, cast.employer), now=NOW)
    assert states([*series, other]) == ["bound"] * 3 + ["released"]


def both_at_once(cast, rows) -> list:
    calls = [
        lambda row=row, employer=employer: answers.accept(
            Placement.objects.get(pk=row.pk), by=lead(cast, employer), now=NOW
        )
        for row, employer in zip(rows, (cast.employer, cast.other_employer), strict=True)
    ]
    return together(*calls)


@pytest.mark.needs_postgresql
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_two_yeses_at_once_bind_once(cast, asked):
    results = both_at_once(cast, asked)
    assert sorted(states(asked)) == ["bound", "withdrawn"]
    assert [type(result) for result in results if result is not None] in ([], [CannotMove])
    assert capacity.recount() == []


@pytest.mark.needs_postgresql
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_without_letting_go_both_bind(cast, asked, monkeypatch):
    """The negative control of the race above."""
    monkeypatch.setattr(surplus, "let_go", lambda placement, others, *, now: None)
    results = both_at_once(cast, asked)
    assert states(asked) == ["bound", "bound"], results


def test_what_was_held_between_two_locks_is_not_overlooked(cast, asked, monkeypatch):
    """The session of a hold made meanwhile is not locked, and locking it now could end in a ring."""
    monkeypatch.setattr(capacity, "lock", lambda ids: {})
    with pytest.raises(CannotMove, match="a moment ago"):
        surplus.lock_others(asked[0])


def test_the_back_office_takes_an_offer_back(client, cast, office, asked):
    client.force_login(cast.amina)
    row = asked[0]
    url = reverse("placements:act", args=[row.pk, "withdraw"])
    client.post(url, {"text": "The school was closed."})
    assert states([row]) == ["withdrawn"]
