"""Where the one button of a mail leads: the page on which its reader sees or does what it is about.

Whoever has an account signs in; whoever has none comes in by a signed link of their own.
"""

from __future__ import annotations

import datetime as dt

from django.urls import reverse

from hubs.links import link_for
from hubs.models import Message
from placements.models import Amendment, Placement


def school_page(placement: Placement) -> str:
    return placement.hub.url(reverse("school-placement", args=[placement.pk]))


def answer_page(placement: Placement, message: Message, now: dt.datetime) -> str:
    """By link, until it begins: the request, what was answered, and what the host still confirms."""
    days = max(1, (placement.session.starts_at - now).days + 1)
    _link, token = link_for(placement, "answer", now=now, days=days, address=message.address, name=message.name)
    return placement.hub.url(reverse("answer-link", args=[token]))


def change_page(amendment: Amendment, message: Message, now: dt.datetime) -> str:
    """Where the reader answers what is asked to be changed, by link until the day it is about."""
    placement = amendment.placement
    if message.organisation_id == placement.employer_id and message.user_id is None:
        days = max(1, (placement.session.starts_at - now).days + 1)
        _link, token = link_for(amendment, "change", now=now, days=days, address=message.address, name=message.name)
        return placement.hub.url(reverse("change-link", args=[token]))
    side = "school" if message.organisation_id == amendment.school_id else "employer"
    return placement.hub.url(reverse(f"{side}-placement-change", args=[placement.pk]))


def page_of_the_day(placement: Placement, message: Message, now: dt.datetime, *, days: int) -> str:
    """By link, for so many days from now: who comes, who is there, how it was."""
    _link, token = link_for(placement, "host", now=now, days=days, address=message.address, name=message.name)
    return placement.hub.url(reverse("host-link", args=[token]))


def own_page(placement: Placement, message: Message, now: dt.datetime) -> str:
    """The placement as the reader of this message sees it."""
    if message.organisation_id == placement.school_id:
        return school_page(placement)
    if message.organisation_id != placement.employer_id:
        return placement.hub.url(reverse("placements:inspect", args=[placement.pk]))
    if message.user_id is None:
        return answer_page(placement, message, now)
    return placement.hub.url(reverse("employer-placement", args=[placement.pk]))
