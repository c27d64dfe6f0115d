"""What the employer's side does besides saying yes or no: pass a request on, name who looks
after the students, settle what is asked of a host."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from employers.models import Document
from hubs.actors import Actor
from hubs.errors import CannotAct, Refused
from hubs.log import record
from hubs.models import HUB_STAFF, Message, Requirement
from hubs.outbox import Recipient, queue
from placements.domain import calendar, clearances, preparing
from placements.models import Clearance, Placement
from placements.models.placement import EMPLOYER_SIDE

MOST_ASKED = 6  # addresses one request may be sent to: a link must not become a mailer


def hand_over(
    placement: Placement, address: str, *, by: Actor, now: dt.datetime, name: str = "", language: str = ""
) -> None:
    """Ask a colleague to answer instead: a link of their own goes to `address`.

    The links sent before stay valid, and the first answer counts. The address is in the
    message's row only, never in the log.
    """
    if not by.may(placement, EMPLOYER_SIDE | HUB_STAFF):
        raise CannotAct(_("Only the employer passes its requests on."))
    if placement.state != "offered":
        raise Refused(_("This request is answered already."))
    asked = Message.objects.about(placement).filter(kind="placement-offered")
    known = {one.lower() for one in asked.values_list("address", flat=True)}
    if address.lower() in known:
        raise Refused(_("This address has the request already. Ask them to look for the mail."))
    if len(known) >= MOST_ASKED:
        raise Refused(_("This request went to many people already. Ask the hub to help."))
    first = asked.order_by("pk").first()
    spoken = language or placement.employer.language or placement.hub.language
    person = Recipient(address, name, spoken, None, placement.employer_id)
    with transaction.atomic():
        queue(
            "placement-offered",
            placement,
            person,
            now=now,
            not_after=placement.session.starts_at,
            message=first.facts.get("message", "") if first else "",
        )
        record(placement, "handed_over", by=by, now=now)


def name_supervisor(placement: Placement, supervisor: str, *, by: Actor, now: dt.datetime) -> None:
    """Who looks after the students; the name is not in the log."""
    if not by.may(placement, EMPLOYER_SIDE | HUB_STAFF):
        raise CannotAct(_("Only the employer names who looks after the students."))
    if placement.state not in ("offered", "accepted", "ready", "under_way"):
        raise Refused(_("This placement is over, so nobody needs to be named any more."))
    with transaction.atomic():
        placement.supervisor = supervisor.strip()
        placement.save(update_fields=["supervisor"])
        record(placement, "supervisor_named", by=by, now=now)
        preparing.look_at_preparation(placement, now=now)
        calendar.tell_people(placement, calendar.tell(placement, now=now), now=now)


def covering(clearance: Clearance, documents: list[Document]) -> list[Document]:
    """Those of the employer's documents that settle this, valid to the session's last day and for its site."""
    session, kind = clearance.placement.session, clearance.requirement.document_kind
    last_day = session.ends_at.astimezone(session.zone).date()
    site_id = session.opportunity.site_id
    return [one for one in documents if kind and one.kind == kind and one.covers(last_day, site_id)]


def settle_with_document(clearance: Clearance, document: Document, *, by: Actor, now: dt.datetime) -> None:
    """Use a document the hub holds. Raises `Refused` when it does not cover the last day."""
    if document.employer_id != clearance.placement.employer_id or not covering(clearance, [document]):
        raise Refused(_("This document is not valid to the last day and for this site. Choose another, or send one."))
    clearances.complete(clearance, by=by, now=now, document=document.pk)


def needs_document(clearance: Clearance) -> bool:
    """Whether a word is not enough."""
    requirement = clearance.requirement
    return requirement.kind == Requirement.Kind.DOCUMENT and bool(requirement.document_kind)


def needs_preparation(clearance: Clearance) -> bool:
    """Whether somebody has to do something that nobody else can say for them."""
    return clearance.requirement.kind == Requirement.Kind.PREPARATION


def may_be_declared(clearance: Clearance) -> bool:
    """Whether the host's word settles it."""
    return not needs_document(clearance) and not needs_preparation(clearance)


def declare(clearance: Clearance, *, by: Actor, now: dt.datetime, words: str = "") -> None:
    """The host confirms what is asked. A document that has to be seen cannot be declared."""
    if needs_document(clearance):
        raise Refused(_("A document is asked for here, so a word is not enough. Choose or send it."))
    clearances.complete(clearance, by=by, now=now, declared=True, words=words.strip())
