"""The same request again: what of it can still be asked for, as a draft, and what cannot."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from hubs.actors import Actor
from opportunities.models import Session
from placements.domain import wishes
from placements.domain.requests import CannotRequest, request_places
from placements.domain.windows import next_year
from placements.domain.windows import of as windows_of
from placements.domain.wishes import Kind, Wished
from placements.models import PlacementRequest


@dataclass(frozen=True)
class Copy:
    """A draft of the same again; and in a sentence each, wishes it has not, or not as they were, with the reason."""

    request: PlacementRequest
    left_out: list[str]


def copy_request(request: PlacementRequest, *, by: Actor, now: dt.datetime) -> Copy:
    """A draft of the same again: for the group as large as it is now, in the same weeks of the year to come, with the
    next session of each opportunity wished for, or where there is none, any session of its kind. Nobody is named.
    What is not offered here any more is left out, and said.

    Raises `CannotRequest` when nothing of it is left, and as `request_places` does for a draft.
    """
    wished: list[Wished] = []
    left_out: list[str] = []
    for one in wishes.read(request):
        again, why = _again(request, one, wished, now)
        if why:
            left_out.append(_("%(session)s: %(why)s") % {"session": wishes.label(one), "why": why})
        if again is not None and again not in wished:
            wished.append(again)
    if not wished:
        raise CannotRequest(" ".join([_("Nothing this request wished for is offered any more."), *left_out]))
    group = request.group if request.group is not None and request.group.is_active else None
    made = request_places(
        request.school,
        group=group,
        places=(group.size if group else 0) or request.places,
        wished=wished,
        windows=next_year(windows_of(request), request.hub.today(now)),
        needs=request.needs,
        note=request.note,
        is_provisional=request.is_provisional,
        max_travel=request.max_travel,
        draft=True,
        by=by,
        now=now,
    )
    return Copy(made, left_out)


def _again(
    request: PlacementRequest, one: Wished, but: Sequence[Wished], now: dt.datetime
) -> tuple[Wished | None, str]:  # fmt: skip
    """What a wish is copied as, if anything, and why not as it was."""
    again = _following(request, one, but, now) if isinstance(one, Session) else one
    if isinstance(again, Session) or not (why := wishes.not_offered(again, request.hub_id)):
        return again, ""
    plain = Kind(again.encounter_type, again.sector)
    if again.step and not wishes.not_offered(plain, request.hub_id):
        return plain, _("%(why)s Any session of its kind is wished for instead.") % {"why": why}
    return None, why


def _following(request: PlacementRequest, session: Session, but: Sequence[Wished], now: dt.datetime) -> Wished:
    offered = Session.objects.open_to(request.school, now).filter(opportunity=session.opportunity_id)
    taken = [one.pk for one in wishes.sessions_of(but)]
    following = offered.exclude(pk__in=taken).order_by("starts_at", "pk").first()
    return following or Kind(session.opportunity.encounter_type)
