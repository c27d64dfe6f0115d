"""Large rosters: the import's row waits, a job carries it out; killed at any point, it is taken up again."""

from __future__ import annotations

import datetime as dt

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hubs.actors import Actor, system
from hubs.errors import Refused
from hubs.leases import Work
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

LOADING = Work(
    Import.State.WAITING, Import.State.RUNNING, given_up=Import.State.FAILED,
    stopped=gettext_lazy("Loading stopped in the middle, %(n)s times; nothing was changed. Ask the hub."),
)  # fmt: skip


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
    rows = Import.objects.filter(LOADING.due(now), kind=Import.Kind.ROSTER).order_by("imported_at", "pk")
    return sum(run_one(row, now=now) for row in rows.select_related("hub", "school__hub", "file", "imported_by"))


def run_one(row: Import, *, now: dt.datetime) -> bool:
    """One roster, whole or not at all."""
    return LOADING.run(row, lambda: _carry_out(row, by=system(row.hub_id), now=now), now=now)


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


def try_again(row: Import, *, by: Actor, now: dt.datetime) -> None:
    """A person sends a failed roster round once more. Raises `CannotMove`, `CannotAct`."""
    move(row, Import.State.WAITING, by=by, now=now, also={"tries": 0, "problem": ""})
