"""Pathways: written by the hub or an employer, published, taken back."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from employers.models import Employer
from hubs.actors import Actor
from hubs.domain.fields import only, save_named
from hubs.errors import CannotAct, Refused
from hubs.log import record
from hubs.models import HUB_STAFF
from hubs.moves import lock_state, move
from opportunities.models import Pathway, PathwayStep
from opportunities.models.pathway import WRITERS

FIELDS = frozenset({"name", "about", "shorter_first", "other_sector", "small_by"})
#: What the hub says beside it: who publishes it together.
HUB_FIELDS = frozenset({"employers"})
#: What a step asks for. One that asks for something else is another step.
ASKS = ("encounter_type", "sector", "opportunity")
STEP_FIELDS = frozenset({"encounter_type", "sector", "year_number", "needs_type", "gap_weeks", "opportunity"})
MOST_STEPS = 20

#: Asked before steps go; each answers with a sentence why they may not, or None. What points at steps is above here.
STILL_WANTED: list[Callable[[Sequence[PathwayStep]], str | None]] = []


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
    """Other words, rules and steps. A step given with its `pk` stays that row, wherever it stands now; one that is not
    given, or asks for something else (`ASKS`), goes. Refused while schools can see it, and while somebody still wants
    a step that would go (`STILL_WANTED`). `seen` is the `mark_of` what the editor read:
    refused, with code "stale", when it says something else by now."""
    _need_writer(pathway, by)
    if set(fields) & HUB_FIELDS and not by.may(pathway, HUB_STAFF):
        raise CannotAct(_("Only the hub decides this."))
    lock_state(pathway)
    if pathway.state != Pathway.State.DRAFT:
        raise Refused(_("Schools see this pathway. Take it back, then change it."))
    if seen is not None and seen != mark_of(Pathway.objects.get(pk=pathway.pk)):
        raise _stale()
    _save(pathway, fields, steps)
    record(pathway, "changed", by=by, now=now, fields=sorted(fields), steps=len(steps))


def _stale() -> Refused:
    return Refused(
        _("Somebody else changed this pathway after you opened it. Nothing of yours is saved. Open it again."),
        code="stale",
    )


def mark_of(pathway: Pathway) -> str:
    """A short mark of all it says, its steps included: another one as soon as anybody changed something."""
    fields = [getattr(pathway, name) for name in sorted(FIELDS)]
    steps = PathwayStep.objects.filter(pathway=pathway).order_by("position", "pk")
    said = steps.values_list("pk", *sorted(STEP_FIELDS))
    return hashlib.sha256(repr((fields, list(said))).encode()).hexdigest()[:16]


def _save(pathway: Pathway, fields: dict, steps: Sequence[dict]) -> None:
    if len(steps) > MOST_STEPS:
        raise Refused(_("A pathway has %(n)s steps at most.") % {"n": MOST_STEPS})
    together = fields.get("employers")
    for name, value in only(fields, FIELDS | HUB_FIELDS).items():
        if name not in HUB_FIELDS:
            setattr(pathway, name, value)
    save_named(pathway, _("There is a pathway called “%(name)s” already. Give this one another name."))
    if together is not None:
        pathway.employers.set(together)
    _put_steps(pathway, steps)


def _put_steps(pathway: Pathway, steps: Sequence[dict]) -> None:
    """Rows keep what points at them: only those nobody goes on with are deleted. Positions count from 0."""
    there = PathwayStep.objects.filter(pathway=pathway).select_related(*ASKS, "needs_type").order_by("position", "pk")
    old = {one.pk: one for one in there}
    rows = [_step(pathway, old, position, given) for position, given in enumerate(steps)]
    kept = [one.pk for one in rows if one.pk]
    if len(kept) != len(set(kept)):
        raise _stale()
    gone = [one for pk, one in old.items() if pk not in kept]
    if sentence := next((said for ask in STILL_WANTED if gone and (said := ask(gone))), None):
        raise Refused(sentence, code="still_wanted")
    PathwayStep.objects.filter(pk__in=[one.pk for one in gone]).delete()
    for one in rows:
        one.save()


def _step(pathway: Pathway, old: dict[int, PathwayStep], position: int, given: dict) -> PathwayStep:
    """The row of `given`: the one it names, unless that asked for something else; then a new one."""
    fields = only(given, STEP_FIELDS | {"pk"})
    pk = fields.pop("pk", None)
    row = old.get(pk) if pk else PathwayStep(hub=pathway.hub, pathway=pathway)
    if row is None:
        raise _stale()
    if pk and any(name in fields and getattr(row, name) != fields[name] for name in ASKS):
        kept = {name: getattr(row, name) for name in STEP_FIELDS}
        row, fields = PathwayStep(hub=pathway.hub, pathway=pathway), kept | fields
    for name, value in (fields | {"position": position}).items():
        setattr(row, name, value)
    for one in (row.encounter_type, row.needs_type):
        if one is not None and one.hub_id != pathway.hub_id:
            raise Refused(_("Choose a type of encounter from the list."))
    if row.opportunity is not None and row.opportunity.hub_id != pathway.hub_id:
        raise Refused(_("This opportunity is not of this hub. Choose another."))
    return row


def _need_writer(pathway: Pathway, by: Actor) -> None:
    if not by.may(pathway, WRITERS):
        raise CannotAct(_("Only a lead of the employer or the hub writes pathways."))


def publish_pathway(pathway: Pathway, *, by: Actor, now: dt.datetime) -> None:
    """Schools of the hub see it. Raises `CannotBegin` naming steps that nobody could ever begin."""
    move(pathway, "published", by=by, now=now)


def take_back_pathway(pathway: Pathway, *, by: Actor, now: dt.datetime) -> None:
    """A draft again: schools see it no longer, and it can be changed."""
    move(pathway, "draft", by=by, now=now)
