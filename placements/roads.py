"""The road of a request and of a placement, and what happened to it, in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from hubs.models import SCHOOL_ROLES, LogEntry
from hubs.words import day as say
from placements.models import Placement, PlacementRequest, Reply

#: How far each state has come on the road.
REACHED = {"held": 1, "offered": 2, "accepted": 3, "ready": 4, "under_way": 4, "completed": 6, "not_attended": 6}
LOG_SHOWN = 12

OPEN_AGAIN = gettext_lazy("something has to be done again")


def placement_road(placement: Placement, *, cleared_by: dt.date) -> list[dict]:
    """Steps for portal/pieces/placement_road.html. `cleared_by`: when everything should be done."""
    request, reached = placement.request, REACHED.get(placement.state, 0)
    first = {
        "label": _("Asked for"),
        "when": request.submitted_at if request else placement.created_at,
        "who": placement.school.name if request else placement.hub.name,
    }
    steps = [
        first,
        {"label": _("Places held"), "when": placement.created_at, "who": placement.hub.name},
        {"label": _("Employer says yes"), "when": placement.answered_at or placement.answer_by},
        {"label": _("Everything cleared"), "when": cleared_by if reached < 4 else None},
        {"label": _("Takes place"), "when": placement.session.first_on},
        {"label": _("Counted"), "when": placement.closed_at if reached == 6 else None},
    ]
    steps[2] |= {"who": placement.employer.name, "binding": _("From then on it is binding for both sides.")}
    if reached == 0:
        return _stopped(placement, steps)
    done = {1: 2, 2: 2, 3: 3, 4: 4, 6: 6}[reached]
    for number, step in enumerate(steps):
        step["state"] = "done" if number < done else "now" if number == done else "ahead"
    return steps


def _stopped(placement: Placement, steps: list[dict]) -> list[dict]:
    known = 3 if placement.answered_at and placement.state == "cancelled" else 2
    for step in steps[:known]:
        step["state"] = "done"
    end = {
        "label": placement.get_state_display().capitalize(),
        "when": placement.closed_at,
        "state": "stopped",
        "who": placement.employer.name if placement.state == "declined" else "",
    }
    return [*steps[:known], end]


def request_road(request: PlacementRequest, placements: Iterable[Placement], *, now: dt.datetime) -> list[dict]:
    """Steps for portal/pieces/placement_road.html."""
    live = next((p for p in placements if p.state in REACHED), None)
    steps = [
        {"label": _("Sent"), "when": request.submitted_at, "who": request.school.name, "state": "done"},
        {"label": _("The hub holds places"), "who": request.hub.name, "state": "ahead"},
        {"label": _("Employer asked"), "who": live.employer.name if live else "", "state": "ahead"},
        {"label": _("Agreed"), "state": "ahead", "binding": _("Binding for both sides only from here on.")},
    ]
    if request.state in ("refused", "withdrawn"):
        return [steps[0], {"label": request.get_state_display().capitalize(), "state": "stopped"}]
    reached = {"held": 2, "offered": 3}.get(live.state, 4) if live else 0 if request.state == "draft" else 1
    for number, step in enumerate(steps):
        step["state"] = "done" if number < reached else "now" if number == reached else "ahead"
    if live:
        steps[1]["when"] = live.created_at
        steps[2]["when"] = live.offered_at
        steps[3]["when"] = live.answered_at or live.answer_by
    return steps


def history(row: Placement | PlacementRequest) -> list[dict]:
    """What happened, newest first: {at, who, what, reason, reply}. Names only of the school's
    own people; `reply` is the answer by mail that stands there, or None."""
    entries = list(LogEntry.objects.about(row).select_related("by")[:LOG_SHOWN])
    wanted = [entry.facts["reply"] for entry in entries if entry.verb == "mail_received"]
    written = Reply.objects.prefetch_related("files").in_bulk(wanted) if wanted else {}
    return [{**_entry(entry, row), "reply": written.get(entry.facts.get("reply"))} for entry in entries]


def _entry(entry: LogEntry, row: Placement | PlacementRequest) -> dict:
    if entry.verb in ("mail_received", "calendar_answered"):
        return _by_mail(entry, row)
    what = entry.verb_words
    if entry.from_state == "ready" and entry.to_state == "accepted":
        what = OPEN_AGAIN
    facts = ""
    if entry.verb == "marked":
        facts = ngettext("%(n)s present", "%(n)s present", entry.facts["present"]) % {"n": entry.facts["present"]}
    return {"at": entry.at, "who": _who(entry, row), "what": what, "reason": entry.why or facts}


CALENDAR_SAID = {
    "ACCEPTED": gettext_lazy("will come"),
    "TENTATIVE": gettext_lazy("may come"),
    "DECLINED": gettext_lazy("will not come"),
    "COUNTER": gettext_lazy("asks for another time"),
}


def _by_mail(entry: LogEntry, row: Placement) -> dict:
    """What came from outside, by the side whose address it came to."""
    who = row.employer.name if entry.facts["side"] == "employer" else row.school.name
    said = str(CALENDAR_SAID.get(entry.facts.get("said", ""), ""))
    if said and entry.facts.get("alone"):  # of one day of a series
        day = say(dt.date.fromisoformat(entry.facts["on"]))
        said = _("%(day)s: %(answer)s") % {"day": day, "answer": said}
    return {"at": entry.at, "who": who, "what": entry.verb_words, "reason": said}


def _who(entry: LogEntry, row: Placement | PlacementRequest) -> str:
    if entry.hat in SCHOOL_ROLES:
        return str(entry.by or row.school.name)
    if entry.hat.startswith("employer") or entry.hat in ("link:employer", "link:host"):
        return row.employer.name if isinstance(row, Placement) else _("the employer")
    if entry.hat == "system":
        return ""
    return row.hub.name
