"""Reminders for those who came to stand for a side after it was agreed.

Whoever takes somebody's place is written to when that row is claimed (`hubs.outbox.hand_on`). Somebody who comes
beside the others, or to a side for which nobody stood, is found here, however they came.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict

from django.db import transaction

from employers.people import employer_people
from hubs.models import Message
from hubs.moves import lock_state
from hubs.outbox import Recipient
from placements.domain import reminders
from placements.domain.calendar import AGREED
from placements.domain.people import school_people
from placements.models import Placement

#: By organisation, for the length of one run.
People = dict[int, list[Recipient]]
#: Of whom a placement's reminders are written: addresses in lower case and ids of accounts.
Written = set[str | int]


def write_missing(now: dt.datetime, *, batch: int = 200) -> int:
    """Write what is still to be said of everything agreed that is not over. Returns for how many placements
    somebody was missing; each is its own transaction."""
    done, last, known = 0, 0, People()
    agreed = Placement.objects.with_all().filter(state__in=AGREED, session__ends_at__gt=now)
    while rows := list(agreed.filter(pk__gt=last).order_by("pk")[:batch]):
        last = rows[-1].pk
        written = _written(rows)
        done += sum(_write(row.pk, now) for row in rows if any(_missing(row, written[row.pk], known)))
    return done


def _missing(placement: Placement, written: Written, known: People) -> tuple[list[Recipient], list[Recipient]]:
    """Of the school, and of the employer."""
    if placement.school_id not in known:
        known[placement.school_id] = school_people(placement.school)
    if placement.employer_id not in known:
        known[placement.employer_id] = employer_people(placement.employer)
    school, employer = (
        [one for one in known[pk] if one.address.lower() not in written and one.user_id not in written]
        for pk in (placement.school_id, placement.employer_id)
    )
    return school, employer


def _written(placements: list[Placement]) -> dict[int, Written]:
    versions = {row.pk: str(row.sequence) for row in placements}
    found: dict[int, Written] = defaultdict(set)
    rows = Message.objects.filter(
        subject_type=Placement._meta.label_lower, subject_id__in=list(versions), kind=reminders.FOR_EVERYBODY
    )
    for pk, version, address, user_id in rows.values_list("subject_id", "version", "address", "user_id"):
        if version == versions[pk]:
            found[pk].update({address.lower(), *([user_id] if user_id else [])})
    return found


@transaction.atomic
def _write(pk: int, now: dt.datetime) -> int:
    placement = Placement.objects.with_all().get(pk=pk)
    lock_state(placement, "sequence", "session")
    if placement.state not in AGREED:
        return 0
    school, employer = _missing(placement, _written([placement])[pk], People())
    reminders.write_for(placement, school, employer, now=now)
    return int(bool(school or employer))
