"""Steps of pathways that requests still ask for stay what they are; everything else of a pathway can change."""

from __future__ import annotations

import pytest
from django.urls import reverse

from hubs.domain.staff import sync_staff
from hubs.errors import Refused
from opportunities.domain import pathways
from opportunities.models import Pathway, PathwayStep
from placements.domain import requests
from placements.domain.wishes import Kind
from placements.models import PlacementRequest, Wish
from tests import scenes
from tests.cast import NOW, actor
from tests.opportunities.test_pathway_rows import panel


@pytest.fixture
def row(cast) -> Pathway:
    pathway = Pathway.objects.create(
        hub=cast.hub, employer=cast.employer, name="To work", state="published", shorter_first=0, other_sector=0
    )
    pathway.employers.set([cast.employer])
    for position, code in enumerate(("talk", "visit")):
        kind = scenes.encounter_type(cast.hub, code, name=code.title())
        PathwayStep.objects.create(pathway=pathway, encounter_type=kind, position=position)
    return pathway


@pytest.fixture
def wish(cast, row) -> Wish:
    group = scenes.group(cast.school)
    by = actor(cast.coordinator, cast.hub, cast.school)
    wished = [Kind.of_step(row.steps.last())]
    requests.request_places(cast.school, group=group, places=group.size, wished=wished, by=by, now=NOW)
    pathways.take_back_pathway(row, by=lead(cast), now=NOW)
    return Wish.objects.get()


def lead(cast):
    return actor(cast.employer_lead, cast.hub, cast.employer)


def change(cast, row, *given) -> None:
    pathways.change_pathway(row, {"about": "Other words."}, given, by=lead(cast), now=NOW)


def test_an_open_wish_keeps_its_step_through_an_edit(cast, row, wish):
    talk, visit = row.steps.all()
    change(cast, row, {"pk": visit.pk, "year_number": 10, "gap_weeks": 2}, {"pk": talk.pk})
    wish.refresh_from_db()
    assert (wish.step, wish.step.position, wish.step.year_number) == (visit, 0, 10)


@pytest.mark.parametrize("how", ["removed", "another kind", "one opportunity"])
def test_a_step_somebody_still_asks_for_does_not_go(cast, row, wish, how):
    talk, visit = row.steps.all()
    other = {
        "removed": [],
        "another kind": [{"pk": visit.pk, "encounter_type": talk.encounter_type}],
        "one opportunity": [{"pk": visit.pk, "opportunity": scenes.opportunity(cast.employer)}],
    }
    with pytest.raises(Refused, match=r"“Visit” is asked for in 1 request of 1 school\. Keep it as it is"):
        change(cast, row, {"pk": talk.pk}, *other[how])
    wish.refresh_from_db()
    row.refresh_from_db()
    assert (wish.step, row.about, row.steps.count()) == (visit, "", 2)


def test_a_step_of_requests_that_are_over_may_go(cast, row, wish):
    talk, visit = row.steps.all()
    PlacementRequest.objects.update(state="withdrawn")
    change(cast, row, {"pk": talk.pk})
    wish.refresh_from_db()
    assert (wish.step, wish.encounter_type, row.steps.get()) == (None, visit.encounter_type, talk)


def test_the_hub_is_told_and_nothing_it_typed_is_lost(client, cast, row, wish):
    sync_staff(cast.hub)
    client.force_login(cast.amina)
    url = reverse("pathways:edit", args=[row.pk])
    told = client.post(url, panel(row, **{"steps-1-DELETE": "on", "about": "Typed."}))
    text = told.content.decode()
    assert (told.status_code, "“Visit” is asked for in 1 request of 1 school" in text, "Typed." in text) == (
        200, True, True,
    )  # fmt: skip
    wish.refresh_from_db()
    assert wish.step == row.steps.last()
    assert client.post(url, panel(row, **{"steps-0-DELETE": "on"})).status_code == 302
    wish.refresh_from_db()
    assert wish.step == row.steps.get()


def test_the_employer_is_told_beside_what_it_typed(client, cast, row, wish):
    client.force_login(cast.employer_lead)
    url = reverse("employer-pathway-edit", args=[row.pk])
    shown = client.get(url)
    fields = [*shown.context["form"], *shown.context["rows"].management_form]
    fields += [field for one in shown.context["rows"] for field in one]
    sent = {one.html_name: "" if one.value() is None else getattr(one.value(), "pk", one.value()) for one in fields}
    told = client.post(url, sent | {"steps-1-encounter_type": "", "about": "Typed."}).content.decode()
    assert ("“Visit” is asked for in 1 request of 1 school" in told, "Typed." in told) == (True, True)
    assert client.post(url, sent | {"about": "Typed."}).status_code == 302
    wish.refresh_from_db()
    assert wish.step == row.steps.last()
