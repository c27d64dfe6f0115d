"""What a broker reads of a match besides fit: hours, who is prepared, which sector is new."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.urls import reverse

from employers.models import Sector
from hubs.moves import move
from hubs.rulepacks import load_packs
from placements.domain.matching import matches
from placements.models import Encounter, PlacementRequest
from tests import scenes
from tests.cast import NOW

STATEMENTS = 22


@pytest.fixture
def asked(cast) -> PlacementRequest:
    cast.employer.sectors.add(Sector.objects.create(code="making", name="Making things", isic_section="C"))
    return scenes.request(cast, scenes.session(scenes.opportunity(cast.employer)))


def had(cast, student, stage: int) -> None:
    kind = scenes.encounter_type(cast.hub, f"stage{stage}", stage=stage)
    Encounter.objects.create(
        hub=cast.hub, school=cast.school, student=student, encounter_type=kind, employer=cast.employer,
        on=NOW.date(), attended=True, hours=Decimal(1), recorded_at=NOW,
    )  # fmt: skip


def test_who_is_prepared_and_what_is_new(cast, asked):
    (match,) = matches(asked, now=NOW)
    assert (match.prepared, match.new_sectors, match.hours) == ((0, 6), ("Making things",), ())
    had(cast, asked.group.students.first(), 1)
    had(cast, asked.group.students.last(), 2)
    (match,) = matches(asked, now=NOW)
    assert (match.prepared, match.new_sectors) == ((1, 6), ())


def test_a_first_stage_asks_for_nothing_before(cast):
    talk = scenes.encounter_type(cast.hub, "talk", stage=1)
    (match,) = matches(scenes.request(cast, scenes.session(scenes.opportunity(cast.employer, kind=talk))), now=NOW)
    assert match.prepared is None


def test_what_is_too_long_is_said_and_cannot_be_held(cast, client, office):
    load_packs()
    kind = scenes.encounter_type(cast.hub, "days", tier="T3", hours=9)
    wanted = scenes.session(scenes.opportunity(cast.employer, kind=kind), starts=dt.time(9), ends=dt.time(18, 30))
    asked = scenes.request(cast, wanted, draft=True)  # the wish itself is checked when it is sent
    move(asked, "submitted", by=scenes.desk(cast), now=NOW)
    (match,) = matches(asked, now=NOW)
    assert match.hours_block
    assert match.hours[0].startswith("Tue 20 October: 9.5 hours at work that day")
    client.force_login(cast.amina)
    page = client.get(reverse("desk:request", args=[asked.pk])).content.decode()
    assert "9.5 hours at work that day" in page
    assert reverse("desk:hold", args=[asked.pk]) not in page


@pytest.mark.parametrize("count", [1, 3])
def test_it_costs_the_same_for_one_match_and_three(cast, count, django_assert_num_queries):
    offer = scenes.opportunity(cast.employer)
    sessions = [scenes.session(offer, on=scenes.DAY + dt.timedelta(weeks=n)) for n in range(count)]
    sent = scenes.request(cast, sessions[0])
    rows = PlacementRequest.objects.select_related("hub", "school__hub", "group__year_group", "group__school__hub")
    asked = rows.get(pk=sent.pk)
    with django_assert_num_queries(STATEMENTS):
        assert len(matches(asked, now=NOW)) == count
