"""The days a request may be met on: runs of local days, none of them meaning any day.

A session is inside when each of its days lies in one of the windows.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from hubs.errors import Refused
from hubs.words import days as say
from opportunities.models import Session, SessionDay
from placements.models import PlacementRequest, RequestWindow

MOST = 12
YEAR = dt.timedelta(weeks=52)  # the same weekday of the year after


class Window(NamedTuple):
    """Local dates, both inclusive."""

    first: dt.date
    last: dt.date

    def __str__(self) -> str:
        return say(self.first, self.last)


def of(request: PlacementRequest) -> list[Window]:
    return [Window(row.first_on, row.last_on) for row in request.windows.all()]


def put(request: PlacementRequest, windows: Iterable[Window]) -> None:
    """In place of those it has; the caller's transaction holds the request."""
    request.windows.all().delete()
    RequestWindow.objects.bulk_create(
        RequestWindow(
            hub_id=request.hub_id, school_id=request.school_id, request=request, first_on=one.first, last_on=one.last
        )
        for one in sorted(set(windows))
    )


def check(windows: Sequence[Window]) -> None:
    """Raise `Refused` for what could be no window, or for more of them than anybody means."""
    if any(one.last < one.first for one in windows):
        raise Refused(_("The last day of a window is before its first. Choose a later one."))
    if len(windows) > MOST:
        raise Refused(_("At most %(most)s windows. Join some of them.") % {"most": MOST})


def are_over(windows: Sequence[Window], today: dt.date) -> bool:
    return bool(windows) and all(one.last < today for one in windows)


def next_year(windows: Iterable[Window], today: dt.date) -> list[Window]:
    """Those that are over as they fall a year later, or as many years as it takes."""
    found = []
    for one in windows:
        while one.last < today:
            one = Window(one.first + YEAR, one.last + YEAR)
        found.append(one)
    return found


def outside(session: Session, windows: Sequence[Window]) -> str | None:
    """Why the session is in none of them, in a sentence, or None."""
    if not windows or all(any(one.first <= day.on <= one.last for one in windows) for day in session.days.all()):
        return None
    return _("Not on the days this request names: %(windows)s.") % {"windows": "; ".join(map(str, windows))}


def inside(sessions: QuerySet[Session], windows: Sequence[Window]) -> QuerySet[Session]:
    """Those with every day in one of the windows."""
    if not windows:
        return sessions
    within = Q()
    for one in windows:
        within |= Q(on__range=one)
    return sessions.filter(~Exists(SessionDay.objects.filter(~within, session=OuterRef("pk"))))


def inside_those_of(request: OuterRef) -> Q:
    """The same for sessions of a subquery, with `request` as seen from their days."""
    asked = RequestWindow.objects.filter(request=request)
    day_of = asked.filter(first_on__lte=OuterRef("on"), last_on__gte=OuterRef("on"))
    return Q(~Exists(SessionDay.objects.filter(~Exists(day_of), Exists(asked), session=OuterRef("pk"))))
