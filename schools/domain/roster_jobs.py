"""Large rosters: the import's row waits, a job carries it out; killed at any point, it is taken up again."""

from __future__ import annotations

import datetime as dt
import logging

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from hubs.actors import Actor, system
from hubs.errors import Refused
from hubs.languages import speaking
from hubs.moves import move
from schools.domain import words_roster
from schools.domain.rights import CannotApplyYet, needs_keeper
from schools.domain.roster import (
    RosterPlan,
    apply_roster,
    carry_out,
    choices_from,
    new_import,
    packed,
    plan_roster,
    unpacked,
)
from schools.models import Import, PendingImport

log = logging.getLogger(__name__)

#: Longer than a roster of the largest size takes on a slow machine.
LEASE = dt.timedelta(minutes=15)
MOST_TRIES = 3


def queue_roster(pending: PendingImport, plan: RosterPlan, *, by: Actor, now: dt.datetime) -> Import:
    """Leave the confirmed file to the job. Raises `CannotApplyYet`, and `Refused` while another one is at work."""
    needs_keeper(pending, by)
    if not plan.is_settled:
        raise CannotApplyYet(words_roster.roster_unsettled(plan.asks_school, plan.asks_order, plan.problem_count))
    waiting = new_import(plan, by=by, now=now)
    waiting.file = pending
    try:
        with transaction.atomic():
            waiting.save()
    except IntegrityError as clash:
        raise Refused(_("Class lists of this school are being loaded already. Wait until that is done.")) from clash
    return waiting


def load_roster(plan: RosterPlan, *, by: Actor, now: dt.datetime) -> Import:
    """Load a roster that nobody looked at first: at once, or by the job when it is large."""
    needs_keeper(plan.school, by)
    if not plan.is_large:
        return apply_roster(plan, by=by, now=now)
    with transaction.atomic():
        kept = PendingImport.objects.create(
            hub_id=plan.school.hub_id, school=plan.school, kind=PendingImport.Kind.ROSTER, data=packed(plan.parsed),
            file_name=plan.file_name, uploaded_by=by.user, uploaded_at=now,
        )  # fmt: skip
        return queue_roster(kept, plan, by=by, now=now)


def run_due(now: dt.datetime) -> int:
    """Carry out every roster that waits or whose worker died. Returns how many were done."""
    due = Q(state=Import.State.WAITING) | Q(state=Import.State.RUNNING, claimed_until__lt=now)
    rows = Import.objects.filter(due, kind=Import.Kind.ROSTER).order_by("imported_at", "pk")
    return sum(run_one(row, now=now) for row in rows.select_related("school__hub", "file", "imported_by"))


def run_one(row: Import, *, now: dt.datetime) -> bool:
    """One roster, in one transaction: a killed worker leaves nothing behind but its lease."""
    by = system(row.hub_id)
    if not _claim(row, by=by, now=now):
        return False
    try:
        with speaking(row.school.hub.language), transaction.atomic():
            _carry_out(row, by=by, now=now)
    except Refused as refusal:
        _give_up(row, refusal.sentence, by=by, now=now)
        return False
    except Exception:
        # The next run tries again; the row says nothing of students, and neither does this line.
        log.exception("roster import %s failed", row.pk)
        if row.tries >= MOST_TRIES:
            sentence = _("Loading stopped in the middle, %(n)s times; nothing was changed. Ask the hub.")
            _give_up(row, sentence % {"n": row.tries}, by=by, now=now)
        return False
    return True


def _claim(row: Import, *, by: Actor, now: dt.datetime) -> bool:
    until = now + LEASE
    if row.state == Import.State.WAITING:
        try:
            move(row, Import.State.RUNNING, by=by, now=now, also={"claimed_until": until, "tries": row.tries + 1})
        except Refused:
            return False
        return True
    same = Import.objects.filter(pk=row.pk, state=Import.State.RUNNING, claimed_until=row.claimed_until)
    taken = same.update(claimed_until=until, tries=F("tries") + 1)
    row.claimed_until, row.tries = until, row.tries + 1
    return bool(taken)


def _carry_out(row: Import, *, by: Actor, now: dt.datetime) -> None:
    if row.file is None:
        raise Refused(_("The file is gone. Upload it again."))
    parsed = unpacked(bytes(row.file.data))
    plan = plan_roster(
        row.school, parsed, now=now, choices=choices_from(row.mapping), file_name=row.file_name, sha256=row.sha256
    )
    # First, because of two workers the second then waits for this row and finds it done.
    move(row, Import.State.DONE, by=by, now=now, also={"claimed_until": None, "problem": ""})
    carry_out(row, plan, by=by, now=now)
    row.file.delete()


def _give_up(row: Import, sentence: str, *, by: Actor, now: dt.datetime) -> None:
    row.refresh_from_db(fields=["state"])
    if row.state == Import.State.RUNNING:
        move(row, Import.State.FAILED, by=by, now=now, also={"claimed_until": None, "problem": sentence[:300]})


def try_again(row: Import, *, by: Actor, now: dt.datetime) -> None:
    """A person sends a failed roster round once more. Raises `CannotMove`, `CannotAct`."""
    move(row, Import.State.WAITING, by=by, now=now, also={"tries": 0, "problem": ""})
