"""A template as an employer reads it: its steps in order, the days they would have, the standards they serve."""

from __future__ import annotations

import datetime as dt

from employers import framing
from hubs.languages import read_language
from hubs.models import Hub
from opportunities.domain import plans
from opportunities.domain.upgrades import Difference
from opportunities.models import ActionPlanTemplate
from opportunities.translating import speak, speak_steps


def speak_difference(template: ActionPlanTemplate, found: Difference) -> None:
    """For the reader: the plan's own steps and `template` as before, what comes in the words of the newer version."""
    changed = [one.step for one in found.changed]
    speak_steps([*changed, *found.dropped, *found.kept])
    speak(template, [], read_language())
    speak(found.newer, [step for step, _day in found.added] + [one.newer for one in found.changed], read_language())


def shown(template: ActionPlanTemplate, hub: Hub, now: dt.datetime, language: str = "") -> dict:
    """What its page needs, were it adopted now: `template`, `year` (its first day) and `steps`, each a step with the
    day it would be due and the standard it serves; all in `language`, by default the reader's, where it is translated.
    Raises `Circle`."""
    language = language or read_language()
    year = plans.year_for(hub, now)
    named = framing.standards_named(hub.pk, language)
    days = plans.dated(template, hub, *hub.academic_year_of(year), hub.today(now))
    speak(template, [step for step, _due in days], language)
    steps = [{"step": step, "due": due, "standard": named.get(step.standard)} for step, due in days]
    return {"template": template, "year": year, "steps": steps}
