"""A template as an employer reads it: its steps in order, the days they would have, the standards they serve."""

from __future__ import annotations

import datetime as dt

from employers import framing
from hubs.languages import read_language
from hubs.models import Hub
from opportunities.domain import plans
from opportunities.models import ActionPlanTemplate


def shown(template: ActionPlanTemplate, hub: Hub, now: dt.datetime) -> dict:
    """What its page needs, were it adopted now: `template`, `year` (its first day) and `steps`, each a step with the
    day it would be due and the standard it serves. Raises `Circle`."""
    year = plans.year_for(hub, now)
    named = framing.standards_named(hub.pk, read_language())
    days = plans.dated(template, hub, *hub.academic_year_of(year), hub.today(now))
    steps = [{"step": step, "due": due, "standard": named.get(step.standard)} for step, due in days]
    return {"template": template, "year": year, "steps": steps}
