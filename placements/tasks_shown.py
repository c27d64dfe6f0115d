"""The task list of a placement: clearances as lines, one for each requirement."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from placements.agreement_text import form_of
from placements.domain import agreements
from placements.models import Clearance, Placement


def task_lines(placement: Placement, *, may: bool) -> tuple[list[dict], list[dict]]:
    """(open, done) for portal/pieces/task_list.html; one statement."""
    rows = placement.clearances.select_related("requirement").order_by("requirement__code", "requirement_id", "pk")
    grouped = [list(same) for _key, same in groupby(rows, key=lambda row: row.requirement_id)]
    lines = [_line(placement, same, may=may) for same in grouped]
    waiting = sorted((line for line in lines if line["open"]), key=lambda line: (line["due"], line["title"]))
    return waiting, [line for line in lines if not line["open"]]


def _line(placement: Placement, rows: Sequence[Clearance], *, may: bool) -> dict:
    first = rows[0]
    left = [row for row in rows if row.state == "open"]
    page = reverse("school-task", args=[placement.pk, first.requirement_id])
    line = {
        "title": first.requirement.title,
        "url": page,
        "who": who_acts(placement, first),
        "due": min(row.due_on for row in left or rows),
        "open": len(left),
        "state": _state(rows, left),
        "done_on": None if left else max((row.done_at for row in rows if row.done_at), default=None),
    }
    if left and may and placement.state in ("accepted", "ready"):
        words = {"host": _("Remind"), "parent": _("Ask parents")}
        line |= {"action_label": words.get(first.responsible, _("Do it")), "action_url": page}
    return line


def who_acts(placement: Placement, clearance: Clearance) -> str:
    if clearance.responsible == "host":
        return placement.employer.name
    return {"school": _("You"), "parent": _("Parents and carers"), "student": _("Students")}[clearance.responsible]


def _state(rows: Sequence[Clearance], left: Sequence[Clearance]) -> dict | None:
    if len(rows) > 1:
        done = len(rows) - len(left)
        return {"tone": "attention", "word": _("%(done)s of %(all)s done") % {"done": done, "all": len(rows)}}
    if rows[0].blocks == "none":
        return {"tone": "information", "word": _("Advice only")}
    return None


def agreement_line(placement: Placement) -> str:
    """Where the written agreement stands, in a sentence; "" while there can be none."""
    if placement.state not in agreements.OPEN_STATES or form_of(placement.hub.jurisdiction) is None:
        return ""
    rows = agreements.current(placement)
    if not rows:
        return _("Not drawn up yet.")
    left = sum(1 for row in rows for line in row.signatures.all() if line.signed_at is None)
    if left:
        return ngettext("%(n)s signature is missing.", "%(n)s signatures are missing.", left) % {"n": left}
    return _("Signed by everybody.")
