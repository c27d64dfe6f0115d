"""Outgoing mail as files, shown in the browser: what the embedded demo does with it."""

from __future__ import annotations

import email
import email.policy
import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import cast

from django.conf import settings
from django.core.mail.backends.base import BaseEmailBackend

from hubs.mail import Attachment


class MailboxBackend(BaseEmailBackend):
    """Writes each mail to MAILBOX_DIR, whole, under a name that sorts by time."""

    def send_messages(self, email_messages) -> int:
        for message in email_messages:
            _put(message.message().as_bytes())
        return len(email_messages)


def _put(content: bytes) -> None:
    folder = Path(settings.MAILBOX_DIR)
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{time.time_ns()}.eml"
    part = folder / f".{name}.part"
    part.write_bytes(content)
    part.rename(folder / name)  # readers see whole files only


def put_text(number: str, body: str, key: str) -> str:
    """A text message as a file beside the mails; returns its Message-ID, which stands for the provider's name."""
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = body.partition(" http")[0], "text message", number
    message["Message-ID"] = identifier = f"<{key}@localhost>"
    message.set_content(body)
    _put(message.as_bytes())
    return identifier


_KEY = re.compile(r"^[0-9]{1,20}\Z")
_OURS = re.compile(r"\b(http://(?:[\w-]+\.)*localhost):[0-9]{1,5}\b")


def at_this_port(text: str) -> str:
    """What an earlier run wrote, with its links leading to this one: `make demo PORT=` may change."""
    return _OURS.sub(rf"\g<1>:{settings.PUBLIC_PORT}", text)


@dataclass(frozen=True)
class Received:
    """One mail in the mailbox, as its reader would see it."""

    key: str
    at: datetime
    subject: str
    sender: str
    to: str
    text: str
    html: str
    message_id: str
    attachments: tuple[tuple[str, str], ...]

    @property
    def links(self) -> list[str]:
        return re.findall(r"https?://[^\s<>\"]+", self.text)


def read(key: str) -> Received | None:
    """The mail with this key, or None."""
    message = _parsed(key)
    if message is None:
        return None
    return Received(
        key=key,
        at=datetime.fromtimestamp(int(key) / 1e9, tz=UTC),
        subject=str(message["Subject"] or ""),
        sender=str(message["From"] or ""),
        to=str(message["To"] or ""),
        text=at_this_port(_part(message, "plain")),
        html=at_this_port(_part(message, "html")),
        message_id=str(message["Message-ID"] or ""),
        attachments=tuple(
            (part.get_filename() or "attachment", part.get_content_type()) for part in message.iter_attachments()
        ),
    )


def attachment(key: str, number: int) -> Attachment | None:
    """The mail's attachment with this place in `Received.attachments`, or None."""
    message = _parsed(key)
    parts = list(message.iter_attachments()) if message else []
    if number >= len(parts):
        return None
    part = parts[number]
    content = part.get_payload(decode=True)
    content = content if isinstance(content, bytes) else b""
    if part.get_content_maintype() == "text":
        content = re.sub(rb"\r?\n", b"\r\n", content)  # as it travels; the file has this system's line ends
    return Attachment(part.get_filename() or "attachment", content, part.get_content_type())


def newest(limit: int = 200) -> list[Received]:
    """The latest mails, newest first."""
    folder = Path(settings.MAILBOX_DIR)
    names = sorted((p.stem for p in folder.glob("*.eml")), reverse=True) if folder.is_dir() else []
    return [mail for name in names[:limit] if (mail := read(name))]


def _parsed(key: str) -> EmailMessage | None:
    path = Path(settings.MAILBOX_DIR) / f"{key}.eml"
    if not _KEY.match(key) or not path.is_file():
        return None
    return cast(EmailMessage, email.message_from_bytes(path.read_bytes(), policy=email.policy.default))


def _part(message: EmailMessage, kind: str) -> str:
    part = message.get_body(preferencelist=(kind,))
    return str(part.get_content()) if part else ""
