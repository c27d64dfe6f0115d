"""What people and providers do to a message once it was sent, or could not be."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from copy import copy

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from hubs.actors import Actor, system
from hubs.errors import CannotAct, Refused
from hubs.log import record
from hubs.models import HUB_STAFF, Message, MessageAttempt, MessageTemplate, SignedLink
from hubs.models.message import MessageQuerySet
from hubs.moves import move
from hubs.outbox import KINDS, Recipient, by_mail, key_of, occasion, queue, subject_of
from hubs.texting import TEXTS, may_text

#: Given a message, the corrected address, who corrects it and when: mends it where it came from.
Book = Callable[[Message, str, Actor, dt.datetime], None]
_BOOKS: list[Book] = []


def keeps_addresses(book: Book) -> Book:
    """Called once by an app that holds people's addresses: one that is corrected on a message is corrected there."""
    if book not in _BOOKS:
        _BOOKS.append(book)
    return book


def resend(message: Message, address: str, *, by: Actor, now: dt.datetime) -> None:
    """Send a failed message again, to this address, with whatever failed in the same mail. Raises
    `Refused` when the address is none, or when the same was written to it already.

    What else waits for the wrong address goes to the corrected one when it is due, and so does what is written
    later: the record it came from is corrected, but for an account, whose owner alone changes it. Links are
    made anew for the corrected address; those of the wrong one end.
    """
    if message.channel == Message.Channel.WEBHOOK:
        raise Refused(_("Send it again on the page of the partner's system, where its address is kept."))
    address = address.strip()
    _check_address(address, message.channel)
    wrong, before = message.address, copy(message)
    along = [one for one in _in_one_mail(message).on_desk().filter(state=Message.State.FAILED) if one != message]
    try:
        with transaction.atomic():
            _send_again(message, address, by=by, now=now)
            for one in along:
                if _written(one, address):
                    settle(one, by=by, now=now)
                else:
                    _send_again(one, address, by=by, now=now)
            if address.lower() != wrong.lower():
                _redirect(message, wrong, address, now=now)
                for book in _BOOKS:
                    book(before, address, by, now)
    except IntegrityError as error:
        raise Refused(_("The same message was written to that address already.")) from error


def _send_again(message: Message, address: str, *, by: Actor, now: dt.datetime) -> None:
    also = {
        "address": address, "key": _key(message, address), "attempts": 0, "due_at": now, "first_due_at": None,
        "due_on": None, "due_time": None, "due_zone": "", "edition": message.edition + 1, "problem": "",
        "problem_text": "", "settled_at": None, "sent_at": None, "provider_id": "", "lease": "", "digest": "",
    }  # fmt: skip
    wrong = message.address
    move(message, Message.State.DUE, by=by, now=now, also=also)
    if address.lower() != wrong.lower():
        _end_links(message, wrong, now=now)


def _redirect(message: Message, wrong: str, address: str, *, now: dt.datetime) -> None:
    """What waits for the wrong address waits for the corrected one, as another mail."""
    rows = Message.objects.filter(
        hub=message.hub_id, channel=message.channel, address__iexact=wrong, state=Message.State.DUE
    )
    for row in rows.order_by("pk"):
        mine = rows.filter(pk=row.pk)  # asks again: a sender may have taken it meanwhile
        if _written(row, address):
            mine.update(not_after=now)  # said to the right address already: the sender lets it lapse
        elif mine.update(address=address, key=_key(row, address), edition=row.edition + 1, attempts=0, digest=""):
            _end_links(row, wrong, now=now)


def _key(message: Message, address: str) -> str:
    return key_of(message.kind, message.subject_type, message.subject_id, message.version, address, message.channel)


def _written(message: Message, address: str) -> bool:
    """Whether another row says the same to that address."""
    return Message.objects.filter(key=_key(message, address)).exclude(pk=message.pk).exists()


def _in_one_mail(message: Message) -> MessageQuerySet:
    """The row and those that went, or were to go, in the same mail."""
    same = Q(pk=message.pk)
    if message.provider_id:
        same |= Q(provider_id=message.provider_id, channel=message.channel)
    if message.digest:
        same |= Q(digest=message.digest)
    return Message.objects.filter(same, hub=message.hub_id).order_by("pk")


def _check_address(address: str, channel: str) -> None:
    if channel != Message.Channel.EMAIL:
        if not re.fullmatch(r"\+[0-9]{7,15}", address):
            raise Refused(
                _("“%(address)s” is no telephone number. Write one such as +447700900123.") % {"address": address}
            )
        return
    try:
        validate_email(address)
    except ValidationError as error:
        raise Refused(
            _("“%(address)s” is no e-mail address. Write one such as name@school.example.") % {"address": address}
        ) from error


def send_test(template: MessageTemplate, *, by: Actor, now: dt.datetime) -> None:
    """Queue the wording, with invented facts, for whoever asks."""
    if by.user is None or not by.may(template, HUB_STAFF):
        raise CannotAct(_("Only the hub tries its wording."))
    to = Recipient(by.user.email, by.user.name, template.language, by.user.pk)
    with transaction.atomic():
        queue("wording-test", template, to, now=now, version=occasion(now))
        record(template, "tried", by=by, now=now)


def settle(message: Message, *, by: Actor, now: dt.datetime) -> None:
    """Take a message that did not arrive off the desk without sending it again."""
    if not by.may(message, HUB_STAFF):
        raise CannotAct(_("Only the hub does this."))
    with transaction.atomic():
        if not Message.objects.on_desk().filter(pk=message.pk).update(settled_at=now):
            raise Refused(_("This is not on the desk."))
        record(message, "settled", by=by, now=now)


def bounced(message: Message, said: str, *, now: dt.datetime) -> bool:
    """The provider reports for good that a mail did not arrive: everything that went in it fails and
    lands on the desk. False when nothing is waiting for such news (a repeated or late report)."""
    problem = {"problem": Message.Problem.BOUNCED, "problem_text": said[:300], "settled_at": None}
    with transaction.atomic():
        rows = list(_in_one_mail(message).filter(state=Message.State.SENT))
        for one in rows:
            instead = one.channel in TEXTS and one.kind in KINDS and may_text(KINDS[one.kind])
            also = problem | ({"settled_at": now} if instead else {})
            move(one, Message.State.FAILED, by=system(one.hub_id), now=now, also=also)
            if instead and (subject := subject_of(one)) is not None:
                by_mail(one, subject, now=now)
            MessageAttempt.objects.create(message=one, at=now, outcome=Message.State.FAILED, detail=said[:300])
    return bool(rows)


def complained(message: Message, said: str, *, now: dt.datetime) -> bool:
    """The reader called it unwanted: the row stays sent and lands on the desk, once."""
    problem = {"problem": Message.Problem.COMPLAINED, "problem_text": said[:300], "settled_at": None}
    with transaction.atomic():
        changed = Message.objects.filter(pk=message.pk, state=Message.State.SENT, problem="").update(**problem)
        if changed:
            MessageAttempt.objects.create(message=message, at=now, outcome=Message.State.SENT, detail=said[:300])
            record(message, "complained", by=system(message.hub_id), now=now)
    return bool(changed)


def _end_links(message: Message, address: str, *, now: dt.datetime) -> None:
    SignedLink.objects.filter(
        subject_type=message.subject_type,
        subject_id=message.subject_id,
        address__iexact=address,
        revoked_at__isnull=True,
    ).update(revoked_at=now)
