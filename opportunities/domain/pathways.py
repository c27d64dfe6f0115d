"""Pathways: written by the hub or an employer, published, taken back."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from employers.models import Employer
from hubs.actors import Actor
from hubs.domain.fields import only, save_named
from hubs.errors import CannotAct, Refused
from hubs.log import record
from hubs.moves import lock_state, move
from opportunities.models import Pathway, PathwayStep
from opportunities.models.pathway import WRITERS

FIELDS = frozenset({"name", "about", "shorter_first", "other_sector", "small_by"})
STEP_FIELDS = frozenset({"encounter_type", "sector", "year_number", "needs_type", "gap_weeks", "opportunity"})
MOST_STEPS = 20


@transaction.atomic
def write_pathway(employer: Employer, fields: dict, steps: Sequence[dict], *, by: Actor, now: dt.datetime) -> Pathway:
    """A draft of the employer's own. `fields` are of `FIELDS`, each step's of `STEP_FIELDS`, in order."""
    pathway = Pathway(hub=employer.hub, employer=employer)
    _need_writer(pathway, by)
    _save(pathway, fields, steps)
    pathway.employers.set([employer])
    record(pathway, "added", by=by, now=now, steps=len(steps))
    return pathway


@transaction.atomic
def change_pathway(
    pathway: Pathway, fields: dict, steps: Sequence[dict], *, seen: str | None = None, by: Actor, now: dt.datetime
) -> None:
    """Other words, rules and steps. Refused while schools can see it. `seen` is the `mark_of` what the editor read:
    refused, with code "stale", when it says something else by now."""
    _need_writer(pathway, by)
    lock_state(pathway)
    if pathway.state != Pathway.State.DRAFT:
        raise Refused(_("Schools see this pathway. Take it back, then change it."))
    if seen is not None and seen != mark_of(Pathway.objects.get(pk=pathway.pk)):
        raise Refused(
            _("Somebody else changed this pathway after you opened it. Nothing of yours is saved. Open it again."),
            code="stale",
        )
    _save(pathway, fields, steps)
    record(pathway, "changed", by=by, now=now, fields=sorted(fields), steps=len(steps))


def mark_of(pathway: Pathway) -> str:
    """A short mark of all it says, its steps included: another one as soon as anybody changed something."""
    fields = [getattr(pathway, name) for name in sorted(FIELDS)]
    steps = PathwayStep.objects.filter(pathway=pathway).order_by("position", "pk").values_list(*sorted(STEP_FIELDS))
    return hashlib.sha256(repr((fields, list(steps))).encode()).hexdigest()[:16]


def _save(pathway: Pathway, fields: dict, steps: Sequence[dict]) -> None:
    if len(steps) > MOST_STEPS:
        raise Refused(_("A pathway has %(n)s steps at most.") % {"n": MOST_STEPS})
    for name, value in only(fields, FIELDS).items():
        setattr(pathway, name, value)
    save_named(pathway, _("There is a pathway called “%(name)s” already. Give this one another name."))
    PathwayStep.objects.filter(pathway=pathway).delete()
    for position, given in enumerate(steps):
        step = PathwayStep(hub=pathway.hub, pathway=pathway, position=position, **only(given, STEP_FIELDS))
        for one in (step.encounter_type, step.needs_type):
            if one is not None and one.hub_id != pathway.hub_id:
                raise Refused(_("Choose a type of encounter from the list."))
        if step.opportunity is not None and step.opportunity.hub_id != pathway.hub_id:
            raise Refused(_("This opportunity is not of this hub. Choose another."))
        step.save()


def _need_writer(pathway: Pathway, by: Actor) -> None:
    if not by.may(pathway, WRITERS):
        raise CannotAct(_("Only a lead of the employer or the hub writes pathways."))


def publish_pathway(pathway: Pathway, *, by: Actor, now: dt.datetime) -> None:
    """Schools of the hub see it. Raises `CannotBegin` naming steps that nobody could ever begin."""
    move(pathway, "published", by=by, now=now)


def take_back_pathway(pathway: Pathway, *, by: Actor, now: dt.datetime) -> None:
    """A draft again: schools see it no longer, and it can be changed."""
    move(pathway, "draft", by=by, now=now)
