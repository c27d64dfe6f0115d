"""What a hub decides about rules: it confirms, tightens, relaxes what is no law, and adds rules of its own.

Clearances keep what blocked on the day they were made, so a decision holds from now on.
"""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from hubs.actors import SYSTEM, Actor
from hubs.domain.fields import only
from hubs.errors import CannotAct, Refused
from hubs.locks import lock_rows
from hubs.log import record
from hubs.models import Hub, HubRequirement, Requirement, Role

DECIDERS = frozenset({Role.HUB_LEAD, SYSTEM})
DECISION_FIELDS = frozenset({"requirement", "blocks", "reason"})
RULE_FIELDS = frozenset(
    {
        "title", "text", "tiers", "kind", "blocks", "responsible", "max_age", "document_kind", "source", "valid_from",
        "valid_to",
    }
)  # fmt: skip
#: What a hub may ask for by itself: limits on hours need numbers, and consent of parents its own road.
KINDS_ADDED = ("declaration", "document", "ack", "record", "notice", "preparation")
PARTIES_ADDED = ("host", "school")
#: The earlier something is stopped, the stricter.
STRICTNESS = {"none": 0, "start": 1, "confirm": 2, "publish": 3}


class CannotDecide(Refused):
    """The hub cannot decide that about this rule."""

    code = "cannot_decide"


def _need_lead(hub: Hub, by: Actor) -> None:
    if not by.may(hub, DECIDERS):
        raise CannotAct(_("Only a lead of the hub decides about rules."))


@transaction.atomic
def decide(hub: Hub, fields: dict, *, by: Actor, now: dt.datetime) -> HubRequirement:
    """What a rule blocks in this hub from now on. Raises `CannotDecide` where the law would be relaxed."""
    _need_lead(hub, by)
    fields = only(fields, DECISION_FIELDS)
    rule = fields["requirement"]
    _hold(hub)
    if HubRequirement.objects.filter(hub=hub, requirement=rule).exists():
        raise CannotDecide(_("The hub has decided about this rule already. Change that decision."))
    _check(hub, rule, fields)
    row = HubRequirement.objects.create(
        hub=hub, requirement=rule, blocks=fields["blocks"], reason=fields["reason"].strip(), confirmed_by=by.user,
        confirmed_at=now,
    )  # fmt: skip
    record(row, "rule_decided", by=by, now=now, reason=row.reason, rule=rule.code, blocks=row.blocks)
    return row


@transaction.atomic
def change_decision(row: HubRequirement, fields: dict, *, by: Actor, now: dt.datetime) -> None:
    """Decide anew about the same rule."""
    _need_lead(row.hub, by)
    lock_rows(HubRequirement.objects.filter(pk=row.pk))
    saved = HubRequirement.objects.select_related("requirement", "hub").get(pk=row.pk)
    if fields.get("requirement", saved.requirement) != saved.requirement:
        raise CannotDecide(_("A decision stays with its rule. Decide about the other one by itself."))
    given = {"blocks": saved.blocks, "reason": saved.reason, **only(fields, DECISION_FIELDS)}
    _check(saved.hub, saved.requirement, given)
    before, reason = saved.blocks, given["reason"].strip()
    HubRequirement.objects.filter(pk=row.pk).update(
        blocks=given["blocks"], reason=reason, confirmed_by=by.user, confirmed_at=now
    )
    record(row, "rule_decided", by=by, now=now, reason=reason, before=before, blocks=given["blocks"])


def _check(hub: Hub, rule: Requirement, fields: dict) -> None:
    if not Requirement.objects.of_hub(hub).filter(pk=rule.pk).exists():
        raise CannotDecide(_("This rule is not one of yours."))
    if not fields["reason"].strip():
        raise CannotDecide(_("Say why: who asks later reads it in the log."))
    _kept_in_time(rule.kind, fields["blocks"])
    relaxed = STRICTNESS[fields["blocks"]] < STRICTNESS[rule.blocks]
    if relaxed and rule.is_legal and rule.verified:
        raise CannotDecide(_("This is the law, so it cannot be relaxed. Only what is advice or custom can."))


def _kept_in_time(kind: str, blocks: str) -> None:
    """Only limits on hours are looked at before publishing: no other rule promises what nobody keeps."""
    if blocks == "publish" and kind != Requirement.Kind.LIMIT:
        raise CannotDecide(_("Only limits on hours are asked before publishing. Choose confirming or starting."))


def _hold(hub: Hub) -> None:
    """Two leads at once decide one after the other."""
    lock_rows(Hub.objects.filter(pk=hub.pk))


@transaction.atomic
def add_rule(hub: Hub, fields: dict, *, by: Actor, now: dt.datetime) -> Requirement:
    """A rule of the hub's own, from a day on; it blocks as it says."""
    _need_lead(hub, by)
    fields = only(fields, RULE_FIELDS)
    first, last = fields["valid_from"], fields.get("valid_to")
    if fields["kind"] not in KINDS_ADDED or fields["responsible"] not in PARTIES_ADDED:
        raise CannotDecide(_("A hub asks employers and schools for papers and confirmations; choose one of those."))
    if fields["kind"] == Requirement.Kind.PREPARATION and fields["responsible"] != Requirement.Party.HOST:
        raise CannotDecide(_("The employer's people prepare. Choose the employer as who must act."))
    if not fields["tiers"]:
        raise CannotDecide(_("Say for which encounters it holds."))
    if first < hub.today(now) or (last and last < first):
        raise CannotDecide(_("It holds from today or a later day on, and does not end before that."))
    _kept_in_time(fields["kind"], fields["blocks"])
    _hold(hub)
    number = Requirement.objects.filter(hub=hub).count() + 1
    rule = Requirement.objects.create(
        **fields, hub=hub, jurisdiction=hub.jurisdiction, code=f"HUB-{hub.pk}-{number}", is_legal=False, verified=True
    )
    record(rule, "rule_added", by=by, now=now, code=rule.code, blocks=rule.blocks)
    return rule


@transaction.atomic
def end_rule(rule: Requirement, fields: dict, *, by: Actor, now: dt.datetime) -> None:
    """Say until when a rule of the hub's own holds. What it asked for already keeps its words."""
    if rule.hub is None:
        raise CannotDecide(_("This rule ships with the product. Decide about it instead."))
    _need_lead(rule.hub, by)
    if set(fields) - {"valid_to"}:
        raise CannotDecide(_("What was asked for under a rule keeps its words. End this one and add another."))
    if "valid_to" not in fields:
        return  # nothing was said
    last = fields["valid_to"]
    if last is not None and last < max(rule.valid_from, rule.hub.today(now) - dt.timedelta(days=1)):
        raise CannotDecide(_("It can end yesterday at the earliest, and not before it began."))
    Requirement.objects.filter(pk=rule.pk).update(valid_to=last)
    record(rule, "rule_ended", by=by, now=now, valid_to=str(last or ""))
