"""The hub's action-plan templates: drafted, published, followed by a new version."""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from hubs.actors import Actor
from hubs.errors import CannotAct, Refused
from hubs.log import record
from hubs.models import HUB_STAFF
from hubs.moves import move
from opportunities.models import ActionPlanTemplate, TemplateStep
from opportunities.timing import Circle, in_order, weeks

_COPIED = (
    "key",
    "sort_order",
    "title",
    "encounter_type_id",
    "aims",
    "guidance",
    "details",
    "file_id",
    "video",
    "employer_does",
    "school_does",
    "good_looks_like",
    "deliverable",
    "week",
    "after",
    "staff_hours",
    "places",
    "standard",
    "flags",
)


def circle_words(template: ActionPlanTemplate, circle: Circle) -> str:
    titles: dict[Hashable, str] = {step.key: step.title for step in template.steps.all()}
    words = ", ".join(f"“{titles[key]}”" for key in circle.keys)
    return _("These steps count from one another: %(steps)s. Let one of them count from the academic year.") % {
        "steps": words
    }


@transaction.atomic
def publish_template(template: ActionPlanTemplate, *, by: Actor, now: dt.datetime) -> None:
    """Offer it to employers; the published versions before it retire. Plans keep theirs."""
    if not template.steps.exists():
        raise Refused(_("A template needs at least one step. Add one, then publish."))
    try:
        weeks(step.timed for step in template.steps.all())
    except Circle as circle:
        raise Refused(circle_words(template, circle)) from circle
    move(template, "published", by=by, now=now)
    older = ActionPlanTemplate.objects.filter(hub=template.hub_id, name=template.name, state="published")
    for version in older.exclude(pk=template.pk).order_by("pk"):
        move(version, "retired", by=by, now=now, reason=f"v{template.version}")


def timetable(template: ActionPlanTemplate) -> list[tuple[TemplateStep, int | None, str]]:
    """Its steps in order, each with the week of the academic year it is meant for (None where steps count from one
    another) and the title of the step it counts from."""
    steps = {step.key: step for step in template.steps.all()}
    timed = [step.timed for step in steps.values()]
    try:
        order, found = in_order(timed), weeks(timed)
    except Circle:
        order, found = timed, {}
    titles = {key: step.title for key, step in steps.items()}
    return [(steps[one.key], found.get(one.key), titles.get(one.after, "") if one.after else "") for one in order]


def retire_template(template: ActionPlanTemplate, *, by: Actor, now: dt.datetime) -> None:
    """Offer it no longer; plans made of it go on."""
    move(template, "retired", by=by, now=now)


def new_version(template: ActionPlanTemplate, *, by: Actor, now: dt.datetime) -> ActionPlanTemplate:
    """A draft copy to edit, numbered after the newest version of the family."""
    if not by.may(template, HUB_STAFF):
        raise CannotAct(_("Only the hub edits templates."))
    family = ActionPlanTemplate.objects.filter(hub=template.hub_id, name=template.name)
    if family.filter(state="draft").exists():
        raise Refused(_("There is a draft of the next version already. Edit or publish that one."))
    newest = family.aggregate(newest=Max("version"))["newest"]
    try:
        with transaction.atomic():
            copy = ActionPlanTemplate.objects.create(
                hub=template.hub,
                name=template.name,
                version=newest + 1,
                follows=template,
                about=template.about,
                language=template.language,
                sizes=template.sizes,
                texts=template.texts,
            )
            TemplateStep.objects.bulk_create(
                TemplateStep(template=copy, **{name: getattr(step, name) for name in _COPIED})
                for step in template.steps.all()
            )
            record(copy, "drafted", by=by, now=now, follows=template.pk)
    except IntegrityError as error:  # two people at once: the version number is taken
        raise Refused(_("Somebody made the next version a moment ago. Look at the list again.")) from error
    return copy
