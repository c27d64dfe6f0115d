"""The hub's action-plan templates: drafted, published, followed by a new version."""

from __future__ import annotations

import datetime as dt

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from hubs.actors import Actor
from hubs.errors import CannotAct, Refused
from hubs.log import record
from hubs.models import HUB_STAFF
from hubs.moves import move
from opportunities.models import ActionPlanTemplate, TemplateStep

_COPIED = (
    "key",
    "sort_order",
    "title",
    "encounter_type_id",
    "aims",
    "guidance",
    "employer_does",
    "school_does",
    "good_looks_like",
    "deliverable",
    "week",
    "staff_hours",
    "places",
    "standard",
    "flags",
)


@transaction.atomic
def publish_template(template: ActionPlanTemplate, *, by: Actor, now: dt.datetime) -> None:
    """Offer it to employers; the published versions before it retire. Plans keep theirs."""
    if not template.steps.exists():
        raise Refused(_("A template needs at least one step. Add one, then publish."))
    move(template, "published", by=by, now=now)
    older = ActionPlanTemplate.objects.filter(hub=template.hub_id, name=template.name, state="published")
    for version in older.exclude(pk=template.pk).order_by("pk"):
        move(version, "retired", by=by, now=now, reason=f"v{template.version}")


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
            )
            TemplateStep.objects.bulk_create(
                TemplateStep(template=copy, **{name: getattr(step, name) for name in _COPIED})
                for step in template.steps.all()
            )
            record(copy, "drafted", by=by, now=now, follows=template.pk)
    except IntegrityError as error:  # two people at once: the version number is taken
        raise Refused(_("Somebody made the next version a moment ago. Look at the list again.")) from error
    return copy
