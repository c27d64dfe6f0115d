"""When a school's people are away, for messages that can wait."""

from __future__ import annotations

import datetime as dt

from hubs import quiet
from schools.models import Closure, Term


def away(organisation_id: int, day: dt.date) -> bool:
    """Whether the school has no lessons that day as far as its calendar says. An employer, and
    a school whose calendar does not reach that far, is never away."""
    if Closure.objects.filter(school=organisation_id, starts_on__lte=day, ends_on__gte=day).exists():
        return True
    terms = Term.objects.filter(school=organisation_id)
    known = terms.filter(starts_on__lte=day).exists() and terms.filter(ends_on__gte=day).exists()
    return known and not terms.filter(starts_on__lte=day, ends_on__gte=day).exists()


quiet.ask_about(away)
