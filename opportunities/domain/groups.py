"""How small and how large a group may be that one session takes."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from hubs.actors import Actor
from hubs.errors import Refused
from hubs.log import record
from hubs.moves import lock_state
from opportunities.domain.sessions import check_largest, need_writer
from opportunities.models import Session


@transaction.atomic
def set_group(
    session: Session, least: int, most: int | None, *, seen: tuple[int, int | None] | None = None, by: Actor,
    now: dt.datetime,
) -> None:  # fmt: skip
    """From `least` to `most` students of one school; None is "as many as there are places". What was taken before
    stays. Refused, with code "stale", when they are no longer what the editor read (`seen`)."""
    need_writer(session.opportunity, by)
    lock_state(session, "group_min", "group_max", "places")
    before = (session.group_min, session.group_max)
    if session.state != "planned":
        raise Refused(_("This session is over or called off."))
    if seen is not None and seen != before:
        raise Refused(_("Somebody else changed the size meanwhile. Look again, then save yours."), code="stale")
    if not 1 <= least <= session.places:
        sentence = _("The smallest group is 1 to %(places)s students, as many as there are places.")
        raise Refused(sentence % {"places": session.places})
    check_largest(least, most)
    Session.objects.filter(pk=session.pk).update(group_min=least, group_max=most)
    session.group_min, session.group_max = least, most
    record(session, "group_set", by=by, now=now, before=list(before), after=[least, most])
