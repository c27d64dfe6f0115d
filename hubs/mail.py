"""One mail from one description: plain text and HTML say the same, with one clear action."""

from __future__ import annotations

import smtplib
from dataclasses import dataclass, field
from email.utils import parseaddr

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.template.loader import render_to_string

from hubs.colour import theme
from hubs.models.hub import Hub
from hubs.models.message import Message


@dataclass(frozen=True)
class Attachment:
    name: str
    content: bytes
    mimetype: str


@dataclass(frozen=True)
class Mail:
    """`action` is (label, absolute address). Subjects never carry a student's name."""

    subject: str
    paragraphs: tuple[str, ...]
    facts: tuple[tuple[str, str], ...] = ()
    action: tuple[str, str] | None = None
    small_print: str = ""
    attachments: tuple[Attachment, ...] = field(default=())


def message_id(message: Message) -> str:
    """The same for every attempt at one edition of a row, so that a receiver can drop a second copy."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].partition("@")[2] or "localhost"
    return f"<{message.idempotency_key}@{domain}>"


def in_frame(
    mail: Mail, hub: Hub, address: str, *, name: str = "", headers: dict | None = None
) -> EmailMultiAlternatives:
    """The mail as the hub sends it to `address`: its name, colour and answering address."""
    context = {"mail": mail, "hub": hub, "name": name, "accent": theme(hub.colour).light}
    sender = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    email = EmailMultiAlternatives(
        subject=" ".join(mail.subject.split()),  # a subject is one line whatever was typed
        body=render_to_string("messages/mail.txt", context),
        from_email=f'"{hub.name}" <{sender}>'.replace("\n", " "),
        to=[address],
        reply_to=[hub.contact_email] if hub.contact_email else None,
        headers={**(headers or {}), "Auto-Submitted": "auto-generated"},
    )
    email.attach_alternative(render_to_string("messages/mail.html", context), "text/html")
    for attachment in mail.attachments:
        email.attach(attachment.name, attachment.content, attachment.mimetype)
    return email


class Refusal(Exception):
    """The provider will never take this message to this address. The text is what it said."""


class Post:
    """One sender's way out: makes mails whole, and keeps a connection to the provider open."""

    def __init__(self) -> None:
        self._connection: BaseEmailBackend | None = None

    def open(self) -> None:
        """Connect before the message is due to go, so that nobody waits for a greeting."""
        if self._connection is None:
            self._connection = get_connection()
        self._connection.open()

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def prepare(self, mail: Mail, message: Message) -> EmailMultiAlternatives:
        """The mail as it will travel."""
        headers = {"Message-ID": message_id(message)}
        return in_frame(mail, message.hub, message.address, name=message.name, headers=headers)

    def send(self, email: EmailMultiAlternatives) -> str:
        """Hand it over; returns its Message-ID. Raises `Refusal` when the address is refused for
        good, and whatever the transport raises when it may be tried again."""
        email.connection = self._connection
        try:
            email.send()
        except smtplib.SMTPRecipientsRefused as error:
            code, said = next(iter(error.recipients.values()))
            if 500 <= code < 600:
                raise Refusal(f"{code} {said.decode(errors='replace')}") from error
            self.close()
            raise
        except Exception:
            self.close()  # what state a broken connection is in, nobody knows
            raise
        return email.extra_headers["Message-ID"]
