"""A kind of message that only the tests of the outbox know, about a hub's note."""

from __future__ import annotations

import datetime as dt

from hubs import outbox
from hubs.mail import Attachment, Mail
from hubs.models import Hub, Message, Note, Organisation

KIND = "test-note"
GATHERED = "test-gathered"
TODAY = "test-today"
TO = outbox.Recipient("reader@quayside.example", "Reader", "en-gb")


def _compose(row, message, now) -> Mail:
    if row.text == "poison":
        raise ValueError("this note cannot be said")
    return Mail(
        subject=f"About\n{row.text}",
        paragraphs=(f"First & foremost: {row.text}",),
        facts=(("Where", "Dock <3>"),),
        action=("Answer", row.hub.url("/l/answer/abc/?a=1&b=2")),
        small_print="Only you get this.",
        attachments=(Attachment("when.ics", b"BEGIN:VCALENDAR\r\n", "text/calendar"),),
    )


def _live(row, message, now) -> bool:
    return row.text != "stale"


if KIND not in outbox.KINDS:
    outbox.register(outbox.Kind(KIND, "hubs.note", "school", "now", _compose, _live))
    outbox.register(outbox.Kind(TODAY, "a thing of today", "school", "today", _compose, _live))
    outbox.register(
        outbox.Kind(GATHERED, "a thing", "school", "digest", _compose, _live, may_opt_out=True, may_digest=True)
    )


def note(hub: Hub, organisation: Organisation, text: str, now: dt.datetime) -> Note:
    return Note.objects.create(hub=hub, organisation=organisation, text=text, written_at=now)


def queued(hub: Hub, organisation: Organisation, text: str, now: dt.datetime, **fields) -> Message:
    message = outbox.queue(KIND, note(hub, organisation, text, now), TO, now=now, **fields)
    assert message is not None
    return message
