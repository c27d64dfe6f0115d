"""What a parent or carer decides by signed link."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from hubs.actors import Actor
from hubs.errors import CannotAct, CannotMove, Refused
from hubs.log import record
from hubs.moves import check
from hubs.outbox import occasion, queue
from placements.domain import clearances
from placements.domain.people import school_people
from placements.models import Clearance

#: What the holder of a parent's link may still take back.
STANDS = ("accepted", "ready", "under_way")
ASKABLE = ("accepted", "ready")  # states of a placement in which a decision still counts


def decide(clearance: Clearance, agreed: bool, *, name: str, relation: str, by: Actor, now: dt.datetime) -> None:
    """Record yes or no, with who said it. No leaves the clearance open and tells the school.

    The link is kept with the answer, so that only its holder reads the name again. Raises
    `Refused` when there is nothing to decide any more.
    """
    if clearance.responsible != "parent" or clearance.placement.state not in ASKABLE:
        raise Refused(_("There is nothing to decide here any more."))
    if clearance.state != "open":  # decided by somebody else, or by the same press twice
        raise CannotMove(_("There is nothing to decide here any more."))
    evidence = {"agreed": agreed, "name": name.strip(), "relation": relation, **by.facts}
    if agreed:
        clearances.complete(clearance, by=by, now=now, **evidence)
        return
    try:
        check(clearance, "done", by=by, now=now)
    except CannotAct as refusal:
        raise CannotAct(_("Only a parent or carer decides this.")) from refusal
    evidence["at"] = now.isoformat()
    with transaction.atomic():
        if not Clearance.objects.filter(pk=clearance.pk, state="open").update(evidence=evidence):
            raise CannotMove(_("Somebody else changed this a moment ago. Look again before you go on."))
        clearance.evidence = evidence
        record(clearance, "consent_refused", by=by, now=now)
        for person in school_people(clearance.school):
            queue("consent-refused", clearance, person, now=now, version=occasion(now))


def withdraw(clearance: Clearance, *, by: Actor, now: dt.datetime) -> None:
    """The parent or carer who agreed by this link does not agree any more: the start waits again.

    Raises `Refused` when nothing was agreed by this link, or it is over.
    """
    if clearance.state != "done" or clearance.placement.state not in STANDS:
        raise Refused(_("There is nothing to decide here any more."))
    if by.facts.get("link") is None or clearance.evidence.get("link") != by.facts["link"]:
        raise CannotAct(_("Somebody else gave this agreement. Please tell the school."))
    with transaction.atomic():
        clearances.reopen(clearance, by=by, now=now, because="agreement_withdrawn")
        evidence = {**clearance.evidence, "agreed": False, "at": now.isoformat()}
        Clearance.objects.filter(pk=clearance.pk).update(evidence=evidence)
        clearance.evidence = evidence
        for person in school_people(clearance.school):
            queue("consent-withdrawn", clearance, person, now=now, version=occasion(now))
