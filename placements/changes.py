"""A change that somebody is asked about, as pages of the placement show it."""

from __future__ import annotations

import datetime as dt

from django.urls import reverse
from django.utils.translation import gettext as _

from hubs.errors import Refused
from placements.domain import amending
from placements.domain.sides import CannotChange
from placements.models import Amendment, Placement
from placements.models.placement import CHANGEABLE


def standing(placement: Placement, now: dt.datetime) -> Amendment | None:
    """The change that waits for an answer, with its placement."""
    found = placement.amendments.standing(now).first()
    if found is not None:
        found.placement = placement
    return found


def waits(amendment: Amendment) -> list[str]:
    """Who has still to agree, by name."""
    placement = amendment.placement
    return [placement.school.name if side == "school" else placement.employer.name for side in amendment.asks]


def shown(placement: Placement, side: str, now: dt.datetime) -> dict | None:
    """{difference, why, waits, asked, url} of placements/pieces/change_asked.html for "school", "employer" or "hub"
    (which has no page for it: there `url` is empty); None when nothing is asked."""
    amendment = standing(placement, now)
    if amendment is None:
        return None
    return {
        "difference": amending.difference(amendment),
        "why": amending.reason_of(amendment),
        "waits": waits(amendment),
        "asked": side in amendment.asks,
        "url": reverse(f"{side}-placement-change", args=[placement.pk]) if side != "hub" else "",
    }


def badge(placement: Placement) -> dict | None:
    """Instead of the state in lists, of rows `with_change_asked`; what is only offered says what it waits for."""
    asked = getattr(placement, "change_asked", False) and placement.state in CHANGEABLE
    return {"tone": "attention", "word": _("Change asked for")} if asked else None


# ---- The hub's hand: it answers for whoever was asked --------------------------------


def mark(placement: Placement) -> str:
    """Which change its reader looks at."""
    return str(placement.amendments.filter(state="proposed").values_list("pk", flat=True).first() or "")


def agree(placement: Placement, text: str, *, seen: str | None, **how) -> None:
    amending.agree(_looked_at(placement, seen), **how)


def refuse(placement: Placement, text: str, *, seen: str | None, **how) -> None:
    amending.refuse(_looked_at(placement, seen), text, **how)


def _looked_at(placement: Placement, seen: str | None) -> Amendment:
    """The change that was read, never another that was asked for meanwhile. Raises `CannotChange`."""
    found = placement.amendments.filter(state="proposed").first()
    if found is None:
        raise CannotChange(_("This change is settled already."))
    if str(found.pk) != seen:
        raise Refused(_("Another change is asked for by now. Go back and read it first."), code="stale")
    return found
