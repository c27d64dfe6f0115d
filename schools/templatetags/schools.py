"""Words for the pages of schools."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import time

from django import template

from schools.domain.words import hours_between, listed, weekday_name

register = template.Library()


@register.filter
def hours_until(start: time, end: time) -> str:
    """ "09:00–10:30", or "from 12:30 on" where it is the rest of the day."""
    return hours_between(start, end)


@register.filter
def weekday_names(numbers: Iterable[int]) -> str:
    """ "Tuesday and Thursday" for [1, 3]."""
    return listed([weekday_name(number) for number in sorted(numbers)])
