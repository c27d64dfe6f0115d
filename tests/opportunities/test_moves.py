"""Every row of every MOVES table of this floor, and every move that is not in one."""

import datetime as dt
from dataclasses import replace

import pytest

from employers.models import Document, Interest
from hubs.actors import Actor, system
from hubs.errors import CannotAct, CannotBegin, CannotMove
from hubs.models import EMPLOYER_ROLES, HUB_ROLES, LogEntry, Role
from hubs.moves import move
from opportunities.models import ActionPlan, ActionPlanTemplate, Opportunity, Pathway, PathwayStep, PlanStep, Session
from tests.cast import NOW
from tests.opportunities.making import draft, in_state, kind, session

MODELS = (Opportunity, Session, ActionPlan, ActionPlanTemplate, PlanStep, Pathway, Document, Interest)
HATS = (*Role.values, "system")


def put(cast, model, state):
    """A row of `model` in `state`, complete enough for every guard."""
    if model is Opportunity:
        row = in_state(cast, "draft")
        return force(row, state)
    if model is Session:
        return force(session(draft(cast), cast), state)
    if model is Document:
        row = Document.objects.create(hub=cast.hub, employer=cast.employer, kind="risk", reference="R1", added_at=NOW)
        return force(row, state)
    if model is Interest:
        row = Interest.objects.create(
            hub=cast.hub, name="A firm", person="A", email="a@x.example", size="small", written_at=NOW
        )
        return force(row, state)
    if model is Pathway:
        row = Pathway.objects.create(hub=cast.hub, name="A road", employer=cast.employer, shorter_first=0)
        PathwayStep.objects.create(pathway=row, encounter_type=kind(cast.hub))
        return force(row, state)
    template = ActionPlanTemplate.objects.create(hub=cast.hub, name="A year", state="published")
    if model is ActionPlanTemplate:
        return force(template, state)
    plan = ActionPlan.objects.create(
        hub=cast.hub, employer=cast.employer, template=template, year_starts_on=dt.date(2026, 9, 1),
        year_ends_on=dt.date(2027, 8, 31), adopted_at=NOW,
    )  # fmt: skip
    if model is ActionPlan:
        return force(plan, state)
    step = PlanStep.objects.create(
        hub=cast.hub, employer=cast.employer, plan=plan, title="A talk", due_on=dt.date(2026, 11, 3), reason="none"
    )
    return force(step, state)


def force(row, state):
    type(row).objects.filter(pk=row.pk).update(state=state)
    row.refresh_from_db()
    return row


def wearing(cast, hat) -> Actor:
    """An actor with this hat of the row's own hub and side."""
    if hat == "system":
        return system(cast.hub.pk)
    user = {Role.EMPLOYER_LEAD: cast.employer_lead, Role.EMPLOYER_MEMBER: cast.employer_member}.get(hat, cast.amina)
    organisation = cast.employer.pk if hat in EMPLOYER_ROLES else None
    if hat in (Role.COORDINATOR, Role.SCHOOL_MEMBER):
        user, organisation = cast.coordinator, cast.school.pk
    return Actor(hat=hat, via="page", hub_id=cast.hub.pk, user=user, organisation_id=organisation)


ROWS = [(model, *row[:3]) for model in MODELS for row in model.MOVES]


@pytest.mark.parametrize(("model", "start", "end", "who"), ROWS)
def test_each_move_goes_for_each_of_its_hats_and_for_no_other(cast, model, start, end, who):
    row = put(cast, model, start)
    for hat in HATS:
        force(row, start)
        by = wearing(cast, hat)
        if hat in who:
            move(row, end, by=by, now=NOW)
            assert type(row).objects.get(pk=row.pk).state == end
        else:
            with pytest.raises(CannotAct):
                move(row, end, by=by, now=NOW)
            assert type(row).objects.get(pk=row.pk).state == start


@pytest.mark.parametrize("model", MODELS)
def test_a_move_not_in_the_table_is_refused(cast, model):
    states = [value for value, _label in model._meta.get_field("state").choices]
    allowed = {row[:2] for row in model.MOVES}
    row = put(cast, model, states[0])
    for start in states:
        force(row, start)
        for end in states:
            if (start, end) not in allowed:
                with pytest.raises(CannotMove):
                    move(row, end, by=wearing(cast, Role.HUB_LEAD), now=NOW)
        assert type(row).objects.get(pk=row.pk).state == start


@pytest.mark.parametrize("model", MODELS)
def test_hats_of_another_hub_or_employer_move_nothing(cast, model):
    start, end, _who, *_guard = model.MOVES[0]
    row = put(cast, model, start)
    other_hub = replace(wearing(cast, Role.HUB_LEAD), hub_id=cast.hub_b.pk)
    other_lead = replace(wearing(cast, Role.EMPLOYER_LEAD), organisation_id=cast.other_employer.pk)
    for by in (other_hub, other_lead):
        with pytest.raises(CannotAct):
            move(row, end, by=by, now=NOW)


@pytest.mark.parametrize(("start", "end"), [("draft", "submitted"), ("submitted", "published")])
def test_an_incomplete_opportunity_cannot_be_sent_or_published(cast, start, end):
    row = force(draft(cast), start)
    with pytest.raises(CannotBegin) as refusal:
        move(row, end, by=wearing(cast, Role.HUB_LEAD), now=NOW)
    assert refusal.value.sentence == "Add at least one session that lies ahead."


def test_somebody_elses_move_a_moment_ago_is_said(cast):
    row = in_state(cast, "published")
    stale = Opportunity.objects.get(pk=row.pk)
    move(row, "paused", by=wearing(cast, Role.EMPLOYER_LEAD), now=NOW)
    before = LogEntry.objects.count()
    with pytest.raises(CannotMove):
        move(stale, "withdrawn", by=wearing(cast, Role.HUB_LEAD), now=NOW)
    assert LogEntry.objects.count() == before


def test_the_hub_viewer_is_in_no_table():
    assert [row for row in ROWS if (HUB_ROLES - {Role.HUB_LEAD, Role.CAREERS_MANAGER}) & row[3]] == []
