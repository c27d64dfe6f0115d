"""An address that turned out wrong is corrected where it came from."""

from __future__ import annotations

import datetime as dt

from employers.domain import change_contact
from employers.models import Contact
from hubs.actors import Actor
from hubs.domain.messages import keeps_addresses
from hubs.models import Message


@keeps_addresses
def correct_contacts(message: Message, address: str, by: Actor, now: dt.datetime) -> None:
    """The employer's contacts that a message went to without an account. No address is in the log."""
    if message.channel != Message.Channel.EMAIL or message.organisation_id is None or message.user_id is not None:
        return
    wrong = Contact.objects.filter(hub=message.hub_id, employer=message.organisation_id, email__iexact=message.address)
    for contact in wrong.order_by("pk"):
        change_contact(contact, {"email": address}, by=by, now=now)
