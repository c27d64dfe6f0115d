"""Who may change a school's own rows."""

from __future__ import annotations

from django.utils.translation import gettext as _

from hubs.actors import SYSTEM, Actor
from hubs.errors import CannotAct, Refused
from hubs.models import HUB_STAFF, Role
from hubs.scoping import HubOwned

KEEPERS = frozenset({Role.COORDINATOR, SYSTEM}) | HUB_STAFF


def needs_keeper(row: HubOwned, by: Actor) -> None:
    """Raise `CannotAct` unless the actor keeps this school's calendar, groups and timetable."""
    if not by.may(row, KEEPERS):
        raise CannotAct(_("Only the school's coordinator or the hub changes this."))


class CannotImport(Refused):
    """The file is refused as a whole; the sentence names the line or the event."""

    code = "cannot_import"
    status = 400


class CannotApplyYet(Refused):
    """The file is readable, but somebody must first say what a day or an hour of it means."""

    code = "not_settled"
    status = 409
