"""What students who leave are still named for: said wherever the school lets somebody go."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _

from hubs.words import days
from placements.models import PlacementStudent
from placements.models.placement import LIVE
from schools.domain.people import STANDING, chunks


def named_for(students: Sequence[int], now: dt.datetime) -> Mapping[int, list[str]]:
    """Live placements not over yet of each student: "Workplace visit, Tue 9 June"."""
    found: dict[int, list[str]] = {}
    for part in chunks(students):
        rows = PlacementStudent.objects.filter(
            student__in=part, placement__state__in=LIVE, placement__session__ends_at__gt=now
        ).select_related("placement__session__opportunity", "placement__hub")
        for row in rows.order_by("placement__session__starts_at", "pk"):
            session = row.placement.session
            when = days(
                session.starts_at.astimezone(session.zone).date(), session.ends_at.astimezone(session.zone).date()
            )
            words = _("%(what)s, %(when)s") % {"what": session.opportunity.title, "when": when}
            found.setdefault(row.student_id, []).append(words)
    return found


STANDING.append(named_for)
