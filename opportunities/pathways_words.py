"""What the pathway engine found, in sentences."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hubs.words import day
from opportunities.pathways import DUE, GAP, MET, MISSED, NEEDS_TYPE, SAME_SECTOR, SHORTER_FIRST, Reason


def sentence(why: Reason, names: Mapping[str, str]) -> str:
    """The reason for a reader; `names` are those of types and sectors by code."""
    words = {
        NEEDS_TYPE: _("“%(what)s” has to come first."),
        SHORTER_FIRST: ngettext(
            "%(needed)s shorter encounter has to come before days without school staff; there are %(have)s.",
            "%(needed)s shorter encounters have to come before days without school staff; there are %(have)s.",
            why.needed,
        ),
        SAME_SECTOR: ngettext(
            "%(what)s was the sector of the last encounter. Another one comes first.",
            "%(what)s was a sector of the last %(needed)s encounters. Another one comes first.",
            why.needed,
        ),
        GAP: _("Not before %(on)s, to leave time after the step before."),
    }
    facts = {"what": names.get(why.what, why.what), "needed": why.needed, "have": why.have}
    return words[why.code] % {**facts, "on": day(why.on) if why.on else ""}


def avoid_sentence(avoid: Iterable[str], names: Mapping[str, str]) -> str:
    """What to choose next, or nothing when every sector will do."""
    sectors = sorted(names.get(code, code) for code in avoid)
    if not sectors:
        return ""
    return _("Choose another sector than %(sectors)s.") % {"sectors": ", ".join(sectors)}


def small_sentence(state: str | None, year: int | None) -> str:
    """Where the rule of the small employer stands; nothing when there is none."""
    words = {
        MET: _("Has met a small employer."),
        DUE: _("Has to meet a small employer by the end of year %(year)s."),
        MISSED: _("Has met no small employer by the end of year %(year)s."),
    }
    return words[state] % {"year": year} if state else ""
