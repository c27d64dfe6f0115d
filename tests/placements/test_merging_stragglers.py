"""What was written to a record put away comes after it, whatever it is, and one that is refused stops no other."""

from __future__ import annotations

import datetime as dt

import pytest

from employers import badges, framing
from employers.models import Badge, Contact, Employer
from hubs.actors import system
from hubs.domain.people import invite
from hubs.errors import Refused
from hubs.models import Invitation, Role
from opportunities.models import ActionPlan
from placements.domain import merging
from placements.domain.merging import gather_stragglers, merge
from tests.cast import NOW, actor
from tests.employers.assessments import confirmed
from tests.placements.test_merging import LATER, plan_of


@pytest.fixture
def desk(cast):
    return actor(cast.amina, cast.hub)


def merged(cast, desk) -> tuple[Employer, Employer]:
    stays, goes = cast.employer, cast.other_employer
    merge(stays, goes, by=desk, now=NOW)
    return stays, goes


@pytest.mark.slow
def test_a_plan_an_invitation_and_a_badge_of_which_there_is_one_already_come_by_the_job(cast, desk):
    framework = framing.load_framework(cast.hub, by=system(), now=NOW)
    assert framework.state == "published"
    stays, goes = cast.employer, cast.other_employer
    for employer, lead, at in ((stays, cast.employer_lead, NOW), (goes, cast.other_lead, LATER)):
        by = actor(lead, cast.hub, employer)
        badges.issue(confirmed(employer, by, desk), by=by, now=at)
        invite(cast.hub, employer, email="ann@mill.example", role=Role.EMPLOYER_MEMBER, by=desk, now=NOW)
        plan_of(employer)
    merged(cast, desk)
    # Somebody who began before the merge writes these to the record that went.
    late = Badge.objects.get(state="live")
    Badge.objects.filter(pk=late.pk).update(employer=goes)
    Badge.objects.filter(employer=stays, state="withdrawn").update(state="live", withdrawn_at=None)
    Invitation.objects.filter(state="revoked").update(state="open", organisation=goes)
    ActionPlan.objects.filter(state="abandoned").update(state="active", employer=goes)
    assert gather_stragglers(LATER) >= 3
    assert sorted(Badge.objects.filter(employer=stays).values_list("state", flat=True)) == ["live", "withdrawn"]
    assert sorted(ActionPlan.objects.filter(employer=stays).values_list("state", flat=True)) == ["abandoned", "active"]
    assert sorted(Invitation.objects.filter(organisation=stays).values_list("state", flat=True)) == ["open", "revoked"]


def test_one_record_that_is_refused_stops_no_other(cast, desk, monkeypatch):
    stays, first = merged(cast, desk)
    second = Employer.objects.create(hub=cast.hub, name="Third")
    merge(stays, second, by=desk, now=NOW)
    for goes in (first, second):
        Contact.objects.create(hub=cast.hub, employer=goes, name=f"Late at {goes}")
    gather = merging._gather

    def refusing(goes: Employer, now: dt.datetime) -> int:
        if goes.pk == first.pk:
            raise Refused("No.")
        return gather(goes, now)

    monkeypatch.setattr(merging, "_gather", refusing)
    assert gather_stragglers(LATER) == 1
    assert list(Contact.objects.filter(employer=stays).values_list("name", flat=True)) == ["Late at Third"]
