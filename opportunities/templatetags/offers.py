"""How opportunities, sessions and steps are toned and drawn."""

from __future__ import annotations

from decimal import Decimal
from math import ceil
from urllib.parse import urlsplit

from django import template

from opportunities import skills
from opportunities.models import PlanStep
from opportunities.translating import spoken

register = template.Library()

_TONES = {
    "draft": "plain", "submitted": "waiting", "published": "good", "paused": "attention", "withdrawn": "stop",
    "planned": "information", "cancelled": "stop", "over": "plain", "done": "good", "skipped": "plain",
    "active": "information", "completed": "good", "abandoned": "stop",
    "held": "good", "quarantined": "waiting", "refused": "stop",
}  # fmt: skip


@register.filter
def whole(hours: Decimal) -> int:
    """Hours rounded up, because a plural needs a whole number."""
    return ceil(hours)


@register.filter
def state_tone(state: str) -> str:
    """The tone of a badge for a state of an opportunity, session, plan, step or document."""
    return _TONES.get(state, "plain")


@register.filter
def in_words(step: PlanStep) -> PlanStep:
    """A step of a plan as the reader reads it."""
    return spoken(step)


@register.filter
def skill_words(codes: list[str]) -> str:
    """What young people practise, in the reader's language, as one line."""
    return ", ".join(skills.words(codes))


@register.filter
def web_host(address: str) -> str:
    """Where a link leads, as people say it."""
    return (urlsplit(address).hostname or address).removeprefix("www.")
