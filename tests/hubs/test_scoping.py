"""Who sees which row: strangers none, members their own, hub staff all of their hub."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db.models import Q

from hubs.models import Membership, Note, Organisation

ALL_A = {"Quayside School", "Northgate College", "Brightwater Engineering", "Saffron Bakery"}
ALL_B = {"Tarn Academy", "Fellside Joinery"}


def names(user) -> set[str]:
    return set(Organisation.objects.visible_to(user).values_list("name", flat=True))


def fresh(user):
    """Forget the memberships read so far, as the next request would."""
    user.__dict__.pop("live_memberships", None)
    return user


def test_organisations_visible_to_each_person(cast):
    assert names(cast.amina) == ALL_A
    assert names(cast.ben) == ALL_A
    assert names(cast.chloe) == ALL_B
    assert names(cast.coordinator) == {"Quayside School"}
    assert names(cast.school_member) == {"Quayside School"}
    assert names(cast.employer_lead) == {"Brightwater Engineering"}
    assert names(cast.root) == ALL_A | ALL_B
    assert names(AnonymousUser()) == set()


def test_organisations_invisible_without_membership(cast):
    cast.coordinator.memberships.all().delete()
    assert names(fresh(cast.coordinator)) == set()


@pytest.mark.parametrize("who", ["amina", "coordinator", "root"])
def test_inactive_person_sees_nothing(cast, who):
    user = getattr(cast, who)
    user.is_active = False
    assert names(user) == set()


def test_person_of_two_hubs_sees_both_places_only(cast):
    Membership.objects.create(
        user=cast.employer_lead, hub=cast.hub_b, organisation=cast.employer_b, role="employer_member"
    )
    assert names(fresh(cast.employer_lead)) == {"Brightwater Engineering", "Fellside Joinery"}


def test_memberships_visible_to_own_organisation_only(cast):
    def seen(user):
        return set(Membership.objects.visible_to(user).values_list("user__email", flat=True))

    assert seen(cast.coordinator) == {"coordinator@quayside.example", "tutor@quayside.example"}
    assert seen(cast.chloe) == {"chloe@fells.example", "coordinator@tarn.example", "lead@fellside.example"}
    assert len(seen(cast.amina)) == 8


def test_closed_hub_hides_its_rows(cast):
    cast.hub.is_active = False
    cast.hub.save()
    assert names(fresh(cast.amina)) == set()


def test_seen_by_pair_narrows_by_state(cast, now, monkeypatch):
    fields = {"hub": cast.hub, "organisation": cast.school, "written_at": now}
    Note.objects.create(**fields, text="open")
    done = Note.objects.create(**fields, text="done", next_contact_on=now.date())
    monkeypatch.setattr(Note, "seen_by", (("organisation_id", Q(next_contact_on__isnull=False)),))
    assert list(Note.objects.visible_to(cast.coordinator)) == [done]
    assert list(Note.objects.visible_to(cast.other_coordinator)) == []
    assert Note.objects.visible_to(cast.amina).count() == 2


def test_open_in_hub_opens_to_members_of_that_hub_only(cast, now, monkeypatch):
    shared = Note.objects.create(hub=cast.hub, organisation=cast.school, text="shared", written_at=now)
    Note.objects.create(hub=cast.hub, organisation=cast.school, text="private", written_at=now)
    monkeypatch.setattr(Note, "open_in_hub", Q(text="shared"))
    assert list(Note.objects.visible_to(cast.other_lead)) == [shared]
    assert list(Note.objects.visible_to(cast.employer_lead_b)) == []
    assert list(Note.objects.visible_to(AnonymousUser())) == []


def test_notes_are_the_hubs_own(cast, now):
    Note.objects.create(hub=cast.hub, organisation=cast.school, text="mine", written_at=now)
    people = (cast.amina, cast.ben, cast.coordinator, cast.chloe)
    assert [Note.objects.visible_to(person).count() for person in people] == [1, 1, 0, 0]


def test_visible_to_reads_memberships_once(cast, django_assert_num_queries):
    fresh(cast.coordinator)
    with django_assert_num_queries(3):
        list(Organisation.objects.visible_to(cast.coordinator))
        list(Membership.objects.visible_to(cast.coordinator))
