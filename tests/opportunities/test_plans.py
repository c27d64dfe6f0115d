"""Adopting a template, and what becomes of its steps."""

import datetime as dt

import pytest
from django.urls import reverse

from employers.framing import load_framework, standards_named
from hubs.actors import system
from hubs.errors import CannotAct, Refused
from hubs.models import LogEntry, Message
from hubs.outbox import KINDS
from opportunities.domain import plans, templates
from opportunities.domain.library import load_day_plans, load_templates, load_types
from opportunities.models import FLAGS, ActionPlan, ActionPlanTemplate, DayPlan, EncounterType, PlanStep, TemplateStep
from opportunities.timing import Timed, dates_for
from schools.models import Closure
from tests.cast import NOW, actor
from tests.opportunities.making import lead, staff


@pytest.fixture
def library(cast):
    load_types(cast.hub)
    load_templates(cast.hub, by=staff(cast), now=NOW)
    return ActionPlanTemplate.objects.get(hub=cast.hub, name__startswith="A first year")


def year(*weeks):
    """Steps that count from the academic year."""
    return [Timed(number, week) for number, week in enumerate(weeks)]


def days_of(plan):
    return list(plan.steps.order_by("position").values_list("due_on", flat=True))


def test_the_library_loads_once_and_keeps_edits(cast, library):
    kind = EncounterType.objects.get(hub=cast.hub, code="talk")
    kind.name = "Our talk"
    kind.save()
    again = (load_types(cast.hub), load_templates(cast.hub, by=staff(cast), now=NOW))
    kind.refresh_from_db()
    assert (again, kind.name, EncounterType.objects.filter(hub=cast.hub).count()) == ((0, 0), "Our talk", 26)


def test_templates_of_the_library_count_their_hours(cast, library):
    hours = {t.name: float(t.hours) for t in ActionPlanTemplate.objects.filter(hub=cast.hub)}
    assert hours == {
        "A first year in an hour a term": 8.0,
        "From talks to a work-experience week": 61.0,
        "A course inside the company": 1388.0,
    }


def test_each_step_of_the_library_serves_a_standard_that_ships(cast, library):
    load_framework(cast.hub, by=system(), now=NOW)
    known = standards_named(cast.hub.pk)
    steps = TemplateStep.objects.filter(template__hub=cast.hub)
    assert {step.standard for step in steps} == set(known)
    required = {step: set(step.encounter_type.required_flags) if step.encounter_type else set() for step in steps}
    assert [step for step in steps if not required[step] <= set(step.flags) <= set(FLAGS)] == []


def test_day_plans_load(cast):
    assert load_day_plans(cast.hub) == DayPlan.objects.filter(hub=cast.hub).count() == 10


def test_adopting_dates_each_step_on_a_working_day(cast, library):
    plan = plans.adopt(library, cast.employer, by=lead(cast), now=NOW)
    # 1 September 2026 is a Tuesday; week 1 lies before 15 September, and the briefing comes three weeks after it.
    assert days_of(plan) == [
        dt.date(2026, 9, 29),
        dt.date(2026, 10, 20),
        dt.date(2026, 10, 27),
        dt.date(2027, 1, 5),
        dt.date(2027, 3, 2),
        dt.date(2027, 5, 11),
    ]


def test_steps_copy_words_and_belong_to_who_adopted(cast, library):
    plan = plans.adopt(library, cast.employer, by=lead(cast), now=NOW)
    step = plan.steps.get(position=2)
    assert (step.title, step.encounter_type.code, step.places, step.standard, step.owner) == (
        "Give a talk with time for questions", "talk", 30, "good-hosting:B1", cast.employer_lead,
    )  # fmt: skip


def test_hub_staff_adopting_for_an_employer_own_no_steps(cast, library):
    plan = plans.adopt(library, cast.employer, by=actor(cast.amina, cast.hub, cast.employer), now=NOW)
    assert set(plan.steps.values_list("owner", flat=True)) == {None}
    entry = LogEntry.objects.about(plan).get()
    assert (entry.by, entry.on_behalf_of_id) == (cast.amina, cast.employer.pk)


@pytest.mark.parametrize(
    ("week", "jurisdiction", "due"),
    [
        (0, "GB-ENG", dt.date(2026, 9, 1)),
        (16, "GB-ENG", dt.date(2026, 12, 22)),
        (17, "GB-ENG", dt.date(2026, 12, 29)),
    ],
)
def test_a_date_keeps_its_weekday_when_it_is_a_working_day(week, jurisdiction, due):
    assert dates_for(year(week), dt.date(2026, 9, 1), dt.date(2026, 9, 1), jurisdiction) == [due]


def test_dates_skip_weekends_and_public_holidays():
    # Friday 25 December, Saturday 26, Sunday 27, and Monday 28 (a substitute day in England).
    assert dates_for(year(0), dt.date(2026, 12, 25), dt.date(2026, 12, 1), "GB-ENG") == [dt.date(2026, 12, 29)]
    assert dates_for(year(0), dt.date(2026, 12, 25), dt.date(2026, 12, 1), "FR") == [dt.date(2026, 12, 28)]


def test_late_adoption_keeps_the_order_of_steps_and_gives_each_a_week():
    dates = dates_for(year(1, 4, 9, 12), dt.date(2026, 9, 1), dt.date(2026, 10, 28), "GB-ENG")
    assert dates == [dt.date(2026, 11, 11), dt.date(2026, 11, 18), dt.date(2026, 11, 18), dt.date(2026, 11, 24)]


def to_the_end(cast, *weeks):
    """A template of steps in these weeks, of a hub whose schools close from 21 July to 31 August 2027."""
    Closure.objects.create(
        hub=cast.hub, school=cast.school, name="Summer", starts_on=dt.date(2027, 7, 21), ends_on=dt.date(2027, 8, 31)
    )
    template = ActionPlanTemplate.objects.create(hub=cast.hub, name="To the end", state="published")
    for week in weeks:
        TemplateStep.objects.create(template=template, title=f"Week {week}", week=week)
    return template


def test_no_step_is_due_after_the_plans_year(client, cast, monkeypatch):
    template = to_the_end(cast, 45, 47, 51)
    due = [dt.date(2027, 7, 13), dt.date(2027, 7, 20), dt.date(2027, 7, 20)]
    monkeypatch.setattr("hubs.middleware.timezone.now", lambda: NOW)
    client.force_login(cast.employer_lead)
    shown = client.get(reverse("employer-plan-template", args=[template.pk])).context["steps"]
    assert [step["due"] for step in shown] == due
    assert days_of(plans.adopt(template, cast.employer, by=lead(cast), now=NOW)) == due


@pytest.mark.parametrize(
    ("today", "due"),
    [
        (dt.date(2027, 7, 19), dt.date(2027, 7, 20)),
        (dt.date(2027, 7, 22), dt.date(2027, 8, 31)),  # none is open any more
        (dt.date(2027, 9, 3), dt.date(2027, 8, 31)),
    ],
)
def test_late_steps_stay_in_the_year_that_is_nearly_over(today, due):
    summer = {dt.date(2027, 7, 21) + dt.timedelta(days=n) for n in range(42)}
    first = dt.date(2026, 9, 1)
    assert dates_for(year(40, 51), first, today, "GB-ENG", summer, last=dt.date(2027, 8, 31)) == [due, due]


def test_a_plan_adopted_at_the_very_end_of_the_year_is_for_the_next(cast, library):
    late = dt.datetime(2027, 7, 20, 9, tzinfo=dt.UTC)
    plan = plans.adopt(library, cast.employer, by=lead(cast), now=late)
    assert (plan.year_starts_on, plan.year_ends_on) == (dt.date(2027, 9, 1), dt.date(2028, 8, 31))


def test_adopting_twice_is_refused_and_after_giving_up_allowed(cast, library):
    plan = plans.adopt(library, cast.employer, by=lead(cast), now=NOW)
    with pytest.raises(Refused) as refusal:
        plans.adopt(library, cast.employer, by=lead(cast), now=NOW)
    assert refusal.value.code == "already_adopted"
    plans.abandon_plan(plan, "We move house.", by=lead(cast), now=NOW)
    plans.adopt(library, cast.employer, by=lead(cast), now=NOW)
    with pytest.raises(Refused):
        plans.restart_plan(plan, by=lead(cast), now=NOW)
    assert list(ActionPlan.objects.order_by("pk").values_list("state", flat=True)) == ["abandoned", "active"]


def test_a_new_version_is_the_same_plan_for_adopting(cast, library):
    plans.adopt(library, cast.employer, by=lead(cast), now=NOW)
    newer = templates.new_version(library, by=staff(cast), now=NOW)
    templates.publish_template(newer, by=staff(cast), now=NOW)
    with pytest.raises(Refused):
        plans.adopt(newer, cast.employer, by=lead(cast), now=NOW)


def test_strangers_adopt_nothing(cast, library):
    for by in (actor(cast.other_lead, cast.hub, cast.other_employer), actor(cast.ben, cast.hub)):
        with pytest.raises(CannotAct):
            plans.adopt(library, cast.employer, by=by, now=NOW)
    by = actor(cast.employer_lead_b, cast.hub_b, cast.employer_b)
    with pytest.raises(Refused):
        plans.adopt(library, cast.employer_b, by=by, now=NOW)
    assert ActionPlan.objects.count() == 0


def test_a_new_version_copies_steps_and_retires_the_old(cast, library):
    newer = templates.new_version(library, by=staff(cast), now=NOW)
    assert (newer.version, newer.state, newer.follows, newer.steps.count()) == (2, "draft", library, 6)
    served = [list(one.steps.values_list("standard", "flags")) for one in (library, newer)]
    assert served[0] == served[1]
    with pytest.raises(Refused):
        templates.new_version(library, by=staff(cast), now=NOW)
    templates.publish_template(newer, by=staff(cast), now=NOW)
    library.refresh_from_db()
    assert (newer.state, library.state) == ("published", "retired")


def test_a_template_without_steps_is_not_published(cast):
    empty = ActionPlanTemplate.objects.create(hub=cast.hub, name="Empty")
    with pytest.raises(Refused):
        templates.publish_template(empty, by=staff(cast), now=NOW)


@pytest.fixture
def step(cast, library):
    return plans.adopt(library, cast.employer, by=lead(cast), now=NOW).steps.get(position=2)


def test_steps_are_done_reopened_and_skipped_with_a_reason(cast, step):
    plans.complete_step(step, by=lead(cast), now=NOW)
    assert (step.state, step.done_at) == ("done", NOW)
    plans.reopen_step(step, by=lead(cast), now=NOW)
    assert (step.state, step.done_at) == ("planned", None)
    with pytest.raises(Refused):
        plans.skip_step(step, "  ", by=lead(cast), now=NOW)
    plans.skip_step(step, "Nobody free", by=lead(cast), now=NOW)
    step.refresh_from_db()
    assert (step.state, step.reason) == ("skipped", "Nobody free")


@pytest.mark.parametrize("day", [dt.date(2026, 9, 14), dt.date(2027, 9, 1)])
def test_a_step_moves_only_inside_the_rest_of_the_year(cast, step, day):
    with pytest.raises(Refused):
        plans.move_step(step, day, by=lead(cast), now=NOW)


def test_a_step_moves_and_is_given_to_a_member(cast, step):
    plans.move_step(step, dt.date(2026, 11, 4), by=lead(cast), now=NOW)
    plans.assign_step(step, cast.employer_member, by=lead(cast), now=NOW)
    step.refresh_from_db()
    assert (step.due_on, step.owner) == (dt.date(2026, 11, 4), cast.employer_member)
    with pytest.raises(Refused):
        plans.assign_step(step, cast.coordinator, by=lead(cast), now=NOW)
    plans.complete_step(step, by=lead(cast), now=NOW)
    with pytest.raises(Refused):
        plans.move_step(step, dt.date(2026, 11, 5), by=lead(cast), now=NOW)


def test_an_own_step_is_added_at_the_end(cast, step):
    added = plans.add_step(step.plan, title=" Tea ", due_on=dt.date(2026, 12, 1), by=lead(cast), now=NOW)
    assert (added.title, added.position, added.encounter_type) == ("Tea", 6, None)


def test_a_plan_completes_when_no_step_is_planned(cast, step):
    with pytest.raises(Refused):
        plans.complete_plan(step.plan, by=lead(cast), now=NOW)
    PlanStep.objects.filter(plan=step.plan).update(state="done")
    plans.complete_plan(step.plan, by=lead(cast), now=NOW)
    assert step.plan.state == "completed"


def test_reminders_are_queued_once_for_soon_and_for_late(cast, step):
    def remind(day):
        return plans.queue_step_reminders(dt.datetime.combine(day, dt.time(1), tzinfo=dt.UTC))

    PlanStep.objects.exclude(pk=step.pk).update(state="done")
    assert step.due_on == dt.date(2026, 10, 27)
    runs = [dt.date(2026, 10, 12), dt.date(2026, 10, 13), dt.date(2026, 10, 13), dt.date(2026, 10, 20)]
    late = [dt.date(2026, 10, 29), dt.date(2026, 10, 30), dt.date(2026, 11, 2)]
    assert [remind(day) for day in runs + late] == [0, 1, 0, 0, 0, 1, 0]
    soon = Message.objects.get(version="2026-10-27-soon")
    # Eight in the morning in London, still summer time on 13 October.
    assert (soon.address, soon.due_at) == (cast.employer_lead.email, dt.datetime(2026, 10, 13, 7, tzinfo=dt.UTC))


def test_a_reminder_of_a_moved_step_is_not_sent(cast, step):
    plans.queue_step_reminders(dt.datetime(2026, 10, 14, 9, tzinfo=dt.UTC))
    message = Message.objects.get(kind="plan-step-due", subject_id=step.pk)
    live = KINDS["plan-step-due"].live
    assert live(step, message, NOW)
    plans.move_step(step, dt.date(2026, 11, 4), by=lead(cast), now=NOW)
    assert not live(step, message, NOW)
