"""The way out: one sender's connections to the providers."""

from __future__ import annotations

import smtplib
from collections.abc import Sequence

from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.urls import reverse

from hubs import channels, partner_calls
from hubs.channels import CannotConnect, Text, is_on, short
from hubs.mail import CannotDeliver, Mail, in_frame, message_id
from hubs.models.message import Message
from hubs.preferences import may_refuse, unsubscribe_token
from hubs.wordings import Known

Outgoing = EmailMultiAlternatives | Text | partner_calls.Call


class Post:
    """One sender's way out for one round: makes mails whole, and keeps a connection to the provider open.

    `wordings`: the hubs' own words met in this round; the next one asks for them anew. `cut_off`: the
    channels whose provider could not be reached.
    """

    def __init__(self) -> None:
        self.wordings: Known = {}
        self.cut_off: set[str] = set()
        self._connection: BaseEmailBackend | None = None

    def open(self, channel: str = "email") -> None:
        """Connect before the message is due to go, so that nobody waits for a greeting. Raises `CannotConnect`."""
        if channel != "email":
            return
        if self._connection is None:
            self._connection = get_connection()
        try:
            self._connection.open()
        except OSError as error:  # what smtplib raises is one as well
            self.close()
            self.cut_off.add(channel)
            raise CannotConnect(error) from error

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def prepare(self, mail: Mail, message: Message, together: Sequence[Message] = ()) -> Outgoing:
        """The message as it will travel, with what else is in the mail (`together`, itself included);
        a mail with the one-click way out (RFC 8058) of every kind in it that leaves one. Raises
        `CannotDeliver` when this install has no account for the channel."""
        if not is_on(message.channel):
            raise CannotDeliver(f"{message.channel} is not set up on this install")
        if message.channel == "webhook":
            return partner_calls.prepared(mail, message)
        if message.channel != "email":
            return short(mail, message)
        headers, hub, fewer = {"Message-ID": message_id(message)}, message.hub, ""
        if refusable := [one for one in together or [message] if may_refuse(one)]:
            fewer = hub.url(reverse("unsubscribe", args=[unsubscribe_token(refusable)]))
            headers |= {"List-Unsubscribe": f"<{fewer}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
        choose = hub.url(reverse("message-preferences")) if message.user_id else ""
        return in_frame(mail, hub, message.address, name=message.name, headers=headers, fewer=fewer, choose=choose)

    def send(self, outgoing: Outgoing, channel: str = "email") -> str:
        """Hand it over; returns the provider's name for it, a Message-ID for mails. Raises
        `CannotDeliver` when the address is refused for good, `CannotSendYet` when the provider asks for
        patience, and whatever the transport raises when it may be tried again."""
        if isinstance(outgoing, partner_calls.Call):
            return partner_calls.send(outgoing)
        if isinstance(outgoing, Text):
            try:
                return channels.send(channel, outgoing)
            except CannotConnect:
                self.cut_off.add(channel)
                raise
        return self._send_mail(outgoing)

    def _send_mail(self, email: EmailMultiAlternatives) -> str:
        email.connection = self._connection
        try:
            email.send()
        except smtplib.SMTPRecipientsRefused as error:
            code, said = next(iter(error.recipients.values()))
            if 500 <= code < 600:
                raise CannotDeliver(f"{code} {said.decode(errors='replace')}") from error
            self.close()
            raise
        except Exception:  # whatever it was, the connection is not used again; it is raised again
            self.close()  # what state a broken connection is in, nobody knows
            raise
        return email.extra_headers["Message-ID"]
