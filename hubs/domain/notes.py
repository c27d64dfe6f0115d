"""What the hub writes down about an organisation."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from hubs.actors import Actor
from hubs.errors import CannotAct, Refused
from hubs.log import record
from hubs.models import HUB_STAFF, Note, Organisation


def write_note(
    organisation: Organisation, text: str, *, next_contact_on: dt.date | None = None, by: Actor, now: dt.datetime
) -> Note:
    """Keep a note, with the day to be in touch again. Seen by the hub's staff only."""
    if not (by.is_hub_staff and by.may(organisation, HUB_STAFF)):
        raise CannotAct(_("Only the hub's staff writes notes."))
    if not text.strip():
        raise Refused(_("The note is empty. Write down what was said."))
    with transaction.atomic():
        note = Note.objects.create(
            hub_id=organisation.hub_id, organisation_id=organisation.pk, text=text.strip(),
            next_contact_on=next_contact_on, written_by=by.user, written_at=now,
        )  # fmt: skip
        record(organisation, "noted", by=by, now=now, note=note.pk)
    return note
