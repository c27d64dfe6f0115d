"""Between the rows of a pathway and the engine that judges by them."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext as _

from opportunities.pathways import Rules, Step, never_open
from opportunities.pathways_words import sentence

UNACCOMPANIED = frozenset({"T3", "T4"})


def rules_of(pathway) -> Rules:
    return Rules(pathway.shorter_first, pathway.other_sector, pathway.small_by)


def steps_of(pathway) -> list[Step]:
    """The engine's steps, in order; types and sectors by their codes."""
    return [_step(row) for row in pathway.steps.all()]


def _step(row) -> Step:
    return Step(
        type=row.encounter_type.code,
        hours=float(row.encounter_type.hours),
        unaccompanied=row.encounter_type.tier in UNACCOMPANIED,
        sector=row.sector.code if row.sector else "",
        opportunity=row.opportunity_id,
        year=row.year_number,
        after=frozenset({row.needs_type.code} if row.needs_type else ()),
        gap_weeks=row.gap_weeks,
    )


def names_of(pathway) -> dict[str, str]:
    """The names of the types and sectors its steps speak of, by code."""
    found = {}
    for row in pathway.steps.all():
        for one in (row.encounter_type, row.needs_type, row.sector):
            if one is not None:
                found[one.code] = one.name
    return found


def cannot_be_walked(pathway, now: dt.datetime) -> str | None:
    """Guard: why somebody who begins at the first step would be stopped on the way, or None."""
    steps = steps_of(pathway)
    if not steps:
        return _("A pathway needs at least one step. Add one, then publish.")
    names = names_of(pathway)
    stopped = [
        _("Step %(n)s, %(step)s: %(why)s")
        % {"n": number + 1, "step": names[steps[number].type], "why": " ".join(sentence(one, names) for one in why)}
        for number, why in never_open(steps, rules_of(pathway))
    ]
    return " ".join(stopped) or None
