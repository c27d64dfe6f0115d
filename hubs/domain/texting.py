"""A person's number for urgent messages: given, proved by a code sent to it, agreed to, and stopped again."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import re
import secrets

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from hubs import texting
from hubs.actors import Actor
from hubs.errors import Refused
from hubs.languages import spoken
from hubs.locks import lock_rows
from hubs.log import record
from hubs.models import Hub, Message, TextChoice, User
from hubs.outbox import KINDS, Recipient, key_of, occasion, queue

CODE = "number-code"
BETWEEN = dt.timedelta(minutes=1)
CODE_HOLDS = dt.timedelta(minutes=30)
MOST_TRIES = 5
_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")


def number_of(typed: str) -> str:
    """A number in international form without spaces. Raises `Refused`."""
    number = re.sub(r"[\s().-]", "", typed)
    if not _NUMBER.fullmatch(number):
        raise Refused(_("“%(number)s” is no telephone number. Write one such as +447700900123.") % {"number": typed})
    return number


@transaction.atomic
def give_number(user: User, hub: Hub, number: str, channel: str, *, by: Actor, now: dt.datetime) -> TextChoice:
    """Send a code to `number`; nothing else goes there until `agree` has seen it. Raises `Refused`."""
    number = number_of(number)
    if channel not in texting.offered(hub):
        raise Refused(_("The hub does not send messages this way. Choose one that is offered."))
    lock_rows(User.objects.filter(pk=user.pk))
    known = TextChoice.objects.filter(hub=hub, user=user).first()
    if known is not None and now - known.asked_at < BETWEEN:
        raise Refused(_("A code was just sent. Wait a minute before you ask for another."))
    given = {
        "number": number, "channel": channel, "nonce": secrets.token_hex(16), "tries": 0, "asked_at": now,
        "agreed_at": None, "stopped_at": None, "refusal": "",
    }  # fmt: skip
    choice, _made = TextChoice.objects.update_or_create(hub=hub, user=user, defaults=given)
    to = Recipient(number, user.name, spoken(user, hub))
    queue(CODE, choice, to, now=now, not_after=now + CODE_HOLDS, version=occasion(now), channel=channel)
    record(choice, "number_given", by=by, now=now)
    return choice


def code_of(choice: TextChoice) -> str:
    """The six digits sent to the number; made again from the row, never stored."""
    said = f"number:{choice.pk}:{choice.nonce}:{choice.number}".encode()
    digest = hmac.new(settings.SECRET_KEY.encode(), said, hashlib.sha256).digest()
    return f"{int.from_bytes(digest[:8]) % 1_000_000:06d}"


def agree(choice: TextChoice, code: str, *, by: Actor, now: dt.datetime) -> None:
    """From now on urgent messages go there, those that wait already as well. Raises `Refused`."""
    with transaction.atomic():
        choice = TextChoice.objects.select_for_update(of=("self",), no_key=True).get(pk=choice.pk)
        over = choice.agreed_at or choice.stopped_at or now - choice.asked_at > CODE_HOLDS
        wrong = not hmac.compare_digest(code_of(choice), re.sub(r"\s", "", code))
        if not over and choice.tries < MOST_TRIES and not wrong:
            TextChoice.objects.filter(pk=choice.pk).update(agreed_at=now)
            record(choice, "texts_agreed", by=by, now=now)
            _take_along(choice)
            return
        TextChoice.objects.filter(pk=choice.pk).update(tries=choice.tries + 1)
    if over or choice.tries >= MOST_TRIES:
        raise Refused(_("This code no longer holds. Have another one sent."))
    raise Refused(_("This is not the code that was sent. Look again."))


def stop(choice: TextChoice, *, by: Actor, now: dt.datetime) -> None:
    """No more texts: what waits goes by mail when it is due."""
    with transaction.atomic():
        if TextChoice.objects.filter(pk=choice.pk, stopped_at=None).update(stopped_at=now):
            record(choice, "texts_stopped", by=by, now=now)


def _take_along(choice: TextChoice) -> None:
    """Reminders written before go to the telephone, too; those a sender holds already go as they were written."""
    kinds = [kind.name for kind in KINDS.values() if texting.may_text(kind) and not kind.mail_too]
    rows = Message.objects.filter(
        hub=choice.hub_id, user=choice.user_id, channel=Message.Channel.EMAIL, state=Message.State.DUE, attempts=0,
        kind__in=kinds,
    )  # fmt: skip
    for row in rows.order_by("pk"):
        key = key_of(row.kind, row.subject_type, row.subject_id, row.version, choice.number, choice.channel)
        if not Message.objects.filter(key=key).exists():
            rows.filter(pk=row.pk).update(key=key, address=choice.number, channel=choice.channel)
