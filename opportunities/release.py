"""Who may ask for an opportunity when: named schools at once, priority schools from a day, then everybody.

The one rule, without a database. `models.offer.released` says the same to one, and a test holds the two together.
"""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from django.utils.translation import gettext as _

from hubs.errors import Refused
from hubs.words import day as say

FURTHEST = dt.timedelta(days=731)
A_YEAR = dt.timedelta(weeks=52)  # as the sessions of next year's offer move


class Release(NamedTuple):
    """Local dates of the hub, each the first day it is open to those: `all_from` to every school (None: from the
    start), `priority_from` to schools the hub gives priority (None: no earlier than to all)."""

    priority_from: dt.date | None = None
    all_from: dt.date | None = None

    def opens_on(self, *, named: bool, priority: bool) -> dt.date | None:
        """The first day for a school that is `named`, or has `priority`; None where it is open from the start."""
        if named or self.all_from is None:
            return None
        if priority and self.priority_from is not None:
            return min(self.priority_from, self.all_from)
        return self.all_from

    def waits_until(self, today: dt.date, *, named: bool = False, priority: bool = False) -> dt.date | None:
        """The day it opens to such a school, or None once it is open to it."""
        opens = self.opens_on(named=named, priority=priority)
        return opens if opens is not None and today < opens else None


def a_year_later(release: Release, today: dt.date) -> Release:
    """The same release for what is offered again next year, never further ahead than can be said."""
    return Release(*(on and min(on + A_YEAR, today + FURTHEST) for on in release))


def check_release(release: Release, *, first: bool, today: dt.date) -> None:
    """Raise `Refused` unless those who come later have a day to come, in order and within a year. `first`: whether
    schools are named."""
    if release.all_from is None:
        if first or release.priority_from:
            raise Refused(_("Say from which day all schools can ask; until then it is for those you put first."))
        return
    if release.priority_from and release.priority_from > release.all_from:
        raise Refused(_("Priority schools cannot come after all schools. Choose an earlier day for them."))
    if release.all_from > today + FURTHEST:
        late = {"day": say(release.all_from)}
        raise Refused(_("%(day)s is more than two years away. Look at the year.") % late)
