"""What the hub's clock may not be changed under."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import ngettext

from hubs.domain.settings import IN_THE_WAY
from hubs.models import Hub
from opportunities.models import Session


def sessions_ahead(hub: Hub, changed: frozenset[str], now: dt.datetime) -> str | None:
    """A session keeps its own zone; schools' lessons would be read in another beside it."""
    if "time_zone" not in changed:
        return None
    count = Session.objects.filter(hub=hub, state=Session.State.PLANNED, ends_at__gt=now).count()
    if not count:
        return None
    return ngettext(
        "%(n)s session is still to come, planned by the clock you have now. Change the time zone once it is over.",
        "%(n)s sessions are still to come, planned by the clock you have now. Change the time zone once they are over.",
        count,
    ) % {"n": count}


IN_THE_WAY.append(sessions_ahead)
