"""A recommendation goes on the plan once, whoever clicks and when."""

from __future__ import annotations

import datetime as dt
import threading

import pytest
from django.db import connections

from employers import assessing, framing
from employers.models import SelfAssessment
from hubs.actors import system
from hubs.errors import CannotAct, Refused
from insights import planning
from opportunities.domain import plans
from opportunities.models import ActionPlanTemplate, PlanStep
from tests.cast import NOW, actor
from tests.employers.assessments import sent

DAY = dt.timedelta(days=1)


@pytest.fixture
def by(cast):
    return actor(cast.employer_lead, cast.hub, cast.employer)


def adopted(cast, by):
    template = ActionPlanTemplate.objects.create(hub=cast.hub, name="A first year", state="published")
    return plans.adopt(template, cast.employer, by=by, now=NOW)


def plan_first(row: SelfAssessment, by, *, now=NOW, language: str = "en", number: int = 0) -> PlanStep:
    return planning.plan_recommended(row, "A1", number, language=language, by=by, now=now)


def code_of(why: pytest.ExceptionInfo) -> str:
    return why.value.code


def test_what_was_not_sent_recommends_nothing(cast, by):
    adopted(cast, by)
    framing.load_framework(cast.hub, by=system(), now=NOW)
    with pytest.raises(Refused) as why:
        plan_first(assessing.start(cast.employer, by=by, now=NOW), by)
    assert code_of(why) == "not_sent"


def test_each_refusal_has_its_code_and_adds_nothing(cast, by):
    row = sent(cast.employer, by)
    with pytest.raises(Refused) as no_plan:
        plan_first(row, by)
    adopted(cast, by)
    with pytest.raises(Refused) as unknown:
        plan_first(row, by, number=99)
    with pytest.raises(Refused) as below:
        plan_first(row, by, number=-1)
    with pytest.raises(CannotAct):
        plan_first(row, actor(cast.other_lead, cast.hub, cast.other_employer))
    assert not PlanStep.objects.exists()
    plan_first(row, by)
    with pytest.raises(Refused) as twice:
        plan_first(row, by, language="de")
    codes = [code_of(one) for one in (no_plan, unknown, below, twice)]
    assert (codes, PlanStep.objects.count()) == (["no_plan", "unknown_step", "unknown_step", "planned_already"], 1)


def test_it_is_due_in_six_weeks_on_a_working_day_and_never_after_the_plan(cast, by):
    plan, row = adopted(cast, by), sent(cast.employer, by)
    saturday = dt.datetime(2026, 9, 19, 12, tzinfo=dt.UTC)
    late = dt.datetime.combine(plan.year_ends_on - 7 * DAY, dt.time(12), dt.UTC)
    due = [plan_first(row, by, now=saturday).due_on, plan_first(row, by, now=late, number=1).due_on]
    assert due[0] == dt.date(2026, 10, 30)  # the Friday before
    assert plan.year_ends_on - 4 * DAY <= due[1] <= plan.year_ends_on


@pytest.mark.needs_postgresql
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
@pytest.mark.parametrize(("locked", "steps"), [(True, 1), (False, 2)])
def test_two_clicks_at_once_put_it_on_the_plan_once(cast, by, monkeypatch, locked, steps):
    """Without the lock, the negative control, both find nothing there."""
    adopted(cast, by)
    row, add = sent(cast.employer, by), plans.add_step
    told = []

    def click() -> None:
        try:
            plan_first(SelfAssessment.objects.get(pk=row.pk), by)
        except Refused as refusal:
            told.append(refusal.code)
        finally:
            connections.close_all()

    colleague = threading.Thread(target=click)

    def add_late(*args, **kwargs) -> PlanStep:
        if threading.current_thread() is threading.main_thread():
            colleague.start()
            colleague.join(timeout=1)
        return add(*args, **kwargs)

    monkeypatch.setattr(plans, "add_step", add_late)
    if not locked:
        monkeypatch.setattr(planning, "lock_rows", lambda rows: None)
    plan_first(row, by)
    colleague.join(timeout=60)
    assert (PlanStep.objects.count(), told) == (steps, ["planned_already"] * (2 - steps))
