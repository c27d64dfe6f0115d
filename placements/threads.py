"""The address each side of a placement answers to, and the placement behind an address."""

from __future__ import annotations

import base64
import binascii
import dataclasses
import datetime as dt
import uuid
from collections.abc import Callable

from hubs import threads
from hubs.mail import Mail
from hubs.models import Message
from placements.models import Clearance, Placement

SIDES = {"s": "school", "e": "employer"}


def side_of(placement: Placement, organisation_id: int | None) -> str:
    """ "school", "employer", or "" for who is neither."""
    return {placement.school_id: "school", placement.employer_id: "employer"}.get(organisation_id or 0, "")


def address_of(placement: Placement, side: str) -> str:
    """Where this side's answers go; "" when none are taken in."""
    if not side or not threads.is_on():
        return ""
    return threads.address_of(side[0] + base64.b32encode(placement.uid.bytes).decode().rstrip("=").lower())


def behind(address: str) -> tuple[Placement, str] | None:
    """The placement and the side an address belongs to, or None."""
    name = threads.name_of(address)
    if name is None or name[0] not in SIDES:
        return None
    try:
        uid = uuid.UUID(bytes=base64.b32decode(name[1:].upper() + "======"))
    except (binascii.Error, ValueError):
        return None
    placement = Placement.objects.with_all().filter(uid=uid, hub__is_active=True).first()
    return (placement, SIDES[name[0]]) if placement else None


def answered_here(compose: Callable[..., Mail]) -> Callable[..., Mail]:
    """The same mail, answered to the thread of its placement by whoever belongs to a side of it.

    A parent's answer stays with the hub: what lands here is read by the school as well."""

    def composed(row: Placement | Clearance, message: Message, now: dt.datetime) -> Mail:
        placement = row.placement if isinstance(row, Clearance) else row
        reply_to = address_of(placement, side_of(placement, message.organisation_id))
        read_by = placement.school.name if reply_to else ""
        return dataclasses.replace(compose(row, message, now), reply_to=reply_to, answers_read_by=read_by)

    return composed
