"""Mails as people's clients answer with them."""

from __future__ import annotations

from email.message import EmailMessage

from tests.employers.papers import pdf

SENDER = "noreply@hub.example"
PDF = pdf()


def mail(text: str = "Use the side door.", *, sender="lead@brightwater.example", key="1", **headers) -> EmailMessage:
    message = EmailMessage()
    message["From"] = f"Somebody <{sender}>"
    message["To"] = "whoever@in.hub.example"
    message["Subject"] = "Re: Agreed"
    message["Message-ID"] = f"<{key}@mail.example>"
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message


def quoting(text: str, above: str) -> str:
    return f"{text}\n\n{above}\n> Brightwater and Quayside have agreed.\n> The invitation is attached.\n"


def calendar(event, address: str, said: str, *, method="REPLY", sequence=None, at="20260915T090000Z", of="") -> bytes:
    """`of` is the property that names one day of a series, if the answer is about that day."""
    lines = [
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//x//y//EN", f"METHOD:{method}", "BEGIN:VEVENT",
        f"UID:{event.uid}", f"SEQUENCE:{event.sequence if sequence is None else sequence}", f"DTSTAMP:{at}",
        "DTSTART:20261020T083000Z", *([of] if of else []), f"ATTENDEE;PARTSTAT={said}:mailto:{address}",
        "END:VEVENT", "END:VCALENDAR",
    ]  # fmt: skip
    return "\r\n".join([*lines, ""]).encode()


def with_calendar(content: bytes, **fields) -> EmailMessage:
    message = mail("Accepted: See how it is made", **fields)
    method = content.split(b"METHOD:")[1].split(b"\r")[0].decode()
    message.add_alternative(content.decode(), subtype="calendar", params={"method": method})
    return message
