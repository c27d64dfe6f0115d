"""Long lists of employers: somebody confirmed one, a job carries it out; killed at any point, it is taken up again."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from employers.importing import import_list
from employers.models import EmployerImport
from hubs.actors import Actor, actor_for
from hubs.errors import CannotAct
from hubs.leases import Work

State = EmployerImport.State
#: What could not be done waits again, as it was, and says why.
IMPORTING = Work(
    State.QUEUED, State.RUNNING, given_up=State.WAITING,
    stopped=gettext_lazy("Importing stopped in the middle, %(n)s times; nothing was changed."),
)  # fmt: skip


def run_due(now: dt.datetime) -> int:
    """Carry out every list that was confirmed, and those whose worker died. Returns how many were imported."""
    rows = EmployerImport.objects.filter(IMPORTING.due(now)).select_related("hub", "confirmed_by")
    return sum(run_one(row, now=now) for row in rows.order_by("uploaded_at", "pk"))


def run_one(row: EmployerImport, *, now: dt.datetime) -> bool:
    """One list, in the name of whoever confirmed it."""

    def act() -> None:
        import_list(row, seen=row.seen, inviting=row.inviting, by=_confirmed(row), now=now)

    return IMPORTING.run(row, act, now=now)


def _confirmed(row: EmployerImport) -> Actor:
    person = row.confirmed_by
    by = actor_for(person, row.hub, None, via="page") if person and person.is_active else None
    if by is None:
        raise CannotAct(_("Whoever confirmed this list is of the hub no more. Look at it, and confirm it yourself."))
    return by
