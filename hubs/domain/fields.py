"""The fields given to a verb: which there are, whose they are, and the row they end in."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from hubs.actors import SYSTEM, Actor
from hubs.errors import CannotAct, Refused
from hubs.models import HUB_STAFF, Membership, Organisation

#: What every organisation has that is the hub's to decide, whoever else keeps its facts.
OF_THE_HUB = frozenset({"manager", "is_active"})


def only(fields: dict, allowed: frozenset[str]) -> dict:
    """A copy of `fields`. KeyError when one is not allowed: that is a mistake of ours."""
    unknown = set(fields) - allowed
    if unknown:
        raise KeyError(f"not a field of this record: {', '.join(sorted(unknown))}")
    return dict(fields)


def check_fields_of_the_hub(
    organisation: Organisation, fields: dict, *, by: Actor, more: frozenset[str] = frozenset()
) -> None:
    """Raise `CannotAct` when somebody else sets `OF_THE_HUB` or `more`, and `Refused` when the
    careers manager is nobody of the hub's own staff."""
    if set(fields) & (OF_THE_HUB | more) and not by.may(organisation, HUB_STAFF | {SYSTEM}):
        raise CannotAct(_("Only the hub decides this."))
    manager = fields.get("manager")
    if manager is None:
        return
    if not Membership.objects.filter(user=manager, hub_id=organisation.hub_id, role__in=HUB_STAFF).exists():
        raise Refused(_("The careers manager has to be one of the hub's own staff. Choose one of them."))


def save_named(row, sentence: str) -> None:
    """Save, or raise `Refused` with `sentence` (it has %(name)s) when the name is taken."""
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        if "unique" not in str(error).lower():
            raise
        raise Refused(sentence % {"name": row.name}, code="name_taken") from error
