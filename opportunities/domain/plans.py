"""An employer's year: adopting a template makes dated, owned steps that can be tracked."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from employers.models import Employer
from employers.people import employer_people
from hubs.actors import Actor
from hubs.errors import CannotAct, Refused
from hubs.log import record
from hubs.models import EMPLOYER_ROLES, HUB_STAFF, Hub, Membership, User
from hubs.moves import move
from hubs.outbox import queue
from hubs.recipients import of_user
from hubs.wallclock import MORNING, WallTime
from opportunities.models import ActionPlan, ActionPlanTemplate, EncounterType, PlanStep, TemplateStep
from opportunities.timing import dates_for, first_open, followers, in_order
from opportunities.translating import spoken
from schools.models import Closure

PLANNERS = EMPLOYER_ROLES | HUB_STAFF
TOO_LITTLE_YEAR = dt.timedelta(weeks=8)
REMIND_AHEAD = dt.timedelta(days=14)
REMIND_LATE = (dt.timedelta(days=3), dt.timedelta(days=30))


def year_for(hub: Hub, now: dt.datetime) -> dt.date:
    """First day of the academic year a plan adopted now is for: this one, or the next when
    fewer than eight weeks are left."""
    first, last = hub.academic_year_of(hub.today(now))
    return first if last - hub.today(now) >= TOO_LITTLE_YEAR else last + dt.timedelta(days=1)


def closed_days(hub: Hub, first: dt.date, last: dt.date) -> frozenset[dt.date]:
    """Days on which at least half of the hub's schools whose closures are known have no school."""
    rows = Closure.objects.filter(hub=hub, starts_on__lte=last, ends_on__gte=first)
    rows = rows.exclude(kind=Closure.Kind.SHORT_DAY)
    spans = list(rows.values_list("school_id", "starts_on", "ends_on"))
    schools = {school for school, _starts, _ends in spans}
    shut: dict[dt.date, set[int]] = defaultdict(set)
    for school, starts, ends in spans:
        for later in range((min(ends, last) - max(starts, first)).days + 1):
            shut[max(starts, first) + dt.timedelta(days=later)].add(school)
    return frozenset(day for day, those in shut.items() if 2 * len(those) >= len(schools))


def days_of(plan: ActionPlan, template: ActionPlanTemplate, today: dt.date) -> list[tuple[TemplateStep, dt.date]]:
    """The steps of a template (the plan's own, or a newer version) in order, each with the day it would be due in the
    plan's year, avoiding the days its hub's schools are closed."""
    return dated(template, plan.hub, plan.year_starts_on, plan.year_ends_on, today)


def dated(
    template: ActionPlanTemplate, hub: Hub, first: dt.date, last: dt.date, today: dt.date
) -> list[tuple[TemplateStep, dt.date]]:
    """The steps in order, each with its day in the year from `first` to `last`. Raises `Circle`."""
    steps = {step.key: step for step in template.steps.all()}
    order = in_order(step.timed for step in steps.values())
    days = dates_for(order, first, today, hub.jurisdiction, closed_days(hub, first, last), last=last)
    return [(steps[one.key], day) for one, day in zip(order, days, strict=True)]


def adopt(
    template: ActionPlanTemplate,
    employer: Employer,
    *,
    year_starts_on: dt.date | None = None,
    by: Actor,
    now: dt.datetime,
) -> ActionPlan:
    """Make the employer's plan of the year from a published template.

    `year_starts_on` is any day of the academic year (by default the one `year_for` gives).
    """
    hub = employer.hub
    first, last = hub.academic_year_of(year_starts_on or year_for(hub, now))
    plan = ActionPlan(
        hub=hub,
        employer=employer,
        template=template,
        year_starts_on=first,
        year_ends_on=last,
        adopted_by=by.user,
        adopted_at=now,
    )
    need_planner(plan, by)
    if template.hub_id != employer.hub_id or template.state != "published":
        raise Refused(_("This template is not offered any more. Choose another."))
    if last < hub.today(now):
        raise Refused(_("That academic year is over. Choose the current one."))
    same = ActionPlan.objects.filter(employer=employer, template__name=template.name, year_starts_on=first)
    if same.exclude(state="abandoned").exists():
        raise _already_adopted(template)
    try:
        with transaction.atomic():
            plan.save()
            _make_steps(plan, hub.today(now))
            record(plan, "adopted", by=by, now=now, template=template.pk, version=template.version)
    except IntegrityError as error:
        raise _already_adopted(template) from error
    return plan


def _already_adopted(template: ActionPlanTemplate) -> Refused:
    return Refused(
        _("You have adopted “%(name)s” for this year already. It is on your plan page.") % {"name": template.name},
        code="already_adopted",
    )


def _make_steps(plan: ActionPlan, today: dt.date) -> None:
    PlanStep.objects.bulk_create(
        PlanStep(
            hub=plan.hub,
            employer=plan.employer,
            plan=plan,
            template_step=step,
            position=position,
            title=step.title,
            encounter_type=step.encounter_type,
            guidance=step.guidance,
            due_on=due,
            places=step.places,
            standard=step.standard,
            owner=plan.adopted_by if plan.adopted_by_id and _is_member(plan) else None,
        )
        for position, (step, due) in enumerate(days_of(plan, plan.template, today))
    )


def _is_member(plan: ActionPlan) -> bool:
    return Membership.objects.filter(user=plan.adopted_by_id, organisation=plan.employer_id).exists()


def complete_plan(plan: ActionPlan, *, by: Actor, now: dt.datetime) -> None:
    """The year's work is done; every step has to be done or skipped."""
    if plan.steps.filter(state="planned").exists():
        raise Refused(_("Some steps are still planned. Mark them done, or skip them and say why."))
    move(plan, "completed", by=by, now=now)


def abandon_plan(plan: ActionPlan, reason: str, *, by: Actor, now: dt.datetime) -> None:
    """Stop before the year is over; the hub reads why. Raises `Refused` without a reason."""
    if not reason.strip():
        raise Refused(_("Say in a few words why you stop. It helps your hub to offer something better."))
    move(plan, "abandoned", by=by, now=now, reason=reason)


def end_plan(plan: ActionPlan, reason: str = "", *, by: Actor, now: dt.datetime) -> None:
    """Complete it when nothing is planned any more, else give it up for the reason."""
    if plan.steps.filter(state="planned").exists():
        abandon_plan(plan, reason, by=by, now=now)
    else:
        complete_plan(plan, by=by, now=now)


def restart_plan(plan: ActionPlan, *, by: Actor, now: dt.datetime) -> None:
    """Go on with a plan that was stopped. Raises `Refused` when the template was adopted again since."""
    try:
        move(plan, "active", by=by, now=now)
    except IntegrityError as error:
        raise _already_adopted(plan.template) from error


# ---- Steps -------------------------------------------------------------------


def complete_step(step: PlanStep, *, by: Actor, now: dt.datetime) -> None:
    """Raises `CannotMove` unless it is planned."""
    move(step, "done", by=by, now=now, also={"done_at": now})


def skip_step(step: PlanStep, reason: str, *, by: Actor, now: dt.datetime) -> None:
    """Leave it out this year. Raises `Refused` without a reason."""
    if not reason.strip():
        raise Refused(_("Say in a few words why this step is skipped."))
    move(step, "skipped", by=by, now=now, reason=reason, also={"reason": reason.strip()})


def reopen_step(step: PlanStep, *, by: Actor, now: dt.datetime) -> None:
    """Plan a done or skipped step again."""
    move(step, "planned", by=by, now=now, also={"reason": "", "done_at": None})


def move_step(step: PlanStep, due_on: dt.date, *, by: Actor, now: dt.datetime) -> None:
    """Another day for a planned step: today or later, inside the plan's year."""
    need_planner(step, by)
    _need_planned(step)
    _check_day(step.plan, due_on, now)
    _change(step, {"due_on": due_on}, "moved", by=by, now=now, day=due_on.isoformat())


def assign_step(step: PlanStep, owner: User | None, *, by: Actor, now: dt.datetime) -> None:
    """Give the step to a member of the employer, or to nobody."""
    need_planner(step, by)
    _need_planned(step)
    if owner and not Membership.objects.filter(user=owner, organisation=step.employer_id).exists():
        raise Refused(_("Only somebody of your organisation can own a step. Invite the person first."))
    _change(step, {"owner": owner}, "assigned", by=by, now=now, owner=owner.pk if owner else None)


def following(step: PlanStep) -> list[PlanStep]:
    """The planned steps of its plan that the template counts from this one, straight or by another."""
    if step.template_step is None:
        return []
    steps = TemplateStep.objects.filter(template=step.template_step.template_id)
    keys = followers(step.template_step.key, [one.timed for one in steps])
    rows = PlanStep.objects.filter(plan=step.plan_id, state="planned", template_step__key__in=keys)
    return list(
        rows.select_related("plan__hub", "plan__template", "template_step", "hub").order_by("due_on", "position", "pk")
    )


def _move_along(steps: list[PlanStep], by_days: dt.timedelta, *, by: Actor, now: dt.datetime) -> None:
    """By as many days, to the next day schools are open; none lands before today. Raises `Refused` where one would
    come after the year."""
    for step in steps:
        plan, hub = step.plan, step.plan.hub
        closed = closed_days(hub, plan.year_starts_on, plan.year_ends_on)
        due = first_open(max(step.due_on + by_days, hub.today(now)), hub.jurisdiction, closed)
        if due > plan.year_ends_on:
            raise Refused(
                _("“%(step)s”, which follows, would come after the academic year. Move the steps one by one.")
                % {"step": spoken(step).title}
            )
        move_step(step, due, by=by, now=now)


@transaction.atomic
def replan_step(
    step: PlanStep, due_on: dt.date, owner: User | None, along: bool = False, *, by: Actor, now: dt.datetime
) -> None:
    """Another day, another owner: whichever differs from what is planned; `along`: what follows it moves by as many
    days, all of it or nothing."""
    was = step.due_on
    if due_on != was:
        move_step(step, due_on, by=by, now=now)
        _move_along(following(step) if along else [], due_on - was, by=by, now=now)
    if owner != step.owner:
        assign_step(step, owner, by=by, now=now)


def add_step(
    plan: ActionPlan,
    *,
    title: str,
    due_on: dt.date,
    encounter_type: EncounterType | None = None,
    places: int = 0,
    guidance: str = "",
    standard: str = "",
    by: Actor,
    now: dt.datetime,
) -> PlanStep:
    """A step of the employer's own, beside those of the template. `standard` names the standard it serves,
    or the recommendation it came from (`employers.next_steps`)."""
    need_planner(plan, by)
    if plan.state != "active":
        raise Refused(_("This plan is not under way any more, so it takes no new steps."))
    if not title.strip():
        raise Refused(_("Give the step a title."))
    if encounter_type is not None and encounter_type.hub_id != plan.hub_id:
        raise Refused(_("Choose a type of encounter from the list."))
    _check_day(plan, due_on, now)
    with transaction.atomic():
        last = plan.steps.aggregate(last=Max("position"))["last"]
        step = PlanStep.objects.create(
            hub=plan.hub,
            employer=plan.employer,
            plan=plan,
            position=0 if last is None else last + 1,
            title=title.strip(),
            due_on=due_on,
            encounter_type=encounter_type,
            places=places,
            guidance=guidance,
            standard=standard,
        )
        record(step, "added", by=by, now=now)
    return step


def _change(step: PlanStep, fields: dict, verb: str, *, by: Actor, now: dt.datetime, **facts) -> None:
    with transaction.atomic():
        if not PlanStep.objects.filter(pk=step.pk, state="planned").update(**fields):
            raise Refused(_("Somebody else changed this step a moment ago. Look again before you go on."))
        for name, value in fields.items():
            setattr(step, name, value)
        record(step, verb, by=by, now=now, **facts)


def need_planner(row, by: Actor) -> None:
    if not by.may(row, PLANNERS):
        raise CannotAct(_("Only people of the employer or the hub change its plan."))


def _need_planned(step: PlanStep) -> None:
    if step.state != "planned":
        raise Refused(_("This step is %(state)s. Plan it again first.") % {"state": step.get_state_display()})


def _check_day(plan: ActionPlan, due_on: dt.date, now: dt.datetime) -> None:
    if due_on < plan.hub.today(now):
        raise Refused(_("That day has passed. Choose today or a later day."))
    if due_on > plan.year_ends_on:
        raise Refused(_("The plan ends with the academic year. Choose an earlier day."))


def queue_step_reminders(now: dt.datetime) -> int:
    """One message two weeks before a planned step is due, and one when it is three days late.

    Each at 8 in the morning of the hub, to the step's owner, else to the employer's leads.
    Safe to run as often as one likes. Returns how many rows were new.
    """
    return sum(_remind(hub, now) for hub in Hub.objects.filter(is_active=True))


def _remind(hub: Hub, now: dt.datetime) -> int:
    today, made = hub.today(now), 0
    steps = PlanStep.objects.filter(
        hub=hub,
        state="planned",
        plan__state="active",
        due_on__gte=today - REMIND_LATE[1],
        due_on__lte=today + REMIND_AHEAD,
    ).select_related("owner", "employer__hub", "hub", "plan")
    for step in steps.order_by("pk"):
        if today <= step.due_on:
            version = f"{step.due_on}-soon"
        elif step.due_on <= today - REMIND_LATE[0]:
            version = f"{step.due_on}-late"
        else:
            continue
        people = [of_user(step.owner, step.employer, hub)] if step.owner else employer_people(step.employer)
        due = WallTime(today, MORNING)
        for person in people:
            made += bool(queue("plan-step-due", step, person, now=now, due_at=due, version=version))
    return made
