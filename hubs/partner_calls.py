"""One call to a partner's system, signed after Standard Webhooks (standardwebhooks.com, specification 1.0.0).

The signature is an HMAC-SHA256 of "id.timestamp.body" under a secret of the endpoint. The endpoint's row is not
locked while it is called, as the rows of a mail are: what a call says is an entry of the log, which never becomes
untrue, and nobody should wait for a stranger's server to change its address.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass

from django.utils.crypto import salted_hmac

from hubs.addresses import CannotFetch
from hubs.fetch import post
from hubs.mail import CannotDeliver, Mail
from hubs.models.message import Message
from hubs.models.partner import PartnerEndpoint

TIMEOUT = 10.0  # seconds, from looking its name up to its answer
GONE = 410
PREFIX = "whsec_"
ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"


class NotTaken(Exception):
    """The partner's system did not take it; it is tried again. The text is a code or a status, never its words."""


@dataclass(frozen=True)
class Call:
    address: str
    body: bytes
    headers: dict[str, str]


def _key(endpoint: PartnerEndpoint) -> bytes:
    told = f"{endpoint.pk}.{endpoint.generation}"
    return salted_hmac("hubs.partner_calls", told, algorithm="sha256").digest()


def secret_of(endpoint: PartnerEndpoint) -> str:
    """What the partner checks signatures with, as the specification writes secrets."""
    return PREFIX + base64.b64encode(_key(endpoint)).decode()


def prepared(mail: Mail, message: Message) -> Call:
    """`mail` as `hubs.partners` makes it: the body is its one paragraph, its facts are headers. The address and the
    secret are the endpoint's own of this moment."""
    endpoint = PartnerEndpoint.objects.get(pk=message.subject_id, hub=message.hub_id)
    body, headers = mail.paragraphs[0].encode(), dict(mail.facts)
    signed = f"{headers[ID]}.{headers[TIMESTAMP]}.".encode() + body
    signature = base64.b64encode(hmac.new(_key(endpoint), signed, hashlib.sha256).digest()).decode()
    headers |= {SIGNATURE: f"v1,{signature}", "Content-Type": "application/json"}
    return Call(endpoint.address, body, headers)


def send(call: Call) -> str:
    """Returns the status it was taken with. Raises `CannotDeliver` when the partner wants no more (410), else
    `NotTaken`, for a redirect too."""
    try:
        status = post(call.address, call.body, call.headers, most_seconds=TIMEOUT)
    except CannotFetch as error:
        raise NotTaken(error.code) from error
    if status == GONE:
        raise CannotDeliver(str(GONE))
    if not 200 <= status < 300:
        raise NotTaken(str(status))
    return str(status)
