"""The school itself: who it is, where, and whom to ring."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from hubs.actors import SYSTEM, Actor
from hubs.domain.fields import OF_THE_HUB, check_fields_of_the_hub, only, save_named
from hubs.errors import CannotAct, Refused
from hubs.log import record
from hubs.models import HUB_STAFF, Hub
from schools.domain.revision import calendar_changed
from schools.domain.rights import needs_keeper
from schools.models import School

#: What the hub decides about a school beyond what it decides about every organisation.
HUB_DECIDES = frozenset({"is_priority"})
SCHOOL_FIELDS = OF_THE_HUB | HUB_DECIDES | {
    "name", "number", "phase", "address", "town", "postcode", "latitude", "longitude", "time_zone", "region",
    "safeguarding_contact", "emergency_phone", "language",
}  # fmt: skip


def add_school(hub: Hub, fields: dict, *, by: Actor, now: dt.datetime) -> School:
    """A new school of the hub; only the hub adds one. Coordinates in degrees, both or neither."""
    school = School(hub=hub, created_at=now)
    if not by.may(school, HUB_STAFF | {SYSTEM}):
        raise CannotAct(_("Only the hub adds schools."))
    _save(school, fields, "added", by=by, now=now)
    return school


def change_school(school: School, fields: dict, *, by: Actor, now: dt.datetime) -> None:
    """Its coordinator or the hub changes what is known of it; some of it only the hub."""
    needs_keeper(school, by)
    _save(school, fields, "changed", by=by, now=now)


def _save(school: School, fields: dict, verb: str, *, by: Actor, now: dt.datetime) -> None:
    fields = only(fields, SCHOOL_FIELDS)
    check_fields_of_the_hub(school, fields, by=by, more=HUB_DECIDES)
    for name, value in fields.items():
        setattr(school, name, value)
    if (school.latitude is None) != (school.longitude is None):
        raise Refused(_("A point needs both numbers. Fill in both, or neither."))
    with transaction.atomic():
        save_named(school, _("There is a school called “%(name)s” already."))
        record(school, verb, by=by, now=now, fields=sorted(fields))
        if "time_zone" in fields:
            calendar_changed(school)
