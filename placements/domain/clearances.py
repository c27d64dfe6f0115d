"""From the requirements of the day to a list of who must do what by when.

Whoever changes a clearance holds the placement's row first: the last two done at once each see
what the other did, and nothing becomes ready beside something that is opened again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from employers import preparing
from employers.models import Document, Employer
from employers.people import employer_people
from hubs.actors import Actor, system
from hubs.errors import CannotAct, Refused
from hubs.languages import spoken
from hubs.links import revoke_links
from hubs.log import record
from hubs.models import HUB_STAFF, HubRequirement, Message, Requirement
from hubs.moves import lock_state, move
from hubs.outbox import Recipient, queue
from hubs.wallclock import working_days_from
from opportunities.models import Session
from placements.domain import hours, prepared
from placements.models import Clearance, Placement, PlacementStudent
from placements.models.request import COORDINATORS

DUE_BEFORE = 10  # working days before the start that everything should be done


def make_for(placement: Placement, *, by: Actor, now: dt.datetime) -> list[Clearance]:
    """Write the clearances the placement's tier asks for, under the rules of today.

    A rule nobody has verified warns and never blocks. A document the employer already holds,
    valid to the last day, is taken at once. The caller's transaction has locked the placement.
    """
    session = placement.session
    hub = placement.hub
    due_on = due_day(placement, now=now)
    documents = list(Document.objects.filter(employer_id=placement.employer_id, state="held"))
    students = [row.student for row in placement.students.select_related("student").order_by("pk")]
    known = set(placement.clearances.values_list("requirement_id", "student_id"))
    made = Clearance.objects.bulk_create(
        Clearance(
            hub=hub,
            school_id=placement.school_id,
            placement=placement,
            requirement=requirement,
            student=student,
            responsible=requirement.responsible,
            blocks=blocks,
            due_on=due_on,
        )
        for requirement, blocks in required(placement, now=now)
        if not _asks_for_nothing(placement, requirement)
        for student in (students if requirement.per_student else [None])
        if (requirement.pk, student.pk if student else None) not in known
    )
    for clearance in made:
        evidence = _there_already(clearance, documents, session)
        if evidence is not None:
            also = {"done_at": now, "evidence": evidence}
            move(clearance, "done", by=system(hub.pk), now=now, also=also)
    return made


def due_day(placement: Placement, *, now: dt.datetime) -> dt.date:
    """By when everything should be done: ten working days before the start, and never before today."""
    hub = placement.hub
    return max(working_days_from(placement.session.first_on, -DUE_BEFORE, hub.jurisdiction), hub.today(now))


def after_move(placement: Placement, *, by: Actor, now: dt.datetime) -> None:
    """The date has changed: what is open is due anew, what a parent or carer agreed to is asked again,
    and so is a document that ends before the new last day.

    What was agreed to for somebody who no longer comes is not kept: named again, they are asked again.
    """
    _drop(_of_gone(placement).filter(Q(state="open") | Q(responsible="parent")), now=now)
    placement.clearances.filter(state="open").update(due_on=due_day(placement, now=now))
    agreed = placement.clearances.filter(state="done", responsible="parent").select_related("hub")
    for clearance in agreed.order_by("pk"):
        clearance.placement = placement
        clearance.due_on = due_day(placement, now=now)
        clearance.save(update_fields=["due_on"])
        reopen(clearance, by=by, now=now, because="days_changed")
    _open_uncovered(placement, by=by, now=now)


def renew_for(placement: Placement, *, by: Actor, now: dt.datetime) -> None:
    """After other students were named: each of them is asked for, nobody else is, and a
    placement is ready only when that is all done."""
    _drop(_of_gone(placement).filter(state="open"), now=now)
    make_for(placement, by=by, now=now)
    if not settle(placement, by=system(placement.hub_id), now=now):
        return
    if open_blocking(placement) or not placement.students.exists():
        move(placement, "accepted", by=system(placement.hub_id), now=now)


def required(placement: Placement, *, now: dt.datetime) -> list[tuple[Requirement, str]]:
    """Requirements of the placement's tier and ages, each with what it blocks here."""
    opportunity = placement.session.opportunity
    tier, age = opportunity.encounter_type.tier, _youngest(placement)
    decisions = dict(HubRequirement.objects.filter(hub=placement.hub).values_list("requirement_id", "blocks"))
    found = []
    for requirement in Requirement.objects.of_hub(placement.hub).on(placement.hub.today(now)):
        if tier not in requirement.tiers or requirement.kind == Requirement.Kind.LIMIT:
            continue
        if requirement.max_age is not None and age > requirement.max_age:
            continue
        blocks = decisions.get(requirement.pk, requirement.blocks if requirement.verified else "none")
        found.append((requirement, blocks))
    return found


def complete(clearance: Clearance, *, by: Actor, now: dt.datetime, **evidence) -> None:
    """Somebody of the responsible side did what was asked; the placement may become ready.

    A decision needs its reason, as `note` or, from the host, as `words`; preparation is settled by what somebody did,
    never by a word. Raises `Refused` without.
    """
    if clearance.requirement.kind == Requirement.Kind.PREPARATION and not {"volunteer", "modules"} & evidence.keys():
        raise Refused(
            _(
                "This is done once whoever looks after the students has gone through the preparation. Send them their "
                "link."
            )
        )
    decided = clearance.requirement.kind == Requirement.Kind.DECISION
    if decided and not str(evidence.get("note") or evidence.get("words") or "").strip():
        raise Refused(_("Say what was decided, and why. The reason is kept with the decision."))
    with transaction.atomic():
        lock_state(clearance.placement)
        move(clearance, "done", by=by, now=now, also={"done_at": now, "evidence": evidence})
        settle(clearance.placement, by=system(clearance.hub_id), now=now)


@transaction.atomic
def complete_all(rows: Iterable[Clearance], *, by: Actor, now: dt.datetime, **evidence) -> None:
    """What was done for several students at once: all of it or nothing."""
    for clearance in rows:
        complete(clearance, by=by, now=now, **evidence)


def waive(clearance: Clearance, reason: str, *, by: Actor, now: dt.datetime) -> None:
    """The hub decides that this is not needed here, and says why."""
    if not reason.strip():
        raise Refused(_("Say why this is not needed here."))
    with transaction.atomic():
        lock_state(clearance.placement)
        move(clearance, "waived", by=by, now=now, reason=reason)
        settle(clearance.placement, by=system(clearance.hub_id), now=now)


def reopen(clearance: Clearance, reason: str = "", *, by: Actor, now: dt.datetime, because: str = "") -> None:
    """Take a done clearance back, for example when consent is withdrawn: for a `reason` somebody wrote, or `because` of
    one of `hubs.reasons`."""
    placement = clearance.placement
    with transaction.atomic():
        lock_state(placement)
        move(clearance, "open", by=by, now=now, reason=reason, because=because, also={"done_at": None})
        if placement.state == "ready" and open_blocking(placement):
            move(placement, "accepted", by=system(clearance.hub_id), now=now, reason=reason, because=because)


def settle(placement: Placement, *, by: Actor, now: dt.datetime) -> bool:
    """Make an accepted placement ready when nothing blocking is open. Returns whether it is.

    The caller's transaction has locked the placement.
    """
    placement.refresh_from_db()
    if placement.state == "accepted" and not open_blocking(placement) and placement.students.exists():
        move(placement, "ready", by=by, now=now)
    return placement.state == "ready"


def open_blocking(placement: Placement) -> int:
    """How many clearances still keep the placement from starting."""
    return placement.clearances.blocking().count()


def unsettled(now: dt.datetime) -> QuerySet[Placement]:
    """Placements not over yet whose state is not what their clearances say."""
    blocked = Exists(Clearance.objects.blocking().filter(placement=OuterRef("pk")))
    named = Exists(PlacementStudent.objects.filter(placement=OuterRef("pk")))
    rows = Placement.objects.filter(session__ends_at__gt=now)
    return rows.filter(Q(named, ~blocked, state="accepted") | Q(blocked, state="ready"))


@transaction.atomic
def settle_again(placement: Placement, *, now: dt.datetime) -> None:
    """Bring the placement to what its clearances say, whichever way that is."""
    by = system(placement.hub_id)
    lock_state(placement)
    if placement.state == "ready" and open_blocking(placement):
        move(placement, "accepted", by=by, now=now, because="open_again")
    settle(placement, by=by, now=now)


def awaiting_documents(now: dt.datetime) -> QuerySet[Clearance]:
    """Open clearances of agreed placements for which the hub holds a document of their kind."""
    held = Document.objects.filter(
        employer=OuterRef("placement__employer"), kind=OuterRef("requirement__document_kind"), state="held"
    )
    return Clearance.objects.filter(
        Exists(held),
        state="open",
        requirement__kind=Requirement.Kind.DOCUMENT,
        placement__state__in=["accepted", "ready", "under_way"],
        placement__session__ends_at__gt=now,
    )


def settle_documents(employer: Employer, *, now: dt.datetime) -> int:
    """Take the employer's held documents for what is still open and they cover; how many.

    A document that was evidence before somebody opened the clearance again is not taken for
    it a second time.
    """
    documents = list(Document.objects.filter(employer=employer, state="held").order_by("pk"))
    waiting = awaiting_documents(now).filter(placement__employer=employer)
    done = 0
    for clearance in waiting.select_related(
        "requirement", "placement__hub", "placement__session__opportunity"
    ).order_by("pk"):
        session = clearance.placement.session
        fresh = [document for document in documents if document.pk != clearance.evidence.get("document")]
        held = _held(clearance.requirement, fresh, session)
        if held is None:
            continue
        try:
            complete(clearance, by=system(clearance.hub_id), now=now, document=held.pk, reused=True)
        except Refused:
            continue  # somebody settled it a moment ago
        done += 1
    return done


def ask_parent(clearance: Clearance, address: str, *, by: Actor, now: dt.datetime, language: str = "") -> None:
    """Send the signed link of one consent to an address the school typed.

    The address lives in the message row and the link only; there is no parent's record.
    """
    if not by.may(clearance, COORDINATORS | HUB_STAFF):
        raise CannotAct(_("Only the school asks parents and carers."))
    if clearance.responsible != "parent" or clearance.state != "open":
        raise Refused(_("There is nothing to ask a parent or carer here."))
    with transaction.atomic():
        queue(
            "consent-asked",
            clearance,
            Recipient(address, "", language or spoken(clearance.school, clearance.hub)),
            now=now,
            not_after=clearance.placement.session.starts_at,
            version=f"{now:%Y%m%d}",
        )
        record(clearance, "parent_asked", by=by, now=now)


@transaction.atomic
def ask_parents(addresses: Mapping[Clearance, str], *, by: Actor, now: dt.datetime) -> None:
    """Ask for each clearance at its address: all of them or none."""
    for clearance, address in addresses.items():
        ask_parent(clearance, address, by=by, now=now)


def remind_all(rows: Iterable[Clearance], *, by: Actor, now: dt.datetime) -> int:
    """Remind of each; how many were written to.

    A row nobody was asked about is passed over; raises its `Refused` when that is all of them.
    """
    sent, refusals, reached = 0, list[Refused](), False
    for clearance in rows:
        try:
            sent += remind(clearance, by=by, now=now)
            reached = True
        except Refused as refusal:
            refusals.append(refusal)
    if refusals and not reached:
        raise refusals[-1]
    return sent


def remind(clearance: Clearance, *, by: Actor, now: dt.datetime) -> int:
    """Ask again whoever must act, at most once a day each; how many were written to.

    A parent or carer is written to at the addresses used before; raises `Refused` when there
    is none, or when the school itself is the one to act.
    """
    if not by.may(clearance.placement, COORDINATORS | HUB_STAFF):
        raise CannotAct(_("Only the school or the hub sends reminders."))
    if clearance.state != "open":
        raise Refused(_("This is done already."))
    if clearance.responsible == "parent":
        asked = Message.objects.about(clearance).filter(kind="consent-asked").order_by("pk")
        people = {m.address: Recipient(m.address, "", m.language) for m in asked}
        kind = "consent-asked"
    else:
        people = {p.address: p for p in employer_people(clearance.placement.employer)}
        kind = "clearance-reminder"
    if clearance.responsible not in ("parent", "host") or not people:
        raise Refused(_("Nobody was asked by e-mail yet. Type an address first."))
    with transaction.atomic():
        not_after = clearance.placement.session.starts_at
        version = f"{now:%Y%m%d}"
        sent = [queue(kind, clearance, p, now=now, not_after=not_after, version=version) for p in people.values()]
        if any(sent):
            record(clearance, "reminded", by=by, now=now)
    return sum(message is not None for message in sent)


def _open_uncovered(placement: Placement, *, by: Actor, now: dt.datetime) -> None:
    """Open what a document settled that does not last to the last day. Another that does is found by the job."""
    last_day = placement.session.ends_at.astimezone(placement.session.zone).date()
    site_id = placement.session.opportunity.site_id
    settled = placement.clearances.filter(
        state="done", requirement__kind=Requirement.Kind.DOCUMENT, evidence__has_key="document"
    )
    rows = list(settled.select_related("hub", "requirement").order_by("pk"))
    used = {row.evidence["document"] for row in rows}
    known = Document.objects.filter(employer=placement.employer_id, pk__in=used).in_bulk()
    for clearance in rows:
        document = known.get(clearance.evidence["document"])
        if document is not None and document.covers(last_day, site_id):
            continue
        clearance.placement, clearance.due_on = placement, due_day(placement, now=now)
        clearance.save(update_fields=["due_on"])
        reopen(clearance, by=by, now=now, because="document_ends")


def _of_gone(placement: Placement) -> QuerySet[Clearance]:
    """Clearances of students who are no longer named."""
    named = placement.students.values("student_id")
    return placement.clearances.filter(student__isnull=False).exclude(student__in=named)


def _drop(rows: QuerySet[Clearance], *, now: dt.datetime) -> None:
    for clearance in rows:
        revoke_links(clearance, now=now)
    rows.delete()


def _youngest(placement: Placement) -> int:
    """The least age anybody named may have: what is asked for the young is never left out."""
    rows = placement.students.select_related("student__year_group")
    return min(hours.ages(placement.session, placement.group, [row.student for row in rows]))


def _asks_for_nothing(placement: Placement, requirement: Requirement) -> bool:
    """Preparation is asked for only while the hub has something to go through."""
    return requirement.kind == Requirement.Kind.PREPARATION and not preparing.required(placement.hub)


def _there_already(clearance: Clearance, documents: list[Document], session: Session) -> dict | None:
    """What settles it at once: a document that is held, or somebody who is prepared."""
    if clearance.requirement.kind == Requirement.Kind.PREPARATION:
        return prepared.evidence(clearance.placement)
    held = _held(clearance.requirement, documents, session)
    return None if held is None else {"document": held.pk, "reused": True}


def _held(requirement: Requirement, documents: list[Document], session: Session) -> Document | None:
    """The first of the documents that settles it, valid to the session's last day and for its site."""
    if requirement.kind != Requirement.Kind.DOCUMENT or not requirement.document_kind:
        return None
    last_day, site_id = session.ends_at.astimezone(session.zone).date(), session.opportunity.site_id
    return next(
        (one for one in documents if one.kind == requirement.document_kind and one.covers(last_day, site_id)), None
    )
