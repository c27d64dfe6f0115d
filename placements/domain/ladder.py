"""The steps of a hub when an employer does not answer: reminders, then people of the hub.

What is not sent yet follows a change: each row says in its version for which step and days it was written, skips
itself once the hub says other days, and the step is written anew for every offer that is still open.
"""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from django.db import transaction
from django.utils.translation import gettext as _

from employers.people import employer_people
from hubs.actors import SYSTEM, Actor
from hubs.domain.fields import only
from hubs.errors import CannotAct, Refused
from hubs.locks import lock_rows
from hubs.log import record
from hubs.models import Hub, Membership, Message, Role
from hubs.outbox import Recipient, queue
from hubs.recipients import hub_people, of_user
from hubs.wallclock import MORNING, WallTime, working_days_from
from placements.models import Ladder, Placement

FIELDS = frozenset({"answer_days", "first_reminder", "second_reminder", "manager_after", "lead_after"})
#: A change is written for offers made meanwhile, too: looked for as long as one might not have seen it.
JUST_CHANGED = dt.timedelta(hours=1)


class Step(NamedTuple):
    """`name` is the field of `Ladder` that says after how many `days`; `on` a date on the hub's calendar."""

    name: str
    days: int
    on: dt.date

    @property
    def version(self) -> str:
        return f"{self.name}.{self.days}"


def ladder_of(hub: Hub) -> Ladder:
    """The hub's own, or the defaults in no table."""
    return Ladder.objects.filter(hub=hub).first() or Ladder(hub=hub)


def steps(ladder: Ladder, asked_on: dt.date, due_on: dt.date) -> list[Step]:
    """What happens after an employer was asked on one local date for an answer by another, in order. Reminders that
    would come on the last day or after it are left out."""
    country = ladder.hub.jurisdiction
    found = []
    for name, start in (
        ("first_reminder", asked_on), ("second_reminder", asked_on), ("manager_after", due_on), ("lead_after", due_on),
    ):  # fmt: skip
        days = getattr(ladder, name)
        if days is None:
            continue
        on = working_days_from(start, days, country)
        if start == due_on or on < due_on:
            found.append(Step(name, days, on))
    return sorted(found, key=lambda step: step.on)


def write(placement: Placement, ladder: Ladder, *, now: dt.datetime) -> None:
    """The steps of an offer from `now` on, each written once for each reader. In the caller's transaction."""
    hub, offered, due = placement.hub, placement.offered_at, placement.answer_by
    if offered is None or due is None:
        return
    for step in steps(ladder, hub.today(offered), hub.today(due)):
        at = WallTime(step.on, MORNING)
        if at.instant(hub.zone) <= now:
            continue  # too late for it: a change of the steps reminds nobody of what lies behind
        reminds = step.name.endswith("reminder")
        kind, not_after = ("answer-reminder", due) if reminds else ("answer-overdue", placement.session.starts_at)
        for person in _readers(step, placement):
            queue(kind, placement, person, now=now, due_at=at, not_after=not_after, version=step.version)


def _readers(step: Step, placement: Placement) -> list[Recipient]:
    if step.name == "manager_after":
        return hub_people(placement.hub, placement.employer)
    if step.name == "lead_after":
        leads = Membership.objects.filter(hub=placement.hub, role=Role.HUB_LEAD, user__is_active=True)
        return [of_user(one.user, None, placement.hub) for one in leads.select_related("user").order_by("pk")]
    return employer_people(placement.employer)


def stands(placement: Placement, message: Message, now: dt.datetime) -> bool:
    """Whether the hub still wants this step after as many days as when the row was written."""
    name, _dot, days = message.version.partition(".")
    return name not in FIELDS or str(getattr(ladder_of(placement.hub), name)) == days


def change(hub: Hub, fields: dict, *, by: Actor, now: dt.datetime) -> None:
    """A lead of the hub says after how many working days what happens, for every offer that is open.

    Raises `Refused` when a step would come before the one that goes ahead of it.
    """
    if not by.may(hub, frozenset({Role.HUB_LEAD, SYSTEM})):
        raise CannotAct(_("Only a lead of the hub changes its settings."))
    fields = only(fields, FIELDS)
    with transaction.atomic():
        lock_rows(Hub.objects.filter(pk=hub.pk))
        ladder = ladder_of(hub)
        for name, value in fields.items():
            setattr(ladder, name, value)
        if sentence := wrong_with(ladder):
            raise Refused(sentence)
        ladder.changed_at = now
        ladder.save()
        record(hub, "changed", by=by, now=now, fields=sorted(fields), ladder={n: getattr(ladder, n) for n in FIELDS})
        write_anew(ladder, now=now)


def write_anew(ladder: Ladder, *, now: dt.datetime) -> int:
    """The steps of every offer of the hub that waits for an answer; how many offers."""
    rows = Placement.objects.filter(hub=ladder.hub, state="offered").order_by("pk")
    found = list(rows.select_related("hub", "employer__hub", "employer__manager", "session"))
    for placement in found:
        write(placement, ladder, now=now)
    return len(found)


def write_changed(now: dt.datetime) -> int:
    """Again after a change, for offers that were being made at that moment; how many offers. Safe as often as one
    likes: what is written is not written again."""
    changed = Ladder.objects.filter(changed_at__gte=now - JUST_CHANGED).select_related("hub").order_by("pk")
    return sum(write_anew(ladder, now=now) for ladder in changed)


def wrong_with(ladder: Ladder) -> str | None:
    """A sentence about the first thing that is out of order, or None."""
    first, second, last = ladder.first_reminder, ladder.second_reminder, ladder.answer_days
    if not 1 <= last <= 20 or not 1 <= ladder.lead_after <= 20:
        return _("Days to answer, and until the leads are told, are whole numbers from 1 to 20.")
    if first is None and second is not None:
        return _("A second reminder needs a first one. Fill in the first, or leave the second empty.")
    if any(days is not None and not 1 <= days < last for days in (first, second)):
        return _("Reminders come at least a day after asking, and before the answer is due.")
    if first is not None and second is not None and second <= first:
        return _("The second reminder comes after the first.")
    if ladder.manager_after is not None and not 1 <= ladder.manager_after <= ladder.lead_after:
        return _("The careers manager is told a day after the answer was due or later, and not after the leads.")
    return None
