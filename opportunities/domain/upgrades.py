"""A plan brought up to date with a newer version of its template, and how templates fare."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import Exists, F, Max, OuterRef
from django.utils.translation import gettext as _

from hubs.actors import Actor
from hubs.errors import Refused
from hubs.log import record
from hubs.moves import lock_state
from opportunities.domain.plans import days_of, need_planner, skip_step
from opportunities.models import ActionPlan, ActionPlanTemplate, Opportunity, PlanStep, TemplateStep
from opportunities.timing import weeks

#: What a planned step takes from the newer version; dates are a matter of their own.
TAKEN = ("title", "encounter_type_id", "guidance", "places", "standard")
#: How late a step may be before its plan counts as behind.
BEHIND = dt.timedelta(days=14)


@dataclass(frozen=True)
class Changed:
    """A planned step whose words or day the newer version has otherwise. `due_on` is None when the day stays."""

    step: PlanStep
    newer: TemplateStep
    fields: tuple[str, ...]
    due_on: dt.date | None = None


@dataclass(frozen=True)
class Difference:
    """What bringing a plan up to date would do. `kept`: steps done, skipped or with something offered, which the
    newer version has otherwise or not at all; nothing happens to them."""

    newer: ActionPlanTemplate
    added: list[tuple[TemplateStep, dt.date]] = field(default_factory=list)
    changed: list[Changed] = field(default_factory=list)
    dropped: list[PlanStep] = field(default_factory=list)
    kept: list[PlanStep] = field(default_factory=list)

    @property
    def any(self) -> bool:
        return bool(self.added or self.changed or self.dropped)


def newer_version(plan: ActionPlan) -> ActionPlanTemplate | None:
    """The published version of the plan's template that is newer than the plan's own, or None."""
    if plan.state != "active":
        return None
    family = ActionPlanTemplate.objects.filter(hub=plan.hub_id, name=plan.template.name, state="published")
    return family.filter(version__gt=plan.template.version).order_by("-version").first()


def difference(plan: ActionPlan, newer: ActionPlanTemplate, *, now: dt.datetime) -> Difference:
    """What differs, step by step. A day moved by hand stays; one that was never moved follows the template."""
    offered = Exists(Opportunity.objects.filter(plan_step=OuterRef("pk")).exclude(state="withdrawn"))
    steps = list(plan.steps.select_related("template_step").annotate(is_offered=offered).order_by("position", "pk"))
    mine = {step.template_step.key: step for step in steps if step.template_step}
    theirs = days_of(plan, newer, plan.hub.today(now))
    first = _first_days(plan)
    meant = [weeks(one.timed for one in template.steps.all()) for template in (plan.template, newer)]
    found = Difference(newer)
    for one, day in theirs:
        step = mine.get(one.key)
        if step is None:
            found.added.append((one, day))
            continue
        change = _change(step, one, day if meant[0].get(one.key) != meant[1][one.key] else None, first)
        if change and step.state == "planned" and not step.is_offered:
            found.changed.append(change)
        elif change:
            found.kept.append(step)
    known = {one.key for one, _day in theirs}
    for key, step in mine.items():
        if key not in known:
            gone = step.state == "planned" and not step.is_offered
            (found.dropped if gone else found.kept).append(step)
    return found


def _first_days(plan: ActionPlan) -> dict[int, dt.date]:
    """The day each step of the plan's own version was given when it was adopted."""
    return {one.pk: day for one, day in days_of(plan, plan.template, plan.hub.today(plan.adopted_at))}


def _change(step: PlanStep, newer: TemplateStep, due_on: dt.date | None, first: dict[int, dt.date]) -> Changed | None:
    """`due_on` is None where both versions mean the same week."""
    fields = tuple(name for name in TAKEN if getattr(step, name) != getattr(newer, name))
    old = step.template_step
    moved_by_hand = old is None or first.get(old.pk) != step.due_on
    day = None if moved_by_hand or due_on == step.due_on else due_on
    return Changed(step, newer, fields, day) if fields or day else None


@transaction.atomic
def upgrade_plan(plan: ActionPlan, newer: ActionPlanTemplate, *, by: Actor, now: dt.datetime) -> Difference:
    """Do what `difference` says. What is done, skipped or offered stays as it is; steps that are dropped are skipped
    with a reason, not deleted. Raises `Refused` when `newer` is not the newest published version any more."""
    need_planner(plan, by)
    lock_state(plan)
    if newer_version(plan) != newer:
        raise Refused(_("The template changed once more. Look at the differences again."))
    found = difference(plan, newer, now=now)
    for one in found.changed:
        values = {name: getattr(one.newer, name) for name in one.fields}
        values |= {"due_on": one.due_on} if one.due_on else {}
        PlanStep.objects.filter(pk=one.step.pk, state="planned").update(**values)
    for step in found.dropped:
        skip_step(step, _("Version %(n)s of the plan goes without it.") % {"n": newer.version}, by=by, now=now)
    _add(plan, found.added)
    keys = {one.key: one for one in newer.steps.all()}
    for step in plan.steps.select_related("template_step").exclude(template_step=None):
        if same := keys.get(step.template_step.key):  # type: ignore[union-attr]  # filtered above
            PlanStep.objects.filter(pk=step.pk).update(template_step=same)
    ActionPlan.objects.filter(pk=plan.pk).update(template=newer)
    plan.template = newer
    record(
        plan, "upgraded", by=by, now=now, version=newer.version, added=len(found.added), changed=len(found.changed),
        dropped=len(found.dropped),
    )  # fmt: skip
    return found


def _add(plan: ActionPlan, added: list[tuple[TemplateStep, dt.date]]) -> None:
    last = plan.steps.aggregate(last=Max("position"))["last"]
    after = 0 if last is None else last + 1
    PlanStep.objects.bulk_create(
        PlanStep(
            hub=plan.hub, employer=plan.employer, plan=plan, template_step=one, position=after + number,
            title=one.title, encounter_type=one.encounter_type, guidance=one.guidance, due_on=day, places=one.places,
            standard=one.standard,
        )
        for number, (one, day) in enumerate(added)
    )  # fmt: skip


# ---- How templates fare --------------------------------------------------------


@dataclass(frozen=True)
class Drift:
    """Plans made of a template (any version): `states` counts them, `behind` those with a step two weeks late,
    `old` those under way on an older version; `steps` is (title, planned, done, skipped) for each step."""

    states: Counter[str]
    behind: int
    old: int
    steps: list[tuple[str, int, int, int]]

    @property
    def plans(self) -> int:
        return sum(self.states.values())


def drift(template: ActionPlanTemplate, *, today: dt.date) -> Drift:
    """What became of the plans made of this template: three statements."""
    family = ActionPlan.objects.filter(hub=template.hub_id, template__name=template.name)
    rows = list(family.values_list("state", "template__version"))
    late = PlanStep.objects.filter(plan=OuterRef("pk"), state="planned", due_on__lt=today - BEHIND)
    behind = family.filter(Exists(late), state="active").count()
    counts: dict[str, Counter[str]] = {}
    steps = PlanStep.objects.filter(plan__in=family.exclude(state="abandoned"), template_step__isnull=False)
    for title, state in steps.annotate(at=F("position")).order_by("at", "pk").values_list("title", "state"):
        counts.setdefault(title, Counter())[state] += 1
    return Drift(
        states=Counter(state for state, _version in rows),
        behind=behind,
        old=sum(state == "active" and version < template.version for state, version in rows),
        steps=[(title, found["planned"], found["done"], found["skipped"]) for title, found in counts.items()],
    )
