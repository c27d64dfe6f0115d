"""The one door for state: who, from where, guarded, once, logged."""

from __future__ import annotations

import datetime as dt

import pytest

from hubs import moves
from hubs.actors import Actor, system
from hubs.errors import CannotAct, CannotBegin, CannotMove
from hubs.models import Invitation, LogEntry
from tests.cast import actor
from tests.race import together


@pytest.fixture
def invitation(cast, now):
    return make_invitation(cast, now)


def make_invitation(cast, now):
    return Invitation.objects.create(
        hub=cast.hub,
        organisation=cast.school,
        email="new@quayside.example",
        role="school_member",
        invited_at=now,
        expires_at=now + dt.timedelta(days=14),
    )


def test_move_changes_state_and_logs_once(cast, invitation, now):
    by = actor(cast.amina, cast.hub, cast.school)
    moves.move(invitation, "revoked", by=by, now=now, reason="wrong address", count=2)
    assert Invitation.objects.get().state == "revoked"
    entry = LogEntry.objects.get()
    assert (entry.verb, entry.from_state, entry.to_state, entry.reason) == (
        "revoked",
        "open",
        "revoked",
        "wrong address",
    )
    assert (entry.by, entry.hat, entry.on_behalf_of_id, entry.via, entry.at) == (
        cast.amina,
        "hub_lead",
        cast.school.pk,
        "page",
        now,
    )
    assert (entry.hub, entry.subject_type, entry.subject_id, entry.facts) == (
        cast.hub,
        "hubs.invitation",
        invitation.pk,
        {"count": 2},
    )


def test_move_sets_other_fields_in_the_same_update(cast, invitation, now):
    moves.move(invitation, "revoked", by=actor(cast.amina, cast.hub), now=now, also={"name": "Gone"})
    stored = Invitation.objects.get()
    assert (stored.name, invitation.name) == ("Gone", "Gone")


def test_move_of_stale_row_is_refused_and_writes_nothing(cast, invitation, now):
    stale = Invitation.objects.get()
    moves.move(invitation, "revoked", by=actor(cast.amina, cast.hub), now=now)
    with pytest.raises(CannotMove):
        moves.move(stale, "revoked", by=actor(cast.amina, cast.hub), now=now)
    assert stale.state == "open"
    assert LogEntry.objects.count() == 1


def test_move_not_in_table_is_refused(cast, invitation, now):
    invitation.state = "revoked"
    with pytest.raises(CannotMove) as refusal:
        moves.move(invitation, "accepted", by=actor(cast.amina, cast.hub), now=now)
    assert refusal.value.sentence == "This is revoked now, so it cannot become accepted."
    assert LogEntry.objects.count() == 0


@pytest.mark.parametrize(
    ("who", "place"),
    [
        ("ben", None),
        ("school_member", "school"),
        ("other_coordinator", "other_school"),
        ("employer_lead", "employer"),
    ],
)
def test_move_by_somebody_without_the_right_is_refused(cast, invitation, now, who, place):
    by = actor(getattr(cast, who), cast.hub, getattr(cast, place) if place else None)
    with pytest.raises(CannotAct):
        moves.move(invitation, "revoked", by=by, now=now)
    assert Invitation.objects.get().state == "open"
    assert LogEntry.objects.count() == 0


def test_move_by_staff_of_another_hub_is_refused(cast, invitation, now):
    with pytest.raises(CannotAct):
        moves.move(invitation, "revoked", by=actor(cast.chloe, cast.hub_b), now=now)


def test_move_by_system_needs_the_table_to_say_so(cast, invitation, now):
    with pytest.raises(CannotAct):
        moves.move(invitation, "accepted", by=system(cast.hub.pk), now=now)


def test_guard_speaks_before_anything_is_written(cast, invitation, now, monkeypatch):
    who = frozenset({"coordinator"})
    monkeypatch.setattr(Invitation, "MOVES", (("open", "revoked", who, lambda row, now: "Not before noon."),))
    with pytest.raises(CannotBegin) as refusal:
        moves.move(invitation, "revoked", by=actor(cast.coordinator, cast.hub, cast.school), now=now)
    assert refusal.value.sentence == "Not before noon."
    assert Invitation.objects.get().state == "open"


def test_open_moves_are_what_this_person_may_choose(cast, invitation):
    assert moves.open_moves(invitation, actor(cast.coordinator, cast.hub, cast.school)) == ["revoked"]
    assert moves.open_moves(invitation, actor(cast.school_member, cast.hub, cast.school)) == []
    invitee = Actor(hat="invitee", via="link", hub_id=cast.hub.pk)
    assert moves.open_moves(invitation, invitee) == ["accepted"]


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_two_at_once_move_once(cast, now):
    invitation = make_invitation(cast, now)
    by = actor(cast.amina, cast.hub)

    def revoke():
        own = Invitation(pk=invitation.pk, hub_id=invitation.hub_id, state="open", organisation=cast.school)
        try:
            moves.move(own, "revoked", by=by, now=now)
        except CannotMove:
            return "refused"
        return "moved"

    assert sorted(together(revoke, revoke, revoke)) == ["moved", "refused", "refused"]
    assert LogEntry.objects.count() == 1
