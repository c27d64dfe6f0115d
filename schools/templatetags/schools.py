"""Words for the pages of schools."""

from __future__ import annotations

from collections.abc import Iterable

from django import template

from schools.domain.words import listed, weekday_name

register = template.Library()


@register.filter
def weekday_names(numbers: Iterable[int]) -> str:
    """ "Tuesday and Thursday" for [1, 3]."""
    return listed([weekday_name(number) for number in sorted(numbers)])
