"""Text messages and WhatsApp: one adapter each, speaking its provider's documented contract.

Twilio, "Messages resource" (twilio.com/docs/messaging/api/message-resource): a form is posted
to /2010-04-01/Accounts/{sid}/Messages.json with basic authentication; 201 with a `sid`, else
JSON with a `code`. WhatsApp Cloud API, "Send messages" (developers.facebook.com): JSON is
posted to /v21.0/{phone-number-id}/messages with a bearer token; 200 with `messages[0].id`.
Business-initiated WhatsApp messages need a template the provider has approved: its one
parameter is our text.

Neither provider documents a key that makes a repeated call harmless. `Idempotency-Key` is
sent all the same, for gateways in between that honour it; without one, a sender that dies
between the provider's yes and our record sends twice.
"""

from __future__ import annotations

import base64
import http.client
import json
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from django.conf import settings

from hubs import mailbox
from hubs.mail import CannotDeliver, Mail
from hubs.models.message import Message

TIMEOUT = 10  # seconds; a change of what the message is about waits for it
CONNECT_AFTER = 60  # seconds until a provider that cannot be reached is tried again
LONGEST = 300  # characters: two text messages
#: What Twilio says of a number that will never take a message (twilio.com/docs/api/errors).
TWILIO_NEVER = frozenset({21211, 21214, 21217, 21610, 21612, 21614})
#: WhatsApp: the recipient cannot be reached there, or is no valid number.
WHATSAPP_NEVER = frozenset({131026, 131021, 100})


class CannotSendYet(Exception):
    """The provider is busy; `seconds` is how long it asks to be left alone."""

    def __init__(self, said: str, seconds: int) -> None:
        super().__init__(said)
        self.seconds = seconds


class CannotConnect(CannotSendYet):
    """Nobody answers at the provider's address: no message's fault, and true of all that go this way."""

    def __init__(self, error: OSError) -> None:
        super().__init__(type(error).__name__, CONNECT_AFTER)


@dataclass(frozen=True)
class Text:
    """What travels: a number in international form, and one short text."""

    number: str
    body: str
    key: str
    language: str


def short(mail: Mail, message: Message) -> Text:
    """The mail in a line: what it is about, and the address of its one action."""
    return Text(message.address, line_of(mail, message.hub.name), message.idempotency_key, message.language)


def line_of(mail: Mail, hub_name: str) -> str:
    """At most `LONGEST` characters of plain text; what is cut is never the address."""
    url = mail.action[1] if mail.action else ""
    room = LONGEST - len(url) - 1
    said = " ".join(f"{hub_name}: {mail.short or mail.subject}".split())
    return f"{said if len(said) <= room else f'{said[: room - 1]}…'} {url}".strip()


def send_sms(text: Text) -> str:
    """Raises `CannotDeliver` for good, `CannotSendYet` when told to wait or nobody answers, OSError and
    ValueError otherwise."""
    account = settings.TWILIO_ACCOUNT_SID
    form = {"To": text.number, "From": settings.TWILIO_FROM, "Body": text.body}
    if settings.TWILIO_STATUS_CALLBACK:
        form["StatusCallback"] = settings.TWILIO_STATUS_CALLBACK
    secret = base64.b64encode(f"{account}:{settings.TWILIO_AUTH_TOKEN}".encode()).decode()
    status, answer = _post(
        f"{settings.TWILIO_URL}/2010-04-01/Accounts/{account}/Messages.json",
        urlencode(form).encode(),
        {"Authorization": f"Basic {secret}", "Content-Type": "application/x-www-form-urlencoded"},
        text.key,
    )
    if status == 201 and answer.get("sid"):
        return str(answer["sid"])
    if answer.get("code") in TWILIO_NEVER:
        raise CannotDeliver(f"{answer['code']} {answer.get('message', '')}"[:200])
    raise ValueError(f"Twilio answered {status}, code {answer.get('code', '')}")


def send_whatsapp(text: Text) -> str:
    """As `send_sms`."""
    parameters = [{"type": "body", "parameters": [{"type": "text", "text": text.body}]}]
    template = {
        "name": settings.WHATSAPP_TEMPLATE, "language": {"code": text.language.replace("-", "_")},
        "components": parameters,
    }  # fmt: skip
    body = {"messaging_product": "whatsapp", "to": text.number.lstrip("+"), "type": "template", "template": template}
    status, answer = _post(
        f"{settings.WHATSAPP_URL}/v21.0/{settings.WHATSAPP_PHONE_ID}/messages",
        json.dumps(body).encode(),
        {"Authorization": f"Bearer {settings.WHATSAPP_TOKEN}", "Content-Type": "application/json"},
        text.key,
    )
    sent = answer.get("messages")
    if status == 200 and sent:
        return str(sent[0]["id"])
    error = answer.get("error") or {}
    if error.get("code") in WHATSAPP_NEVER:
        raise CannotDeliver(f"{error['code']} {error.get('message', '')}"[:200])
    raise ValueError(f"WhatsApp answered {status}, code {error.get('code', '')}")


def _post(url: str, body: bytes, headers: dict[str, str], key: str) -> tuple[int, dict]:
    to = urlsplit(url)
    made = http.client.HTTPSConnection if to.scheme == "https" else http.client.HTTPConnection
    way = made(to.hostname or "", to.port, timeout=TIMEOUT)
    try:
        way.connect()
    except OSError as error:
        raise CannotConnect(error) from error
    try:
        way.request("POST", to.path, body, {**headers, "Idempotency-Key": key})
        answer = way.getresponse()
        said = answer.read(100_000)
    finally:
        way.close()
    if answer.status == 429:
        asked = answer.headers.get("Retry-After", "")
        raise CannotSendYet("429 too many requests", int(asked) if asked.isdecimal() else 60)
    try:
        found = json.loads(said)
    except ValueError:
        found = {}
    return answer.status, found if isinstance(found, dict) else {}


def send(channel: str, text: Text) -> str:
    """Hand it to the channel's provider, or put it with the demonstration's mail; returns the provider's name for it.
    Raises as `send_sms`."""
    setting, adapter = ADAPTERS[channel]
    if settings.TEXTS_AS_FILES and not getattr(settings, setting):
        return mailbox.put_text(text.number, text.body, text.key)
    return adapter(text)


#: channel → (the setting that turns it on, how it is sent)
ADAPTERS = {"sms": ("TWILIO_ACCOUNT_SID", send_sms), "whatsapp": ("WHATSAPP_PHONE_ID", send_whatsapp)}


def is_on(channel: str) -> bool:
    """E-mail and calls to partners always; the others where the install has an account with the provider."""
    return channel in ("email", "webhook") or bool(getattr(settings, ADAPTERS[channel][0])) or settings.TEXTS_AS_FILES
