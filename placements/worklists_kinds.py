"""What a worklist of the desk is, and how its lines are worded."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hubs.models import Hub
from hubs.wallclock import working_days_from
from placements.models import Placement, PlacementRequest


class Waiting(NamedTuple):
    """One thing. `since` is when it began to wait, `due` when it should be settled (aware
    datetimes or local dates; None: whenever there is time)."""

    title: str
    who: str
    since: dt.datetime | dt.date
    due: dt.datetime | dt.date | None
    action: str
    url: str


@dataclass(frozen=True)
class Source:
    """One list: `rows(hub, now)` in order; `say(row, hub, now)`; `manager` is the path to whose
    caseload a row belongs, empty when it is nobody's yet; `lapsed(rows, now)` narrows rows that
    left to those that time, and nobody, took from the list; of a `costly` one it is not asked first
    whether it has rows: the question costs what the rows do."""

    key: str
    title: Promise | str
    rows: Callable[[Hub, dt.datetime], QuerySet]
    say: Callable[[Any, Hub, dt.datetime], Waiting]
    manager: str
    lapsed: Callable[[QuerySet, dt.datetime], QuerySet] | None = None
    costly: bool = False


def promised(hub: Hub, since: dt.datetime, days: int) -> dt.date:
    """The day by which the hub said it would have answered, by its own working days."""
    return working_days_from(hub.today(since), days, hub.jurisdiction)


def request_title(row: PlacementRequest) -> str:
    places = ngettext("%(n)d place", "%(n)d places", row.places) % {"n": row.places}
    return _("%(places)s for %(group)s") % {"places": places, "group": row.group} if row.group else places


def placement_title(row: Placement) -> str:
    places = ngettext("%(n)d place", "%(n)d places", row.places) % {"n": row.places}
    return _("%(places)s in %(title)s, %(employer)s") % {
        "places": places, "title": row.session.opportunity.title, "employer": row.employer.name,
    }  # fmt: skip
