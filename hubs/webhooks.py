"""What providers report: it came back, the reader called it unwanted. Each speaks its own
documented contract; a report whose signature is wrong, or that was taken in before, is refused.

Mailgun (documentation.mailgun.com, "Securing webhooks", read 2026): the JSON body has
`signature` {timestamp, token, signature}, an HMAC-SHA256 of timestamp and token, and
`event-data`, whose `message.headers.message-id` is the Message-ID we made.
Twilio (twilio.com/docs/usage/security, "Validating signatures"): X-Twilio-Signature is the
base64 of an HMAC-SHA1 of the address and the sorted form fields.
An answer by mail: any gateway may hand it in (docs/answers.md). The raw mail is the body;
X-Signature is an HMAC-SHA256 of "timestamp.recipient." and the body.
WhatsApp Cloud API (developers.facebook.com, "Webhooks"): X-Hub-Signature-256 is an
HMAC-SHA256 of the raw body.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import json
import re
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.http import HttpRequest

from hubs.domain.messages import bounced, complained
from hubs.models import Message, ProviderCall

#: How old a signed report may be. Mailgun repeats an unanswered one for eight hours.
FRESH = dt.timedelta(hours=9)
MOST_MAIL = 15 * 1024 * 1024  # bytes
_OUR_ID = re.compile(r"^<?m(\d{1,18})\.(\d{1,5})\.(\d{14})@")


class CannotTrust(Exception):
    """Not from the provider, too old, or seen before. Nothing was changed."""


class CannotTakeYet(Exception):
    """About something whose sender has not yet written down that it went. Nothing was changed and
    nothing remembered, so that the report may come again."""


def mailgun(request: HttpRequest, now: dt.datetime) -> bool:
    """Take in a report of a mail. True when it changed a row. Raises `CannotTrust` and `CannotTakeYet`."""
    body = _json(request)
    signed, data = _dict(body.get("signature")), _dict(body.get("event-data"))
    timestamp, token = str(signed.get("timestamp", "")), str(signed.get("token", ""))
    _same(
        settings.MAILGUN_SIGNING_KEY, f"{timestamp}{token}".encode(), str(signed.get("signature", "")), hashlib.sha256
    )
    if not timestamp.isdecimal() or abs(now.timestamp() - int(timestamp)) > FRESH.total_seconds():
        raise CannotTrust("too old")
    with transaction.atomic():
        _once("mailgun", token, now)
        headers = _dict(_dict(data.get("message")).get("headers"))
        message = by_message_id(str(headers.get("message-id", "")))
        if message is None:
            return False
        status = _dict(data.get("delivery-status"))
        said = " ".join(str(part) for part in (status.get("code", ""), status.get("description") or "") if part)
        if data.get("event") == "complained":
            return complained(_gone(message), said or "complained", now=now)
        if data.get("event") == "failed" and data.get("severity") == "permanent":
            return bounced(_gone(message), said or str(data.get("reason", "failed")), now=now)
    return False


def twilio(request: HttpRequest, now: dt.datetime) -> bool:
    """Take in the status of a text message. True when it changed a row. Raises `CannotTrust` and
    `CannotTakeYet`: Twilio repeats a report so refused when the address it reports to says so
    (twilio.com/docs/usage/webhooks/webhooks-connection-overrides, "#rc=5&rp=5xx")."""
    fields = {name: str(value) for name, value in request.POST.items()}
    signed = request.build_absolute_uri() + "".join(f"{name}{fields[name]}" for name in sorted(fields))
    digest = hmac.new(_key(settings.TWILIO_AUTH_TOKEN), signed.encode(), hashlib.sha1).digest()
    if not hmac.compare_digest(base64.b64encode(digest).decode(), request.headers.get("X-Twilio-Signature", "")):
        raise CannotTrust("signature")
    sid, status = fields.get("MessageSid", ""), fields.get("MessageStatus", "")
    return _status("twilio", "sms", sid, status, status in ("undelivered", "failed"), fields.get("ErrorCode", ""), now)


def whatsapp(request: HttpRequest, now: dt.datetime) -> int:
    """Take in the statuses of WhatsApp messages; how many changed a row. Raises `CannotTrust` and `CannotTakeYet`."""
    given = request.headers.get("X-Hub-Signature-256", "").removeprefix("sha256=")
    _same(settings.WHATSAPP_APP_SECRET, request.body, given, hashlib.sha256)
    changed = 0
    for entry in _list(_json(request).get("entry")):
        for change in _list(_dict(entry).get("changes")):
            for one in _list(_dict(_dict(change).get("value")).get("statuses")):
                status, errors = str(_dict(one).get("status", "")), _list(_dict(one).get("errors"))
                said = str(_dict(errors[0]).get("title", "")) if errors else ""
                found = str(_dict(one).get("id", ""))
                changed += _status("whatsapp", "whatsapp", found, status, status == "failed", said, now, again=False)
    return changed


def _status(
    provider: str, channel: str, sid: str, status: str, failed: bool, said: str, now: dt.datetime, *, again: bool = True
) -> bool:
    """One status of one message. WhatsApp puts several into a call, so that a repeated one
    among them is passed over instead of refused."""
    with transaction.atomic():
        try:
            _once(provider, f"{sid} {status}", now)
        except CannotTrust:
            if again:
                raise
            return False
        if not (sid and failed):
            return False
        rows = Message.objects.filter(channel=channel)
        message = rows.filter(provider_id=sid).first()
        if message is None and rows.filter(state=Message.State.LEASED).exists():
            raise CannotTakeYet  # the provider's name for it is written when it has gone
        return bounced(message, f"{status} {said}".strip(), now=now) if message else False


def _gone(message: Message) -> Message:
    """Due, too: a sender that missed the provider's yes tries again under the same key."""
    if message.state in (Message.State.DUE, Message.State.LEASED):
        raise CannotTakeYet
    return message


class CannotTakeAll(Exception):
    """More than a mail may have."""


def handed_in(request: HttpRequest, now: dt.datetime) -> tuple[str, bytes]:
    """(recipient, raw mail) of a mail a gateway hands in. Raises `CannotTrust` and `CannotTakeAll`."""
    timestamp, recipient = (request.headers.get(name, "") for name in ("X-Timestamp", "X-Recipient"))
    raw = request.read(MOST_MAIL + 1)
    if len(raw) > MOST_MAIL:
        raise CannotTakeAll
    signed = f"{timestamp}.{recipient}.".encode() + raw
    _same(settings.INBOUND_KEY, signed, request.headers.get("X-Signature", ""), hashlib.sha256)
    if not timestamp.isdecimal() or abs(now.timestamp() - int(timestamp)) > FRESH.total_seconds():
        raise CannotTrust("too old")
    return recipient, raw


def by_message_id(identifier: str) -> Message | None:
    """The row behind a Message-ID of ours, of the edition it names; of a digest, one that went in it."""
    named = _OUR_ID.match(identifier)
    if named is None:
        return None
    key = identifier.strip("<>").partition("@")[0]
    alone = Q(pk=named.group(1), edition=named.group(2), digest="")
    found = [one for one in Message.objects.filter(alone | Q(digest=key)).order_by("pk") if one.idempotency_key == key]
    return next((one for one in found if one.state == Message.State.SENT), found[0] if found else None)


def _key(secret: str) -> bytes:
    if not secret:
        raise CannotTrust("no key is set")  # an empty key would let anybody sign
    return secret.encode()


def _same(secret: str, signed: bytes, given: str, algorithm: Any) -> None:
    right = hmac.new(_key(secret), signed, algorithm).hexdigest()
    if not hmac.compare_digest(right.encode(), given.encode()):
        raise CannotTrust("signature")


def _once(provider: str, identifier: str, now: dt.datetime) -> None:
    """Remember a report; raises `CannotTrust` when it is known. In the transaction of what follows
    from it, so that a report that could not be taken in may come again."""
    try:
        with transaction.atomic():
            ProviderCall.objects.create(provider=provider, identifier=identifier[:100], at=now)
    except IntegrityError as error:
        raise CannotTrust("seen before") from error


def _json(request: HttpRequest) -> dict:
    try:
        return _dict(json.loads(request.body))
    except ValueError as error:
        raise CannotTrust("not JSON") from error


def _dict(value: Any) -> dict:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list:
    return value if isinstance(value, list) else []
