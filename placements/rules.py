"""Guards of the moves table: each says in a sentence what is still missing, or None."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext as _
from django.utils.translation import ngettext


def blocking_start(placement, now: dt.datetime) -> str | None:
    """Nothing starts before its blocking clearances are done."""
    missing = placement.clearances.filter(blocks__in=["confirm", "start"], state="open").count()
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
