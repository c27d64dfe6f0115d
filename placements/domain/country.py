"""What the hub's country may not be changed under."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import ngettext

from hubs.domain.settings import IN_THE_WAY
from hubs.models import Hub
from placements.models import Placement


def placements_open(hub: Hub, changed: frozenset[str], now: dt.datetime) -> str | None:
    """What one country's rules asked for would be judged ready by another's."""
    if "jurisdiction" not in changed:
        return None
    count = Placement.objects.filter(hub=hub).live().count()
    if not count:
        return None
    return ngettext(
        "%(n)s placement is open under the rules you have now. Change the country once it is over.",
        "%(n)s placements are open under the rules you have now. Change the country once they are over.",
        count,
    ) % {"n": count}


IN_THE_WAY.append(placements_open)
