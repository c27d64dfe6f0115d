"""The one service through which places are gained and given back.

Law: held + accepted places never exceed a session's places, at every committed instant.
The check constraint `session_never_oversold` is the floor; this module is how nobody hits
it. Sorted row locks first; then a check in a *second* statement, because a statement that
waits for a lock goes on with the snapshot it began with and counts stale; then a
conditional update. Callers are inside one transaction, at READ COMMITTED.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction
from django.db.models import F, IntegerField, OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hubs.errors import Refused
from opportunities.models import Session
from placements.models import Placement


class NoPlaces(Refused):
    """Fewer places are left than were asked for."""

    code = "no_places"


def take(wanted: Mapping[int, int]) -> None:
    """Take `wanted` = {session id: places}, all or nothing, or raise `NoPlaces`.

    Raises RuntimeError outside a transaction: the places would be taken for nobody.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("take() must be part of the transaction that uses the places")
    sessions = _lock(wanted)
    for pk in sorted(wanted):
        session, places = sessions.get(pk), wanted[pk]
        if session is None or session.state != Session.State.PLANNED:
            raise NoPlaces(_("This session is no longer offered."), code="session_gone", session=pk)
        changed = Session.objects.filter(pk=pk, state="planned", taken__lte=F("places") - places).update(
            taken=F("taken") + places, version=F("version") + 1
        )
        if not changed:
            left = session.left
            raise NoPlaces(
                ngettext(
                    "Only %(left)s place is left, and %(asked)s are asked for.",
                    "Only %(left)s places are left, and %(asked)s are asked for.",
                    left,
                )
                % {"left": left, "asked": places},
                session=pk,
                left=left,
            )


def give_back(returned: Mapping[int, int]) -> None:
    """Return {session id: places}; a session no longer over-committed loses the mark."""
    _lock(returned)
    for pk in sorted(returned):
        Session.objects.filter(pk=pk).update(taken=F("taken") - returned[pk], version=F("version") + 1)
        Session.objects.filter(pk=pk, over_committed=True, taken__lte=F("places")).update(over_committed=False)


def _lock(ids: Mapping[int, int]) -> dict[int, Session]:
    rows = Session.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=list(ids))
    list(rows.order_by("pk").values_list("pk"))  # only to hold the locks, in one order for all
    return {session.pk: session for session in Session.objects.filter(pk__in=list(ids))}


def recount() -> list[tuple[int, int, int]]:
    """(session id, taken as kept, taken as counted) wherever the two differ."""
    counted = (
        Placement.objects.taking()
        .filter(session=OuterRef("pk"))
        .order_by()
        .values("session")
        .annotate(total=Sum("places"))
        .values("total")
    )
    sessions = Session.objects.annotate(counted=Coalesce(Subquery(counted, output_field=IntegerField()), 0)).exclude(
        taken=F("counted")
    )
    return list(sessions.order_by("pk").values_list("pk", "taken", "counted"))
