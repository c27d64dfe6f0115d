"""Guards of the moves table: each says in a sentence what is still missing, or None."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hubs.words import day


def blocking_start(placement, now: dt.datetime) -> str | None:
    """Nothing starts before its blocking clearances are done."""
    missing = placement.clearances.blocking().count()
    if not missing:
        return None
    return ngettext(
        "%(count)s clearance is still open. See the task list of this placement.",
        "%(count)s clearances are still open. See the task list of this placement.",
        missing,
    ) % {"count": missing}


def not_begun(placement, now: dt.datetime) -> str | None:
    """A placement gets under way when its session begins, not before."""
    if placement.session.starts_at > now:
        return _("The session has not begun yet.")
    return None


def may_begin(placement, now: dt.datetime) -> str | None:
    """It is time, and nothing blocking was opened again since the placement became ready."""
    return not_begun(placement, now) or blocking_start(placement, now)


def still_ahead(placement, now: dt.datetime) -> str | None:
    """Places are asked for and agreed before the session begins."""
    return begun(placement.session, now)


def may_offer(placement, now: dt.datetime) -> str | None:
    """A hold that has run out is nobody's, whether or not its places were given back yet; and an employer's
    yes would bind a school that has not decided."""
    if sentence := begun(placement.session, now):
        return sentence
    if placement.held_until is not None and placement.held_until <= now:
        return _("This hold has run out. Hold the places again.")
    if placement.request_id and placement.request.is_provisional:
        return _("The request is provisional. The school says first that it is firm; then ask the employer.")
    return None


def begun(session, now: dt.datetime) -> str | None:
    """Why places of this session can no longer be held, offered or agreed, or None."""
    if session.starts_at <= now:
        return _("This session has begun already, so its places can no longer be given.")
    return None


def not_offered(session) -> str | None:
    """Why nobody can be given places of this session, or None: it was called off, or its offer is not
    published (not approved yet, paused or withdrawn). Both are read under the session's lock (`capacity.lock`)."""
    if session.state == "planned" and session.opportunity.state == "published":
        return None
    return _("This session is no longer offered.")


def outside_its_days(session, today: dt.date, *, was_in_time: bool = False) -> str | None:
    """Why nobody asks for places of this session today, or None: its requests are still to open, or closed already.
    Whoever asked `was_in_time` is not late."""
    if session.opens_on and today < session.opens_on:
        return _("Requests open on %(day)s.") % {"day": day(session.opens_on, today)}
    if session.closes_on and today > session.closes_on and not was_in_time:
        return _("Requests closed on %(day)s.") % {"day": day(session.closes_on, today)}
    return None


def waits_for_others(amendment, now: dt.datetime) -> str | None:
    """A yes stands, except to a move of a whole session that is not made yet."""
    if amendment.session_move is None or amendment.session_move.state == "done":
        return _("This change is settled already.")
    return None
