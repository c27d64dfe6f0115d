"""What a mail about a placement rests on: the rows it reads its days, place and title from.

While a mail is handed over nobody changes one of them, and one made before a change is made
anew (`hubs.handover`).
"""

from __future__ import annotations

from django.db.models import Model

from opportunities.models import Session
from placements.models import Clearance, Placement, PlacementRequest


def rests_on(row: Placement | Clearance | PlacementRequest) -> tuple[Model, ...]:
    """The row and what it hangs from."""
    if isinstance(row, Clearance):
        return row, *rests_on(row.placement)
    if isinstance(row, Placement):
        # In two statements, and kept with the row: the mail is made from the same.
        sessions = Session.objects.select_related("opportunity__site").prefetch_related("days")
        row.session = sessions.get(pk=row.session_id)
        return row, *of_session(row.session)
    return (row,)


def of_session(session: Session) -> tuple[Model, ...]:
    """When, where and what: the session with its days, its opportunity and the site of that."""
    opportunity = session.opportunity
    site = (opportunity.site,) if opportunity.site is not None else ()
    return session, *session.days.all(), opportunity, *site
