"""The hub's own face: its name, look, language and how to reach it."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from hubs.actors import SYSTEM, Actor
from hubs.domain.fields import only
from hubs.errors import CannotAct
from hubs.log import record
from hubs.models import Hub, Role

HUB_FIELDS = frozenset({"name", "colour", "logo", "language", "contact_email", "contact_phone"})


def change_hub(hub: Hub, fields: dict, *, by: Actor, now: dt.datetime) -> None:
    """A lead of the hub changes it; hostname, zone and jurisdiction are the install's business."""
    if not by.may(hub, frozenset({Role.HUB_LEAD, SYSTEM})):
        raise CannotAct(_("Only a lead of the hub changes its settings."))
    fields = only(fields, HUB_FIELDS)
    for name, value in fields.items():
        setattr(hub, name, value)
    with transaction.atomic():
        hub.save(update_fields=sorted(fields))
        record(hub, "changed", by=by, now=now, fields=sorted(fields))
