"""The one service through which places are gained and given back.

Law: held + accepted places never exceed a session's places, at every committed instant.
The check constraint `session_never_oversold` is the floor; this module is how nobody hits
it. Sorted row locks first; then a check in a *second* statement, because a statement that
waits for a lock goes on with the snapshot it began with and counts stale; then a
conditional update. Callers are inside one transaction, at READ COMMITTED.

Whoever locks more than one kind of row does so in this order, and so never in a ring:
sessions, caps, placement, request, students; clearances and signatures after their placement.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hubs.actors import Actor
from hubs.errors import CannotAct, Refused
from hubs.locks import lock_and_read, lock_rows
from hubs.log import record
from hubs.models import HUB_STAFF
from hubs.wallclock import instant
from opportunities.models import Cap, Session, SessionDay
from placements.models import Placement, PlacesAlarm, SessionMove


class CannotPlace(Refused):
    """Fewer places are left than were asked for."""

    code = "no_places"


def take(wanted: Mapping[int, int], *, may: Callable[[Collection[Session]], None] | None = None) -> dict[int, Session]:
    """Take `wanted` = {session id: places}, all or nothing, or raise `CannotPlace`. The sessions, as `lock` read them.

    `may` raises what is truer of them than "full"; it is asked under the locks, before a place is counted.
    Caps across sessions (a site's day, an employer's month) are kept by the same rule. Raises
    RuntimeError outside a transaction: the places would be taken for nobody.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("take() must be part of the transaction that uses the places")
    sessions, caps, asked_about = _lock(wanted)
    if may is not None:
        may(sessions.values())
    if asked_about:
        raise CannotPlace(
            _("Schools are being asked whether it may move to other days. Try again then."), code="moving"
        )
    for pk in sorted(wanted):
        session, places = sessions.get(pk), wanted[pk]
        if session is None or session.state != Session.State.PLANNED:
            raise CannotPlace(_("This session is no longer offered."), code="session_gone", session=pk)
        changed = Session.objects.filter(pk=pk, state="planned", taken__lte=F("places") - places).update(
            taken=F("taken") + places, version=F("version") + 1
        )
        if not changed:
            left = session.left
            raise CannotPlace(
                ngettext(
                    "Only %(left)s place is left, and %(asked)s are asked for.",
                    "Only %(left)s places are left, and %(asked)s are asked for.",
                    left,
                )
                % {"left": left, "asked": places},
                session=pk,
                left=left,
            )
    _keep(caps, sessions.values())
    return sessions


def give_back(returned: Mapping[int, int]) -> None:
    """Return {session id: places}; a session no longer over-committed loses the mark."""
    lock(returned)
    for pk in sorted(returned):
        Session.objects.filter(pk=pk).update(taken=F("taken") - returned[pk], version=F("version") + 1)
        Session.objects.filter(pk=pk, over_committed=True, taken__lte=F("places")).update(over_committed=False)


def lock(ids: Iterable[int]) -> dict[int, Session]:
    """Hold the sessions' rows, in one order for all, and read in a second statement how they and their offers are now.

    Caps over these sessions are held with them, because whoever frees places may gain some for the
    waiting list in the same transaction, and holds placements and requests by then.
    """
    return _lock(ids).sessions


class _Locked(NamedTuple):
    sessions: dict[int, Session]
    caps: list[Cap]
    asked_about: bool  # whether schools are being asked about other days of one of them


def _lock(ids: Iterable[int]) -> _Locked:
    wanted = sorted(set(ids))
    lock_rows(Session.objects.filter(pk__in=wanted))
    asked = SessionMove.objects.filter(session=OuterRef("pk"), state="asked")
    rows = Session.objects.filter(pk__in=wanted).annotate(is_asked_about=Exists(asked))
    read = list(rows.select_related("employer", "opportunity__site", "opportunity__encounter_type").order_by())
    return _Locked(
        sessions={session.pk: session for session in read},
        caps=lock_and_read(_caps_over(read)),
        asked_about=any(session.is_asked_about for session in read),
    )


# ---- Caps across sessions ----------------------------------------------------------


def keep_caps(sessions: list[Session]) -> None:
    """Raise `CannotPlace` when what was just taken, or days just changed, break a cap. Whoever gains places of the
    employer holds the same rows since `lock`, so the sums read here are nobody's half-done work."""
    _keep(_caps_over(sessions).order_by("pk"), sessions)


def _keep(caps: Iterable[Cap], sessions: Collection[Session]) -> None:
    for cap in caps:
        mine = [session for session in sessions if session.employer_id == cap.employer_id]
        found = over_on_days(cap, mine) if cap.per == Cap.Per.SITE_DAY else over_in_months(cap, mine)
        if found:
            raise CannotPlace(found, code="cap", cap=cap.pk, most=cap.most)


def _caps_over(sessions: Iterable[Session]) -> QuerySet[Cap]:
    return Cap.objects.filter(is_active=True, employer__in={session.employer_id for session in sessions})


def over_on_days(cap: Cap, sessions: Iterable[Session]) -> str:
    """What a cap of a site's day says against the first day that has more; "" when none has."""
    mine = SessionDay.objects.filter(session__in=[s.pk for s in sessions], session__opportunity__site=cap.site_id)
    there = SessionDay.objects.filter(session__opportunity__site=cap.site_id, on__in=mine.values("on"))
    sums = there.order_by("on").values("on").annotate(total=Sum("session__taken"))
    if full := next((row for row in sums if row["total"] > cap.most), None):
        return _("%(site)s takes at most %(most)s students a day, and %(day)s would have %(total)s.") % {
            "site": cap.site, "most": cap.most, "total": full["total"], "day": date_format(full["on"], "j F"),
        }  # fmt: skip
    return ""


def over_in_months(cap: Cap, sessions: Iterable[Session]) -> str:
    """What a cap of an employer's month says. A session counts in the month of its first day, by the hub's clock."""
    for first in sorted({session.first_on.replace(day=1) for session in sessions}):
        after = (first + dt.timedelta(days=32)).replace(day=1)
        zone = ZoneInfo(cap.hub.time_zone)
        start, end = (instant(day, dt.time(), zone) for day in (first, after))
        within = Session.objects.filter(employer=cap.employer_id, starts_at__gte=start, starts_at__lt=end)
        total = within.aggregate(total=Coalesce(Sum("taken"), 0))["total"]
        if total > cap.most:
            return _("This employer takes at most %(most)s students a month, and %(month)s would have %(total)s.") % {
                "most": cap.most, "total": total, "month": date_format(first, "F Y"),
            }  # fmt: skip
    return ""


# ---- Counting again ----------------------------------------------------------------


def recount() -> list[tuple[int, int, int]]:
    """(session id, taken as kept, taken as counted) wherever the two differ. One statement, so one instant."""
    sessions = Session.objects.annotate(counted=_counted()).exclude(taken=F("counted"))
    return list(sessions.order_by("pk").values_list("pk", "taken", "counted"))


def _counted() -> Coalesce:
    rows = Placement.objects.taking().filter(session=OuterRef("pk")).order_by().values("session")
    return Coalesce(Subquery(rows.annotate(total=Sum("places")).values("total"), output_field=IntegerField()), 0)


@transaction.atomic
def raise_alarms(now: dt.datetime) -> int:
    """Compare what sessions say is taken with their placements, and put each difference on the hub's desk.

    An alarm, never a repair: a wrong count has a cause, and somebody has to look. Returns how many differ.
    """
    wrong = {pk: (kept, counted) for pk, kept, counted in recount()}
    known = {alarm.session_id: alarm for alarm in PlacesAlarm.objects.filter(gone_at=None)}
    for session in Session.objects.filter(pk__in=wrong.keys()).order_by("pk"):
        kept, counted = wrong[session.pk]
        alarm = known.pop(session.pk, None) or PlacesAlarm(hub_id=session.hub_id, session=session, found_at=now)
        alarm.kept, alarm.counted = kept, counted
        alarm.save()
    PlacesAlarm.objects.filter(pk__in=[alarm.pk for alarm in known.values()]).update(gone_at=now)
    return len(wrong)


@transaction.atomic
def correct(alarm: PlacesAlarm, reason: str, *, by: Actor, now: dt.datetime) -> None:
    """Count the session's placements once more and believe them. More than its places makes it over-committed."""
    if not by.may(alarm, HUB_STAFF):
        raise CannotAct(_("Only the hub corrects a count."))
    if not reason.strip():
        raise Refused(_("Say what you found: whoever looks for the cause reads it."))
    session = lock([alarm.session_id])[alarm.session_id]
    counted = Session.objects.filter(pk=session.pk).annotate(counted=_counted()).values_list("counted", flat=True)[0]
    Session.objects.filter(pk=session.pk).update(
        taken=counted, over_committed=Q(places__lt=counted), version=F("version") + 1
    )
    PlacesAlarm.objects.filter(session=session, gone_at=None).update(gone_at=now)
    record(session, "recounted", by=by, now=now, reason=reason, before=session.taken, after=counted)
