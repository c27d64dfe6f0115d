"""Sending one message at a time that suits the test."""

from __future__ import annotations

import datetime as dt

from hubs.delivery import deliver_one
from hubs.models import Message


def deliver(message: Message, at: dt.datetime) -> str:
    """The state it ends in, handed over at that instant."""
    Message.objects.filter(pk=message.pk).update(state="leased", lease="x", leased_until=at + dt.timedelta(minutes=5))
    message.refresh_from_db()
    deliver_one(message, at)
    message.refresh_from_db()
    return message.state
