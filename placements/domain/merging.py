"""Two records of one employer become one.

Everything that hangs on the record that goes is named in `THINGS`, with what becomes of it; a test says when something
new hangs on employers and is not named. The record itself is put away and not deleted: it keeps its log, the values
that were not kept, and what the other may not have twice.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from employers.models import Employer, Sector
from hubs.actors import Actor, system
from hubs.errors import CannotAct, Refused
from hubs.locks import lock_rows
from hubs.log import record
from hubs.models import HUB_STAFF
from opportunities.models import Cap, Session
from placements.domain.merging_things import THINGS, Pair, in_the_way
from placements.models import Placement

#: What is chosen field by field; `sectors` are those of both.
FIELDS = (
    "name", "number", "size", "website", "about", "language", "manager", "wants_asking_per_month",
)  # fmt: skip
#: How long after merging somebody who began before it may still be writing to the record that went.
STRAGGLING = dt.timedelta(days=1)


class CannotMerge(Refused):
    code = "cannot_merge"


def usual_choice(pair: Pair) -> frozenset[str]:
    """Names of fields that are taken from the record that goes unless somebody says otherwise: what the other lacks."""
    return frozenset(one for one in FIELDS if not getattr(pair.stays, one) and getattr(pair.goes, one))


def check_pair(stays: Employer, goes: Employer, *, by: Actor) -> None:
    """Raise `CannotAct`, or `CannotMerge` with every reason why the two cannot become one now."""
    for employer in (stays, goes):
        if not by.may(employer, HUB_STAFF):
            raise CannotAct(_("Only the hub's staff puts records together."))
    if stays.pk == goes.pk:
        raise CannotMerge(_("This is one record. Choose another to put together with it."), code="same")
    if stays.hub_id != goes.hub_id:
        raise CannotMerge(_("These are employers of two hubs. Each hub keeps its own record."), code="two_hubs")
    for employer in (stays, goes):
        if employer.merged_into_id:
            sentence = _("“%(name)s” was put together with “%(other)s” already.")
            raise CannotMerge(sentence % {"name": employer, "other": employer.merged_into}, code="merged")
    if sentences := in_the_way(Pair(stays, goes)):
        raise CannotMerge(" ".join(sentences), code="in_the_way")


@transaction.atomic
def merge(
    stays: Employer, goes: Employer, *, take: frozenset[str] | None = None, by: Actor, now: dt.datetime
) -> Mapping[str, int]:
    """Move to `stays` what hangs on `goes`, and put `goes` away. Returns how many rows came, by kind.

    `take` names the `FIELDS` whose value comes from the record that goes; by default those the other lacks. What is
    not kept stands on the record put away, so nothing is written over. A second call moves nothing. Raises `CannotAct`,
    and `CannotMerge` with reasons; then nothing is done.
    """
    _hold(stays, goes)
    if goes.merged_into_id == stays.pk and by.may(stays, HUB_STAFF):
        return {}
    check_pair(stays, goes, by=by)
    pair = Pair(stays, goes, by=by, now=now)
    taken = usual_choice(pair) if take is None else take & frozenset(FIELDS)
    moved = _move(pair)
    _exchange(pair, taken)
    record(stays, "put_together", by=by, now=now, other=goes.pk, taken=sorted(taken), moved=moved)
    record(goes, "put_into", by=by, now=now, other=stays.pk, taken=sorted(taken))
    return moved


def _hold(stays: Employer, goes: Employer) -> None:
    """Both records, then whatever places are counted by, in the order everybody locks them; then the two are read."""
    both = [stays.pk, goes.pk]
    lock_rows(Employer.objects.filter(pk__in=both))
    lock_rows(Session.objects.filter(employer=goes.pk))
    lock_rows(Cap.objects.filter(employer__in=both))
    lock_rows(Placement.objects.filter(employer=goes.pk))
    for employer in (stays, goes):
        employer.refresh_from_db()


def _move(pair: Pair) -> dict[str, int]:
    """Every kind in the order of `THINGS`; how many rows came, by the name of their model."""
    moved: dict[str, int] = {}
    for thing in THINGS:
        if found := thing.become(thing, pair):
            name = thing.model._meta.label_lower
            moved[name] = moved.get(name, 0) + found
    return moved


def _exchange(pair: Pair, taken: frozenset[str]) -> None:
    """The values chosen; what they replace goes to the record that is put away."""
    stays, goes = pair.stays, pair.goes
    for one in taken:
        mine, theirs = getattr(stays, one), getattr(goes, one)
        setattr(stays, one, theirs)
        setattr(goes, one, mine)
    stays.is_active = stays.is_active or goes.is_active
    stays.created_at = min(stays.created_at, goes.created_at)
    goes.is_active, goes.merged_into, goes.merged_at = False, stays, pair.now
    if "name" in taken:  # names are unique in a hub: this one is free for a moment
        Employer.objects.filter(pk=goes.pk).update(name=f"{goes.pk} {pair.now.isoformat()}")
    stays.save()
    goes.save()
    stays.sectors.add(*Sector.objects.filter(employer=goes.pk))


def gather_stragglers(now: dt.datetime) -> int:
    """What somebody who began before a merge wrote to the record that went moves as well. Returns how many rows."""
    recent = Employer.objects.filter(merged_at__gt=now - STRAGGLING, hub__is_active=True)
    done = 0
    for goes in recent.select_related("merged_into", "hub").order_by("pk"):
        try:
            done += _gather(goes, now)
        except Refused:
            continue  # its rows wait on its own page; those of the others come
    return done


@transaction.atomic
def _gather(goes: Employer, now: dt.datetime) -> int:
    stays = goes.merged_into
    if stays is None:
        return 0
    _hold(stays, goes)
    moved: dict[str, Any] = {}
    pair = Pair(stays, goes, by=system(goes.hub_id), now=now)
    if not in_the_way(pair):  # else it waits on the record that went, whose page shows it
        moved = _move(pair)
    if moved:
        record(stays, "put_together", by=pair.by, now=now, other=goes.pk, taken=[], moved=moved)
    return sum(moved.values())
