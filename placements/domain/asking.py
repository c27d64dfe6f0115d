"""Asking employers: several at once, with the same words, and never more often than they want."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from django.db import transaction
from django.db.models import Count
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from employers.models import Employer
from hubs.actors import Actor
from hubs.errors import Refused
from hubs.locks import lock_rows
from hubs.moves import check
from placements.domain import brokering
from placements.domain.sequences import series_of
from placements.models import Placement

LATELY = dt.timedelta(days=30)
#: Ready words to an employer; a broker changes them as they like.
WORDS: Mapping[str, tuple[Promise | str, Promise | str]] = {
    "plain": (
        gettext_lazy("Short"),
        gettext_lazy("This group fits your session well. Can you take them? A no is fine too."),
    ),
    "first": (
        gettext_lazy("The first time"),
        gettext_lazy(
            "You have not hosted through us before, so here is how it goes: you say yes or no, the school clears the "
            "paperwork, and five days before you get one page with all you need. Ring us with any question."
        ),
    ),
    "again": (
        gettext_lazy("They know us"),
        gettext_lazy("Thank you for the last time. Another group would like to come; would it suit you again?"),
    ),
}


class CannotAsk(Refused):
    """The employer was asked as often as it wants to be."""

    code = "asked_enough"


def asked_lately(employers: Sequence[int], now: dt.datetime) -> dict[int, int]:
    """How often each employer was asked in the last 30 days, by its id; one statement."""
    rows = Placement.objects.filter(employer__in=employers, offered_at__gte=now - LATELY).order_by()
    counted = dict(rows.values_list("employer").annotate(Count("pk")))
    return {pk: counted.get(pk, 0) for pk in employers}


def offer_all(
    placements: Sequence[Placement], message: str, *, even_so: bool = False, days: int | None = None,
    by: Actor, now: dt.datetime,
) -> None:  # fmt: skip
    """Ask the employers of held placements of one request at once: all of them or none. The one way by which pages,
    clients and the line of a request ask. `days`: working days to answer, the hub's own when none are given.

    Raises `CannotAsk` when one of them would be asked more often in 30 days than it wants,
    unless `even_so`; and as `brokering.offer` does. Nothing is binding before an answer.
    """
    if not placements:
        raise Refused(_("Tick at least one of the held places."))
    with transaction.atomic():
        for placement in placements:
            check(placement, "offered", by=by, now=now)  # who may not ask learns nothing of the quota
        if not even_so:
            _respect(placements, now)
        several = is_one_of_several(placements[0], placements)
        for placement in sorted(placements, key=lambda row: row.pk):
            brokering.offer(placement, by=by, now=now, message=message, days=days, several=several)


def is_one_of_several(placement: Placement, asked_now: Sequence[Placement] = ()) -> bool:
    """Whether a yes to it may come too late: others are asked for the same students, so that not all are needed."""
    request = placement.request
    if request is None:
        return False
    asked = {row.pk: row for row in (*request.placements.filter(state="offered"), *asked_now, placement)}
    if len(asked) < 2:
        return False
    series = series_of(asked.values())
    needed: dict[int, int] = defaultdict(int)
    for row in asked.values():
        needed[series[row.pk]] = max(needed[series[row.pk]], row.places)
    return len(needed) > 1 and sum(needed.values()) > request.places


def offer(placement: Placement, *, message: str = "", even_so: bool = False, by: Actor, now: dt.datetime) -> None:
    """Ask the employer of one held placement. Raises as `offer_all` does."""
    offer_all([placement], message, even_so=even_so, by=by, now=now)


def _respect(placements: Sequence[Placement], now: dt.datetime) -> None:
    """Raise `CannotAsk` when somebody is asked enough."""
    asked = {row.employer_id for row in placements}
    hold_employers(asked)
    lately = asked_lately(sorted(asked), now)
    for employer in Employer.objects.filter(pk__in=asked).order_by("pk"):
        pk = employer.pk
        more = sum(row.employer_id == pk for row in placements)
        if lately[pk] + more > employer.wants_asking_per_month:
            raise CannotAsk(
                ngettext(
                    "%(employer)s was asked once in 30 days and wants at most %(most)s. Ask another, or tick on "
                    "the request's page of the desk that you ask even so.",
                    "%(employer)s was asked %(n)s times in 30 days and wants at most %(most)s. Ask another, or tick "
                    "on the request's page of the desk that you ask even so.",
                    lately[pk],
                )
                % {"employer": employer.name, "n": lately[pk], "most": employer.wants_asking_per_month},
                employer=pk,
            )


def hold_employers(employers: Collection[int]) -> None:
    """Hold the employers' rows, so that two who ask at once are counted one after the other."""
    lock_rows(Employer.objects.filter(pk__in=employers))
