"""One mail from one description: plain text and HTML say the same, with one clear action."""

from __future__ import annotations

from dataclasses import dataclass, field
from email.utils import formataddr, parseaddr
from typing import NamedTuple

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

from hubs.colour import theme
from hubs.models.hub import Hub
from hubs.models.message import Message


@dataclass(frozen=True)
class Attachment:
    name: str
    content: bytes
    mimetype: str


class Item(NamedTuple):
    """One thing among several: what it is, a line about it, and (label, address) or None."""

    title: str
    text: str
    action: tuple[str, str] | None


@dataclass(frozen=True)
class Mail:
    """`action` is (label, absolute address). Subjects never carry a student's name. Answers go
    to `reply_to`, which `answers_read_by` reads as well as the hub, else to the hub's address. `language` is that of
    subject, paragraphs and button where a hub wrote them; empty: the frame's. `short` is what a text message says
    instead of the subject; no student's name either."""

    subject: str
    paragraphs: tuple[str, ...]
    facts: tuple[tuple[str, str], ...] = ()
    action: tuple[str, str] | None = None
    small_print: str = ""
    attachments: tuple[Attachment, ...] = field(default=())
    items: tuple[Item, ...] = field(default=())
    reply_to: str = ""
    answers_read_by: str = ""
    language: str = ""
    short: str = ""


def message_id(message: Message) -> str:
    """The same for every attempt at one edition of a row, so that a receiver can drop a second copy."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].partition("@")[2] or "localhost"
    return f"<{message.idempotency_key}@{domain}>"


def in_frame(
    mail: Mail, hub: Hub, address: str, *, name: str = "", headers: dict | None = None, fewer: str = "",
    choose: str = "",
) -> EmailMultiAlternatives:  # fmt: skip
    """The mail as the hub sends it to `address`: its name, colour and answering address. `fewer` and `choose`
    are the addresses of pages: where the reader ends mails like this, and where they choose among all."""
    context = {"mail": mail, "hub": hub, "name": name, "accent": theme(hub.colour).light}
    context |= {"fewer": fewer, "choose": choose}
    sender = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    answers = mail.reply_to or hub.contact_email
    email = EmailMultiAlternatives(
        subject=" ".join(mail.subject.split()),  # a subject is one line whatever was typed
        body=render_to_string("messages/mail.txt", context),
        from_email=formataddr((" ".join(hub.name.split()), sender)),
        to=[address],
        reply_to=[answers] if answers else None,
        headers={**(headers or {}), "Auto-Submitted": "auto-generated"},
    )
    email.attach_alternative(render_to_string("messages/mail.html", context), "text/html")
    for attachment in mail.attachments:
        email.attach(attachment.name, attachment.content, attachment.mimetype)
    return email


class CannotDeliver(Exception):
    """The provider will never take this message to this address. The text is what it said."""
