"""Long lists of employers: somebody confirmed one, a job carries it out; killed at any point, it is taken up again."""

from __future__ import annotations

import datetime as dt
import logging

from django.db.models import F, Q
from django.utils.translation import gettext as _

from employers.importing import import_list
from employers.models import EmployerImport
from hubs.actors import Actor, actor_for, system
from hubs.errors import CannotAct, Refused
from hubs.languages import speaking
from hubs.moves import move

log = logging.getLogger(__name__)

#: Longer than the longest list takes on a slow machine.
LEASE = dt.timedelta(minutes=15)
MOST_TRIES = 3
State = EmployerImport.State


def run_due(now: dt.datetime) -> int:
    """Carry out every list that was confirmed, and those whose worker died. Returns how many were imported."""
    due = Q(state=State.QUEUED) | Q(state=State.RUNNING, claimed_until__lt=now)
    rows = EmployerImport.objects.filter(due).select_related("hub", "confirmed_by").order_by("uploaded_at", "pk")
    return sum(run_one(row, now=now) for row in rows)


def run_one(row: EmployerImport, *, now: dt.datetime) -> bool:
    """One list, in one transaction and in the name of whoever confirmed it: a killed worker leaves nothing behind but
    its lease, and of two workers the second finds the list imported."""
    if not _claim(row, now=now):
        return False
    try:
        with speaking(row.hub.language):
            import_list(row, seen=row.seen, inviting=row.inviting, by=_confirmed(row), now=now)
    except Refused as refusal:
        _give_up(row, refusal.sentence, now=now)
        return False
    except Exception:
        # The next run tries again; the row says nothing of people, and neither does this line.
        log.exception("list of employers %s failed", row.pk)
        if row.tries >= MOST_TRIES:
            with speaking(row.hub.language):
                sentence = _("Importing stopped in the middle, %(n)s times; nothing was changed.") % {"n": row.tries}
            _give_up(row, sentence, now=now)
        return False
    return True


def _confirmed(row: EmployerImport) -> Actor:
    person = row.confirmed_by
    by = actor_for(person, row.hub, None, via="page") if person and person.is_active else None
    if by is None:
        raise CannotAct(_("Whoever confirmed this list is of the hub no more. Look at it, and confirm it yourself."))
    return by


def _claim(row: EmployerImport, *, now: dt.datetime) -> bool:
    """Take it on, or say that somebody else has."""
    until = now + LEASE
    if row.state == State.QUEUED:
        try:
            also = {"claimed_until": until, "tries": row.tries + 1}
            move(row, State.RUNNING, by=system(row.hub_id), now=now, also=also)
        except Refused:
            return False
        return True
    same = EmployerImport.objects.filter(pk=row.pk, state=State.RUNNING, claimed_until=row.claimed_until)
    taken = same.update(claimed_until=until, tries=F("tries") + 1)
    row.claimed_until, row.tries = until, row.tries + 1
    return bool(taken)


def _give_up(row: EmployerImport, sentence: str, *, now: dt.datetime) -> None:
    """The list waits again, as it was, and says why."""
    row.refresh_from_db(fields=["state"])
    if row.state == State.RUNNING:
        also = {"claimed_until": None, "problem": sentence[:300]}
        move(row, State.WAITING, by=system(row.hub_id), now=now, also=also)
