"""What comes back by mail: words onto the timeline, files into quarantine, answers of calendars.

A mail is a stranger's word. It changes no placement and settles no clearance.
"""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from email.utils import parseaddr

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.translation import gettext as _

from employers.files import MOST_BYTES, passed, shown_name
from hubs.actors import Actor, system
from hubs.errors import Refused
from hubs.log import record
from hubs.mail_in import File, Received, read
from hubs.models import Message
from hubs.moves import lock_state, move
from hubs.outbox import queue
from hubs.recipients import hub_people
from hubs.threads import name_of
from placements import itip, threads
from placements.domain.people import school_people
from placements.models import CalendarAnswer, CalendarEvent, Placement, Reply, ReplyFile

MOST_FILES = 5
MOST_LOOKED_AT = 10  # each may cost the seconds a child process is given
MOST_A_DAY = 40  # mails on one placement's timeline; more is no conversation
TOLD_FOR = dt.timedelta(days=14)


class CannotFindThread(Refused):
    """Nobody's address."""

    code = "no_thread"


def receive_mail(raw: bytes, recipient: str, *, now: dt.datetime) -> str:
    """Take in a mail that was answered to `recipient`; what became of it: "kept", "calendar",
    "again" (it came before), "automatic" (a machine wrote it), "empty", "stale" (a calendar
    answering an older invitation) or "too_many".

    Raises `CannotFindThread`, `hubs.mail_in.CannotReadMail`, and `employers.files.CannotScan` while the virus
    scanner does not answer: the mail is to be handed in again.
    """
    found = threads.behind(recipient)
    if found is None:
        raise CannotFindThread(_("No placement is answered at this address."))
    placement, side = found
    mail = read(raw, ours=_ours(recipient))
    kept = [] if mail.automatic else _kept_of(mail)  # before any lock: a file may take its time
    with transaction.atomic():
        lock_state(placement)  # one mail at a time, so that one that comes twice is seen twice
        if answer := itip.read(mail.calendar):
            return _calendar_answer(placement, side, answer, now=now)
        if mail.automatic:
            return "automatic"
        return _keep(placement, side, mail, kept, now=now)


def _ours(recipient: str) -> list[str]:
    return [parseaddr(settings.DEFAULT_FROM_EMAIL)[1], recipient, f"{name_of(recipient)}."]


def _keep(placement: Placement, side: str, mail: Received, kept: list[tuple[File, str]], *, now: dt.datetime) -> str:
    if placement.replies.filter(identity=mail.identity).exists():
        return "again"
    if not mail.text and not mail.files:
        return "empty"
    if placement.replies.filter(received_at__gt=now - dt.timedelta(days=1)).count() >= MOST_A_DAY:
        return "too_many"
    reply = Reply.objects.create(
        hub_id=placement.hub_id,
        school_id=placement.school_id,
        placement=placement,
        side=side,
        sender=mail.sender,
        known=_wrote_to(placement, mail.sender),
        text=mail.text,
        cut=mail.cut,
        left_out=len(mail.files) - len(kept),
        identity=mail.identity,
        received_at=now,
    )
    for one, kind in kept:
        ReplyFile.objects.create(
            hub_id=reply.hub_id, school_id=reply.school_id, reply=reply, mimetype=kind,
            shown_name=shown_name(one.name, kind), file=ContentFile(one.content, "file"),
        )  # fmt: skip
    record(placement, "mail_received", by=system(placement.hub_id), now=now, reply=reply.pk, side=side)
    _tell(placement, side, now=now)
    return "kept"


def _kept_of(mail: Received) -> list[tuple[File, str]]:
    """The files that may be kept, with their types: examined and scanned as an employer's papers are, though the hub
    looks at each before anybody opens it."""
    found: list[tuple[File, str]] = []
    for one in mail.files[:MOST_LOOKED_AT]:
        if len(found) < MOST_FILES and len(one.content) <= MOST_BYTES:
            with suppress(Refused):
                found.append((one, passed(one.content)))
    return found


def _wrote_to(placement: Placement, address: str) -> bool:
    return Message.objects.about(placement).filter(address__iexact=address).exists() if address else False


def _tell(placement: Placement, side: str, *, now: dt.datetime) -> None:
    """Somebody should look: the other side's answer for the school, either's for the hub. At
    most once a day, so that a mail cannot be made into many."""
    people = hub_people(placement.hub, placement.school)
    if side == "employer":
        people = [*people, *school_people(placement.school)]
    version = f"{side} {placement.hub.today(now):%Y%m%d}"
    for person in people:
        queue("mail-received", placement, person, now=now, not_after=now + TOLD_FOR, version=version, side=side)


def _calendar_answer(placement: Placement, side: str, answer: itip.Answer, *, now: dt.datetime) -> str:
    event = placement.events.filter(uid=answer.uid).first() if _is_uid(answer.uid) else None
    if event is None or not answer.said or not _wrote_to(placement, answer.address):
        return "empty"
    if answer.sequence != event.sequence:
        return "stale"
    day = answer.day(event.zone) if event.count > 1 else None
    if day and day not in event.days():
        return "empty"
    # A word on one day is none on the others: it is told and shown, and the answer to the whole stands.
    if answer.said != "COUNTER" and not day and not _write_down(event, answer, now=now):
        return "again"
    said, on = answer.said, (day or event.on).isoformat()
    hub = system(placement.hub_id)
    record(placement, "calendar_answered", by=hub, now=now, said=said, side=side, on=on, alone=day is not None)
    if answer.said in ("DECLINED", "COUNTER"):
        _tell(placement, side, now=now)
    return "calendar"


def _is_uid(text: str) -> bool:
    return len(text) == 36 and text.replace("-", "").isalnum() and all(c in "0123456789abcdef-" for c in text.lower())


def _write_down(event: CalendarEvent, answer: itip.Answer, *, now: dt.datetime) -> bool:
    """Keep the latest word of this reader (RFC 5546, 2.1.5); False when it is known already."""
    at = min(answer.at or now, now)
    kept = CalendarAnswer.objects.filter(event=event, address=answer.address).first()
    if kept and (kept.sequence, kept.said_at) >= (answer.sequence, at):
        return False
    CalendarAnswer.objects.update_or_create(
        event=event,
        address=answer.address,
        defaults={
            "hub_id": event.hub_id,
            "school_id": event.placement.school_id,
            "said": answer.said,
            "sequence": answer.sequence,
            "said_at": at,
        },
    )
    return True


def said_by(event: CalendarEvent, address: str) -> str:
    """What this reader's calendar said of the event as it stands, for the next invitation."""
    found = event.answers.filter(address=address.lower(), sequence=event.sequence).first()
    return found.said if found else "NEEDS-ACTION"


@transaction.atomic
def let_through(file: ReplyFile, *, by: Actor, now: dt.datetime) -> None:
    """The hub has looked: the school may open it."""
    move(file, "held", by=by, now=now)


def throw_away(file: ReplyFile, *, by: Actor, now: dt.datetime) -> None:
    """The file is gone for good; that there was one stays."""
    with transaction.atomic():
        move(file, "refused", by=by, now=now)
        stored = file.file
        transaction.on_commit(lambda: stored.storage.delete(stored.name) if stored.name else None)
